-- Remember pages: those read anew with what was read, those that have not changed for as long again.
-- KEYS  pages read anew, then pages unchanged
-- ARGV  seconds, then what was read, one for each page read anew
for place = 2, #ARGV do redis.call('SET', KEYS[place - 1], ARGV[place], 'EX', ARGV[1]) end
for place = #ARGV, #KEYS do redis.call('EXPIRE', KEYS[place], ARGV[1]) end
