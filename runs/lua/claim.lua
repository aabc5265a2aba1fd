-- Claims (job, due time) once and writes the whole run, or returns the id of the run that has it.
-- KEYS: claim, run, active, job runs, job sequence
-- ARGV: run id, claim ttl s (0: a manual run, no claim), run ttl s, runs kept, deadline after due s, due ms (0: now), then field, value …
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] ~= '0' then
  if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then
    return {0, redis.call('GET', KEYS[1])}
  end
end
local due = tonumber(ARGV[6])
if due == 0 then due = now end
local deadline = due + tonumber(ARGV[5]) * 1000
local sequence = redis.call('INCR', KEYS[5])
redis.call('HSET', KEYS[2], 'state', 'queued', 'sequence', sequence, 'due_at', due, 'claimed_at', now,
  'deadline_at', deadline, 'progress_at', now)
for i = 7, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], deadline, ARGV[1])
redis.call('ZADD', KEYS[4], now, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[4]))
redis.call('EXPIRE', KEYS[4], ARGV[3])
return {1, ARGV[1]}
