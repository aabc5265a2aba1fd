-- Claims (job, due time) once and writes the whole run, or returns the id of the run that has it.
-- KEYS: claim, run, active, job runs, job sequence, born, untold, definition
-- ARGV: run id, claim ttl s (0: a manual run, no claim), run ttl s, runs kept, deadline after due s, due ms (0: now),
--       why it never started ('': it does; else it has ended with this very call), reclaim 0/1 (in the place of a record
--       that the due time was missed), then the definition, then field, value …
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- By the clock, so that a Redis that lost everything does not begin at 1 again, below what sheets say is there; in us, as
-- it cannot be emptied and asked again within one.
local sequence = math.max(time[1] * 1000000 + time[2], tonumber(redis.call('GET', KEYS[5]) or 0) + 1)
local life = 0
if ARGV[2] ~= '0' then
  -- A record that the due time was missed has it only while the record is there: after it nobody would know what it was.
  if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[7] == '' and ARGV[2] or ARGV[3]) then
    local holder = redis.call('GET', KEYS[1])
    local state, missed, started = unpack(redis.call('HMGET', KEYS[2], 'state', 'never_started', 'started_at'))
    if ARGV[8] ~= '1' or holder ~= ARGV[1] or state ~= 'failed' or not missed or started then return {0, holder} end
    -- What was sent of the record is recorded by its life, beside what will be of the run.
    life = tonumber(redis.call('HGET', KEYS[2], 'life') or 0) + 1
    redis.call('DEL', KEYS[2])
    redis.call('SREM', KEYS[7], ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
  end
end
local due = tonumber(ARGV[6])
if due == 0 then due = now end
local deadline = due + tonumber(ARGV[5]) * 1000
redis.call('SET', KEYS[5], string.format('%d', sequence))
local born = tonumber(redis.call('GET', KEYS[6]) or 0)
redis.call('HSET', KEYS[2], 'state', 'queued', 'sequence', string.format('%d', sequence), 'due_at', due, 'claimed_at', now,
  'deadline_at', deadline, 'progress_at', now)
if life > 0 then redis.call('HSET', KEYS[2], 'life', life) end
for i = 10, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
-- A due time from before this Redis knew anything: whether it was dealt with, nobody remembers.
if ARGV[2] ~= '0' and due < born then redis.call('HSET', KEYS[2], 'unremembered', '1') end
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[8], ARGV[9], 'EX', ARGV[3])
if ARGV[7] == '' then
  redis.call('ZADD', KEYS[3], deadline, ARGV[1])
else
  redis.call('HSET', KEYS[2], 'state', 'failed', 'reason', ARGV[7], 'never_started', ARGV[7], 'ended_at', now)
  redis.call('SADD', KEYS[7], ARGV[1])
end
redis.call('ZADD', KEYS[4], now, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1 - tonumber(ARGV[4]))
redis.call('EXPIRE', KEYS[4], ARGV[3])
return {1, ARGV[1]}
