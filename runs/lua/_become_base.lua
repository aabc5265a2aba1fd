-- Makes a published run what the job's next run is compared with, unless a newer one is there. What it drew up to be
-- compared with takes effect here alone: a run that is done again and never published anew changes nothing for others.
-- base: { job published key, snapshot draft key, published ttl s, snapshot key's start and end, rows ttl s }
local function become_base(run_key, run_id, base)
  local published, draft, ttl, head, tail, rows_ttl = unpack(base)
  local sequence = tonumber(redis.call('HGET', run_key, 'sequence'))
  local before, newest = unpack(redis.call('HMGET', published, 'run', 'sequence'))
  if sequence < tonumber(newest or 0) then return end
  if redis.call('EXISTS', draft) == 1 then redis.call('RENAME', draft, head .. run_id .. tail) end
  redis.call('EXPIRE', head .. run_id .. tail, ttl)
  -- What the run before was is compared with no more, but for a repeat of a run that already has it.
  if before and before ~= run_id then redis.call('EXPIRE', head .. before .. tail, rows_ttl) end
  redis.call('HSET', published, 'run', run_id, 'sequence', string.format('%d', sequence))
  redis.call('EXPIRE', published, ttl)
end
