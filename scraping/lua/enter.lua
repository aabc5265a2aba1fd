-- A batch asks for its share of the connections to each of its hosts, or renews it. scraping/pacing/rules.py says
-- the same in Python, and the tests hold the two against each other.
-- KEYS  per host: state, leases
-- ARGV  token, lease_us, then per host: want, in_flight, per_host, interval_us
-- ->    per host: share, interval_us, hold_us, open_us
local token, lease = ARGV[1], tonumber(ARGV[2])
local out = {}

for i = 1, #KEYS / 2 do
  local key, leases = KEYS[2 * i - 1], KEYS[2 * i]
  local base = 2 + (i - 1) * 4
  local want, in_flight = tonumber(ARGV[base + 1]), tonumber(ARGV[base + 2])
  local limit, interval = tonumber(ARGV[base + 3]), tonumber(ARGV[base + 4])

  local state = {}
  local flat = redis.call('HGETALL', key)
  for j = 1, #flat, 2 do state[flat[j]] = flat[j + 1] end

  local others, hungry, members = 0, false, 1
  local all = redis.call('HGETALL', leases)
  local rows = {}
  for j = 1, #all, 2 do
    if all[j] ~= token then
      local ends, granted, wanted = string.match(all[j + 1], '(%d+):(%d+):(%d+)')
      if tonumber(ends) <= now then
        redis.call('HDEL', leases, all[j])
      else
        members = members + 1
        others = others + tonumber(granted)
        rows[#rows + 1] = {tonumber(granted), tonumber(wanted)}
      end
    end
  end
  local fair = math.max(1, math.floor(limit / members))
  for _, row in ipairs(rows) do
    if row[1] < math.min(row[2], fair) then hungry = true end
  end
  local share = math.max(0, math.min(want, limit - others))
  if hungry then share = math.min(share, fair) end

  local open = tonumber(state.open or 0)
  local open_us = 0
  if open > now then
    open_us = open - now
  elseif open > 0 then
    -- Half open: this batch may probe with one connection, the others wait for what it finds.
    share = math.min(share, 1)
    redis.call('HSET', key, 'open', whole(now + 10000000))
  end
  -- What is on the wire cannot be taken back at once.
  local held = math.max(share, in_flight)
  redis.call('HSET', leases, token, string.format('%.0f:%d:%d', now + lease, held, want))
  redis.call('PEXPIRE', leases, math.ceil(lease / 1000) + 1000)
  local rate = learned_rate(state.rate, state.ceil, state.cut, state.hold)
  if rate then interval = math.max(interval, math.floor(1000000 / rate)) end
  out[i] = {share, interval, math.max(0, tonumber(state.hold or 0) - now), open_us}
end
return out
