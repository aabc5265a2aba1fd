-- Sets a field of a run unless it is set, and others with it; never makes a run of a field alone, which would have no expiry.
-- KEYS: run
-- ARGV: field, value, then field, value … that are set where it is
-- Returns what the field is, or nothing where there is no run
if redis.call('HEXISTS', KEYS[1], 'state') == 0 then return false end
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then
  for i = 3, #ARGV, 2 do
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
return redis.call('HGET', KEYS[1], ARGV[1])
