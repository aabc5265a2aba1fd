-- Renews or (lease ms 0) gives back the lease of a unit, if this attempt still has it.
-- KEYS: run, units
-- ARGV: unit, fence, task id, lease ms
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HGET', KEYS[2], 'attempt:' .. ARGV[1]) ~= ARGV[2] then return 0 end
if not redis.call('HEXISTS', KEYS[2], 'lease:' .. ARGV[1]) then return 0 end
if ARGV[4] == '0' then
  redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[1])
else
  redis.call('HSET', KEYS[2], 'lease:' .. ARGV[1], string.format('%d %s', now + tonumber(ARGV[4]), ARGV[3]))
end
redis.call('HSET', KEYS[1], 'progress_at', now)
return 1
