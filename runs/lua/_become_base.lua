-- Makes a published run what the job's next run is compared with, unless a newer one is there. Which edition of it that is
-- takes effect here alone: a run that is done again and never published anew changes nothing for others.
-- base: { job published key, published ttl s, snapshot key's start and end, rows ttl s }
local function become_base(run_key, run_id, base)
  local published, ttl, head, tail, rows_ttl = unpack(base)
  local function snapshot(id, edition)
    return head .. id .. tail .. ((edition or '0') == '0' and '' or ':' .. edition)
  end
  local sequence, edition = unpack(redis.call('HMGET', run_key, 'sequence', 'edition'))
  local before, newest, last = unpack(redis.call('HMGET', published, 'run', 'sequence', 'edition'))
  if tonumber(sequence) < tonumber(newest or 0) then return end
  -- What was compared with before is so no more, but by runs that have begun and by a repeat of one that already has it.
  if before then redis.call('EXPIRE', snapshot(before, last), rows_ttl) end
  redis.call('EXPIRE', snapshot(run_id, edition), ttl)
  redis.call('HSET', published, 'run', run_id, 'sequence', sequence, 'edition', edition or '0')
  redis.call('EXPIRE', published, ttl)
end
