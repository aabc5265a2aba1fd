-- Notes that people heard of a run's end. Not where it has been opened again, or put in a miss's place, since: what then
-- happened to the run of the same id they have yet to hear.
-- KEYS: run, untold
-- ARGV: run id, sequence and life that they heard of
local sequence, life = unpack(redis.call('HMGET', KEYS[1], 'sequence', 'life'))
if sequence and (sequence ~= ARGV[2] or (life or '0') ~= ARGV[3]) then return 0 end
return redis.call('SREM', KEYS[2], ARGV[1])
