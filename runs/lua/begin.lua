-- Begins one attempt of a unit (a step, or a batch of scrape), if it is its turn and nobody has it.
-- KEYS: run, units, done bitmap
-- ARGV: unit, step, batch (-1: the unit is the step itself), step before ('': none), task id, redelivered 0/1, lease ms,
--       run ttl s, call (made up anew for each call), stale ms (a lease not renewed for so long may be taken over by
--       its own message), process, turn of the task (how often it came back for its unit)
-- Returns {go, fence, tries, waits, life of the run, taken 0/1 (from an attempt that was at work and went silent)}, or {gone | ended | done | early | busy, 0, 0, wait ms, process that has it}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone', 0, 0, 0} end
if state ~= 'queued' and state ~= 'running' then return {'ended', 0, 0, 0} end
local batch = tonumber(ARGV[3])
if batch >= 0 then
  if redis.call('GETBIT', KEYS[3], batch) == 1 then return {'done', 0, 0, 0} end
elseif redis.call('HGET', KEYS[1], ARGV[2] .. ':state') == 'done' then
  return {'done', 0, 0, 0}
end
if ARGV[4] ~= '' and redis.call('HGET', KEYS[1], ARGV[4] .. ':state') ~= 'done' then return {'early', 0, 0, 0} end
local fence_field, tries_field, lease_field = 'attempt:' .. ARGV[1], 'tries:' .. ARGV[1], 'lease:' .. ARGV[1]
local waits = tonumber(redis.call('HGET', KEYS[2], 'waits:' .. ARGV[1]) or 0)
local life = redis.call('HGET', KEYS[1], 'life') or '0'
local lease = redis.call('HGET', KEYS[2], lease_field)
local taken = 0
if lease then
  local until_ms, renewed, call, process, turn, holder = string.match(lease, '^(%d+) (%d+) (%S+) (%S+) (%d+) (.*)$')
  until_ms, renewed = tonumber(until_ms), tonumber(renewed)
  if call == ARGV[9] then
    -- The client asks again because our answer was lost on its way.
    return {'go', tonumber(redis.call('HGET', KEYS[2], fence_field)), tonumber(redis.call('HGET', KEYS[2], tries_field)),
      waits, life, 0}
  end
  if until_ms > now then
    -- The same message again: either its worker died, or a clock that runs ahead took it for lost. Heartbeats tell.
    -- A copy of a message that has come back since is of an earlier turn: would it begin, each copy came back again.
    if ARGV[6] ~= '1' or holder ~= ARGV[5] or tonumber(ARGV[12]) < tonumber(turn) then return {'busy', 0, 0, until_ms - now, process} end
    local stale_at = renewed + tonumber(ARGV[10])
    if stale_at > now then return {'busy', 0, 0, stale_at - now, process} end
  end
  -- A parked one was last renewed at 0: it waits for its turn, and nobody works on it.
  if renewed > 0 then taken = 1 end
end
local fence = redis.call('HINCRBY', KEYS[2], fence_field, 1)
local tries = redis.call('HINCRBY', KEYS[2], tries_field, 1)
redis.call('HSET', KEYS[2], lease_field, string.format('%d %d %s %s %s %s', now + tonumber(ARGV[7]), now,
  ARGV[9], ARGV[11], ARGV[12], ARGV[5]))
redis.call('EXPIRE', KEYS[2], ARGV[8])
if state == 'queued' then
  redis.call('HSET', KEYS[1], 'state', 'running')
  -- A run that is done again began when it first began.
  redis.call('HSETNX', KEYS[1], 'started_at', now)
end
if batch < 0 then
  redis.call('HSET', KEYS[1], ARGV[2] .. ':state', 'running', 'step', ARGV[2])
  redis.call('HSETNX', KEYS[1], ARGV[2] .. ':started_at', now)
end
redis.call('HSET', KEYS[1], 'progress_at', now)
return {'go', fence, tries, waits, life, taken}
