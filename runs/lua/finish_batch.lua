-- Stores the rows of a batch whole and marks it done, if this attempt is the newest; the last batch ends scrape.
-- KEYS: run, units, done bitmap, rows, part (what it had so far)
-- ARGV: batch, fence, rows, rows ttl s, run ttl s, pages, products
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local unit = 'scrape:' .. ARGV[1]
if redis.call('HGET', KEYS[1], 'state') ~= 'running' then return 0 end
if redis.call('HGET', KEYS[2], 'attempt:' .. unit) ~= ARGV[2] then return 0 end
-- Asked again because our answer was lost on its way: it was this attempt that did it.
if redis.call('GETBIT', KEYS[3], ARGV[1]) == 1 then return 1 end
redis.call('SET', KEYS[4], ARGV[3], 'EX', ARGV[4])
redis.call('DEL', KEYS[5])
redis.call('SETBIT', KEYS[3], ARGV[1], 1)
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('HDEL', KEYS[2], 'lease:' .. unit, 'tries:' .. unit, 'waits:' .. unit, 'tried:' .. unit, 'blamed:' .. unit,
  'settled:' .. unit)
redis.call('HINCRBY', KEYS[1], 'pages', ARGV[6])
redis.call('HINCRBY', KEYS[1], 'products', ARGV[7])
redis.call('HSET', KEYS[1], 'progress_at', now)
if redis.call('BITCOUNT', KEYS[3]) == tonumber(redis.call('HGET', KEYS[1], 'batches')) then
  redis.call('HSET', KEYS[1], 'scrape:state', 'done', 'scrape:ended_at', now)
end
return 1
