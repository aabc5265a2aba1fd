-- Renews the lease of an intent while its message is being sent.
-- KEYS: deliveries
-- ARGV: field, attempt, lease ms
local raw = redis.call('HGET', KEYS[1], ARGV[1])
if not raw then return 0 end
local record = cjson.decode(raw)
if record.state ~= 'intent' or record.attempts ~= tonumber(ARGV[2]) then return 0 end
local time = redis.call('TIME')
record.until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
return 1
