-- Records what a channel answered to an attempt.
-- KEYS: deliveries
-- ARGV: field, attempt, state (sent | refused | retry | lost), answer
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local raw = redis.call('HGET', KEYS[1], ARGV[1])
if not raw then return 0 end
local record = cjson.decode(raw)
if record.state == 'sent' then return 0 end
-- A late answer that says "sent" counts whoever asked; any other answer counts for its own attempt alone.
if ARGV[3] ~= 'sent' and record.attempts ~= tonumber(ARGV[2]) then return 0 end
record.state = ARGV[3]
record.answer = ARGV[4]
record.at = now
record.until_ms = nil
if ARGV[3] == 'lost' then
  -- It may have gone out: an intent that nobody confirmed, to be sent once more and no third time.
  record.state = 'intent'
  record.until_ms = 0
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
return 1
