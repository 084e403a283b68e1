-- KEYS box, told, run; ARGV events, up to, for how long that is remembered in ms
-- What was put down while it was told, because that took too long, stays in the box.
redis.call('DEL', KEYS[3])
local has = redis.call('HGET', KEYS[1], 'upto')
if not has then
	return 0
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if tonumber(has) <= tonumber(ARGV[2]) then
	redis.call('DEL', KEYS[1])
	return 0
end
redis.call('HINCRBY', KEYS[1], 'events', -tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'since', redis.call('HGET', KEYS[1], 'at'))
return 1
