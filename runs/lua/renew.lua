-- Renews, parks or (lease ms 0) gives back the lease of a unit, if this attempt still has it and its run goes on.
-- KEYS: run, units
-- ARGV: unit, fence, task id, lease ms, parked 0/1 (the same task comes back for it, and may have it at once),
--       forgive 0/1 (the attempt ended in good order: it counts as none), what hinders it ('': nothing), process,
--       turn of the task that has it or comes back for it
-- What others hinder is counted apart: it says how long to wait for them, and when to give up.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then return 0 end
if redis.call('HGET', KEYS[2], 'attempt:' .. ARGV[1]) ~= ARGV[2] then return 0 end
local lease = redis.call('HGET', KEYS[2], 'lease:' .. ARGV[1])
if not lease then return 0 end
-- What has parked its unit is over. Its park alone may come again, since our answer was lost, and counts once: a heartbeat
-- on its way does not take the unit back.
local was_parked = string.match(lease, '^%d+ 0 ') ~= nil
if was_parked and ARGV[5] == '0' then return 0 end
if ARGV[4] == '0' then
  redis.call('HDEL', KEYS[2], 'lease:' .. ARGV[1])
else
  local renewed = ARGV[5] == '1' and 0 or now
  redis.call('HSET', KEYS[2], 'lease:' .. ARGV[1],
    string.format('%d %d - %s %s %s', now + tonumber(ARGV[4]), renewed, ARGV[8], ARGV[9], ARGV[3]))
end
if ARGV[6] == '1' and not was_parked then
  redis.call('HINCRBY', KEYS[2], 'tries:' .. ARGV[1], -1)
  if ARGV[7] ~= '' then redis.call('HINCRBY', KEYS[2], 'waits:' .. ARGV[1], 1) end
end
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'hindered', ARGV[7]) end
redis.call('HSET', KEYS[1], 'progress_at', now)
return 1
