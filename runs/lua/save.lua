-- Stores what an attempt has so far, rows of a batch or the snapshot of a report, if it is the newest and at work: nothing
-- of an earlier life's reaches the next, and nothing comes back once the unit is done.
-- KEYS: units, what is stored
-- ARGV: unit, fence, content, its ttl s, pages in it ('': no rows)
if redis.call('HGET', KEYS[1], 'attempt:' .. ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('HEXISTS', KEYS[1], 'lease:' .. ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'settled:' .. ARGV[1], ARGV[5]) end
return 1
