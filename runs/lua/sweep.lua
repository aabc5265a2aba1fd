-- Takes the right to continue a run that has not moved; of several sweepers one gets it, and backs off each time.
-- KEYS: run
-- ARGV: first wait ms, longest wait ms
-- Returns the number of this sweep, or 0
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then return 0 end
local progress = tonumber(redis.call('HGET', KEYS[1], 'progress_at') or 0)
local last = tonumber(redis.call('HGET', KEYS[1], 'swept_at') or 0)
local sweeps = tonumber(redis.call('HGET', KEYS[1], 'sweeps') or 0)
if progress > last then sweeps = 0 end
local wait = math.min(tonumber(ARGV[1]) * 2 ^ math.max(sweeps - 1, 0), tonumber(ARGV[2]))
if sweeps > 0 and now - last < wait then return 0 end
redis.call('HSET', KEYS[1], 'swept_at', now, 'sweeps', sweeps + 1)
return sweeps + 1
