-- Opens an ended run again from a step: that step and all after it are to do, what came before stays done.
-- KEYS: run, units, active, done bitmap, untold, results, deliveries, definition, claim
-- ARGV: run id, deadline after now s, run ttl s, forget nothing/rows/urls, claim ttl s, how many steps to do again,
--       these steps, then field, value … of the run ('': it has none in this life)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'gone' end
if state == 'queued' or state == 'running' then return 'running' end
-- What it was published with stays: others are compared with it, for good where they have begun, else until it is
-- published anew.
local figures = redis.call('HGET', KEYS[6], 'reduce_rows')
if figures and redis.call('HGET', KEYS[1], 'write_to_sheet:state') == 'done' then
  local edition = redis.call('HGET', KEYS[1], 'edition') or '0'
  redis.call('HSET', KEYS[6], 'published:' .. edition, figures)
  redis.call('HSET', KEYS[1], 'published_edition', edition)
end
local again = {}
for i = 7, 6 + ARGV[6] do
  again[ARGV[i]] = true
  redis.call('HDEL', KEYS[1], ARGV[i] .. ':state', ARGV[i] .. ':started_at', ARGV[i] .. ':ended_at')
  redis.call('HDEL', KEYS[6], ARGV[i])
end
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  local kind, step = string.match(field, '^(%l+):([%l_]+)')
  if again[step] then
    -- A frozen worker may still hold an attempt of before: its fence must be an old one now.
    if kind == 'attempt' then redis.call('HINCRBY', KEYS[2], field, 1) else redis.call('HDEL', KEYS[2], field) end
  end
end
-- A person who does it again has mended the channel; what was taken is not sent again.
local sends = redis.call('HGETALL', KEYS[7])
for i = 1, #sends, 2 do
  local record = cjson.decode(sends[i + 1])
  if record.state ~= 'sent' and record.state ~= 'intent' then redis.call('HDEL', KEYS[7], sends[i]) end
end
if ARGV[4] ~= 'nothing' then
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[1], 'pages', 'products')
end
for i = 7 + ARGV[6], #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i]) else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
if ARGV[4] == 'urls' then redis.call('HDEL', KEYS[1], 'batches', 'urls') end
redis.call('HSET', KEYS[1], 'state', 'queued', 'reason', '', 'progress_at', now, 'sweeps', 0,
  'deadline_at', now + tonumber(ARGV[2]) * 1000)
redis.call('HDEL', KEYS[1], 'ended_at', 'hindered', 'too_slow')
-- What a batch had before belongs to an earlier life; time is counted from now.
redis.call('HINCRBY', KEYS[1], 'life', 1)
redis.call('HSET', KEYS[1], 'opened_at', now)
for i = 1, 8 do
  if i ~= 3 and i ~= 5 then redis.call('EXPIRE', KEYS[i], ARGV[3]) end
end
-- Its due time is to stay its own for longer than the run is kept.
if redis.call('GET', KEYS[9]) == ARGV[1] then redis.call('EXPIRE', KEYS[9], ARGV[5]) end
redis.call('ZADD', KEYS[3], now + tonumber(ARGV[2]) * 1000, ARGV[1])
redis.call('SREM', KEYS[5], ARGV[1])
return 'ok'
