-- Sets a field of a run unless it is set; never makes a run of a field alone, which would have no expiry.
-- KEYS: run
-- ARGV: field, value
-- Returns what the field is, or nothing where there is no run
if redis.call('HEXISTS', KEYS[1], 'state') == 0 then return false end
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[1], ARGV[1])
