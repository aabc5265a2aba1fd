-- Makes a published run what the job's next run is compared with, unless a newer one is there.
-- base: { job published key, published ttl s, snapshot key's start and end, rows ttl s }
local function become_base(run_key, run_id, base)
  local published, ttl, head, tail, rows_ttl = unpack(base)
  redis.call('EXPIRE', head .. run_id .. tail, ttl)
  local sequence = tonumber(redis.call('HGET', run_key, 'sequence'))
  if sequence <= tonumber(redis.call('HGET', published, 'sequence') or 0) then return end
  -- What the run before was is compared with no more, but for a repeat of a run that already has it.
  local before = redis.call('HGET', published, 'run')
  if before and before ~= run_id then redis.call('EXPIRE', head .. before .. tail, rows_ttl) end
  redis.call('HSET', published, 'run', run_id, 'sequence', string.format('%d', sequence))
  redis.call('EXPIRE', published, ttl)
end
