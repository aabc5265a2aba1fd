-- Begins one attempt of a unit (a step, or a batch of scrape), if it is its turn and nobody has it.
-- KEYS: run, units, done bitmap
-- ARGV: unit, step, batch (-1: the unit is the step itself), step before ('': none), task id, redelivered 0/1, lease ms, run ttl s
-- Returns {verdict, fence}: go | gone | ended | done | early | busy
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return {'gone', 0} end
if state ~= 'queued' and state ~= 'running' then return {'ended', 0} end
local batch = tonumber(ARGV[3])
if batch >= 0 then
  if redis.call('GETBIT', KEYS[3], batch) == 1 then return {'done', 0} end
elseif redis.call('HGET', KEYS[1], ARGV[2] .. ':state') == 'done' then
  return {'done', 0}
end
if ARGV[4] ~= '' and redis.call('HGET', KEYS[1], ARGV[4] .. ':state') ~= 'done' then return {'early', 0} end
local lease = redis.call('HGET', KEYS[2], 'lease:' .. ARGV[1])
if lease then
  local until_ms, holder = string.match(lease, '^(%d+) (.*)$')
  -- The same message again means that its first worker is gone: the broker redelivers what was not acknowledged.
  if tonumber(until_ms) > now and not (ARGV[6] == '1' and holder == ARGV[5]) then return {'busy', 0} end
end
local fence = redis.call('HINCRBY', KEYS[2], 'attempt:' .. ARGV[1], 1)
redis.call('HSET', KEYS[2], 'lease:' .. ARGV[1], string.format('%d %s', now + tonumber(ARGV[7]), ARGV[5]))
redis.call('EXPIRE', KEYS[2], ARGV[8])
if state == 'queued' then redis.call('HSET', KEYS[1], 'state', 'running', 'started_at', now) end
if batch < 0 then
  redis.call('HSET', KEYS[1], ARGV[2] .. ':state', 'running', 'step', ARGV[2])
  redis.call('HSETNX', KEYS[1], ARGV[2] .. ':started_at', now)
end
redis.call('HSET', KEYS[1], 'progress_at', now)
return {'go', fence}
