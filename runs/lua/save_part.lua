-- Stores the rows that a batch has so far, if this attempt is the newest and at work: none of an earlier life's reach
-- the next, and none come back once the batch is done.
-- KEYS: units, part
-- ARGV: unit, fence, rows, rows ttl s, pages in them
if redis.call('HGET', KEYS[1], 'attempt:' .. ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[1], 'lease:' .. ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
redis.call('HSET', KEYS[1], 'settled:' .. ARGV[1], ARGV[5])
return 1
