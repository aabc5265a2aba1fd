-- A host said 429 or 503: halve the fleet's rate at it, and hold it as long as it asked.
-- KEYS  state, leases
-- ARGV  hold_us, interval_us (configured, 0 for none), seen (requests per second this batch reached)
-- ->    interval_us from now on, hold_us
local asked, interval, seen = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local hold, rate, ceil, cut = unpack(redis.call('HMGET', KEYS[1], 'hold', 'rate', 'ceil', 'cut'))
local current = learned_rate(rate, ceil, cut, hold)
-- Many refusals of one moment are one refusal.
if current and now - tonumber(cut) < 1000000 then
  rate = current
else
  if not current then
    current = seen * math.max(1, redis.call('HLEN', KEYS[2]))
    if interval > 0 then current = math.min(current, 1000000 / interval) end
  end
  rate = math.max(1 / 30, current / 2)
  redis.call('HSET', KEYS[1], 'rate', tostring(rate), 'ceil', tostring(current), 'cut', whole(now))
end
hold = math.max(tonumber(hold or 0), now + asked)
redis.call('HSET', KEYS[1], 'hold', whole(hold))
redis.call('PEXPIRE', KEYS[1], math.ceil((hold - now) / 1000) + 600000)
return {math.max(interval, math.floor(1000000 / rate)), hold - now}
