-- Records the intent to send one message on one channel, before it is sent.
-- KEYS: deliveries
-- ARGV: field, channel, lease ms, most attempts, run ttl s, call (made up anew for each call), first pause ms, longest pause ms
-- Returns {verdict, attempt}: go | again (an answer was lost: the same Message-ID goes out once more) | sent | busy | spent
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local raw = redis.call('HGET', KEYS[1], ARGV[1])
local record = raw and cjson.decode(raw) or {channel = ARGV[2], state = 'new', attempts = 0, repeated = false}
if record.state == 'sent' then return {'sent', record.attempts} end
if record.state == 'refused' or record.state == 'unknown' then return {'spent', record.attempts} end
local verdict = 'go'
if record.state == 'intent' then
  -- The client asks again because our answer was lost on its way.
  if record.call == ARGV[6] then return {'go', record.attempts} end
  if record.until_ms > now then return {'busy', record.attempts} end
  -- Nobody confirmed: the answer may have been lost after the message went out.
  if record.repeated then
    record.state = 'unknown'
    redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
    return {'spent', record.attempts}
  end
  record.repeated = true
  verdict = 'again'
end
if record.attempts >= tonumber(ARGV[4]) then
  record.state = verdict == 'again' and 'unknown' or 'refused'
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
  return {'spent', record.attempts}
end
if record.state == 'retry' then
  -- A server that says "try later" is asked ever more rarely, whoever asks.
  local pause = math.min(tonumber(ARGV[7]) * 2 ^ (record.attempts - 1), tonumber(ARGV[8]))
  if now < record.at + pause then return {'busy', record.attempts} end
end
record.state = 'intent'
record.call = ARGV[6]
record.attempts = record.attempts + 1
record.until_ms = now + tonumber(ARGV[3])
record.at = now
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {verdict, record.attempts}
