-- Ends a run, once; a held one waits for a person, who may yet cancel it. A published run is what the job's next run is compared with, unless a newer one is there.
-- KEYS: run, active, untold, job published, units
-- ARGV: run id, state, reason, step ('': none), tell 0/1, published ttl s, snapshot key's start and end, rows ttl s,
--       life that the caller saw ('': any), unit and fence of the attempt that ends it ('', '': none)
-- The step is what the run failed or was given up at. If it is done by now, the run in another life, or the unit with a
-- newer attempt, the caller was frozen since it read, and nothing ends.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
local dropped = state == 'held' and ARGV[2] == 'cancelled'
if state ~= 'queued' and state ~= 'running' and not dropped then return 0 end
if ARGV[4] ~= '' and redis.call('HGET', KEYS[1], ARGV[4] .. ':state') == 'done' then return 0 end
if ARGV[10] ~= '' and (redis.call('HGET', KEYS[1], 'life') or '0') ~= ARGV[10] then return 0 end
if ARGV[11] ~= '' and redis.call('HGET', KEYS[5], 'attempt:' .. ARGV[11]) ~= ARGV[12] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'reason', ARGV[3], 'ended_at', now)
local under_way = redis.call('HGET', KEYS[1], 'step')
if under_way and redis.call('HGET', KEYS[1], under_way .. ':state') == 'running' then
  redis.call('HSET', KEYS[1], under_way .. ':state', 'stopped', under_way .. ':ended_at', now)
end
if ARGV[4] ~= '' and ARGV[2] == 'failed' then
  redis.call('HSET', KEYS[1], ARGV[4] .. ':state', 'failed', ARGV[4] .. ':ended_at', now)
end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call(ARGV[5] == '1' and 'SADD' or 'SREM', KEYS[3], ARGV[1])
if ARGV[2] == 'published' or ARGV[2] == 'published_with_gaps' then
  become_base(KEYS[1], ARGV[1], {KEYS[4], ARGV[6], ARGV[7], ARGV[8], ARGV[9]})
end
return 1
