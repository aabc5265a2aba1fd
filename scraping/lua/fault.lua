-- A host gave no answer: count it, and after enough in a row leave the host alone for a while, longer each time.
-- KEYS  state
-- ARGV  threshold, open_us
-- ->    open_us: how long the host is left alone; 0 while it is not
local fails = redis.call('HINCRBY', KEYS[1], 'fails', 1)
local open, trips = unpack(redis.call('HMGET', KEYS[1], 'open', 'trips'))
open, trips = tonumber(open or 0), tonumber(trips or 0)
local open_us = math.max(0, open - now)
-- A host that was down before is down again at the second failure.
if fails >= (trips > 0 and 2 or tonumber(ARGV[1])) then
  open_us = tonumber(ARGV[2]) * 2 ^ math.min(trips, 4)
  redis.call('HSET', KEYS[1], 'open', whole(now + open_us), 'fails', 0, 'trips', trips + 1)
end
redis.call('PEXPIRE', KEYS[1], math.ceil(open_us / 1000) + 600000)
return open_us
