-- Records a step as done with its result, if this attempt is the newest. What is done is never undone here.
-- A report that is written is what the next run is compared with, whether its message is out or not.
-- KEYS: run, units, results, job published
-- ARGV: step, fence, result JSON, run ttl s, run id, published ttl s, snapshot key's start and end, rows ttl s,
--       then field, value … for the run
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'running' then return 0 end
if redis.call('HGET', KEYS[1], ARGV[1] .. ':state') == 'done' then
  -- Asked again because our answer was lost on its way: it was this attempt that did it.
  return redis.call('HGET', KEYS[2], 'by:' .. ARGV[1]) == ARGV[2] and 1 or 0
end
if redis.call('HGET', KEYS[2], 'attempt:' .. ARGV[1]) ~= ARGV[2] then return 0 end
for i = 10, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('HSET', KEYS[1], ARGV[1] .. ':state', 'done', ARGV[1] .. ':ended_at', now, 'progress_at', now)
redis.call('HDEL', KEYS[1], 'hindered')
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
redis.call('EXPIRE', KEYS[3], ARGV[4])
redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[1])
redis.call('HSET', KEYS[2], 'by:' .. ARGV[1], ARGV[2])
if ARGV[1] == 'write_to_sheet' then become_base(KEYS[1], ARGV[5], {KEYS[4], ARGV[6], ARGV[7], ARGV[8], ARGV[9]}) end
return 1
