-- Reserve the next turns at one host: a generic cell rate algorithm without a burst, on the server's clock.
-- KEYS  state
-- ARGV  count, interval_us, window_us (turns of at most this span at once), horizon_us (none later than this)
-- ->    wait_us until the first turn, count (0: none within the horizon), interval_us between turns
local count, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, horizon = tonumber(ARGV[3]), tonumber(ARGV[4])
local tat, hold, rate, ceil, cut = unpack(redis.call('HMGET', KEYS[1], 'tat', 'hold', 'rate', 'ceil', 'cut'))
local learned = learned_rate(rate, ceil, cut, hold)
if learned then interval = math.max(interval, math.floor(1000000 / learned)) end
local start = math.max(now, tonumber(tat or 0), tonumber(hold or 0))
if start - now > horizon then return {start - now, 0, interval} end
if interval == 0 then return {start - now, count, 0} end
count = math.min(count, math.max(1, math.floor(window / interval)))
local free = start + count * interval
redis.call('HSET', KEYS[1], 'tat', whole(free))
redis.call('PEXPIRE', KEYS[1], math.ceil((free - now) / 1000) + 600000)
return {start - now, count, interval}
