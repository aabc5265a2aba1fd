-- Opens an ended run again from a step: that step and all after it are to do, what came before stays done.
-- KEYS: run, units, active, done bitmap, untold
-- ARGV: run id, deadline after now s, forget nothing/rows/urls, then the steps to do again
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'gone' end
if state == 'queued' or state == 'running' then return 'running' end
for i = 4, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i] .. ':state', ARGV[i] .. ':started_at', ARGV[i] .. ':ended_at')
  redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[i])
end
if ARGV[3] ~= 'nothing' then
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[1], 'pages', 'products')
end
if ARGV[3] == 'urls' then redis.call('HDEL', KEYS[1], 'batches', 'urls') end
redis.call('HSET', KEYS[1], 'state', 'queued', 'reason', '', 'progress_at', now, 'sweeps', 0,
  'deadline_at', now + tonumber(ARGV[2]) * 1000)
redis.call('HDEL', KEYS[1], 'ended_at')
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[2]) * 1000, ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
return 'ok'
