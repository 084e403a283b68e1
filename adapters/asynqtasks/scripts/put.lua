-- KEYS box, held, told, run; ARGV window in ms, kind, id, events, up to, since in ms, at in ms, life of the box in ms
-- 0: there is something to tell; 1: all of it was told already; 2: a task of the subject was taken within the window, or runs
if redis.call('EXISTS', KEYS[2]) == 1 or redis.call('EXISTS', KEYS[4]) == 1 then
	return 2
end
local upto = tonumber(ARGV[5])
if tonumber(redis.call('GET', KEYS[3]) or '0') >= upto then
	return 1
end
local has = redis.call('HGET', KEYS[1], 'upto')
if not has then
	redis.call('HSET', KEYS[1], 'since', ARGV[6])
end
if not has or tonumber(has) < upto then
	redis.call('HSET', KEYS[1], 'kind', ARGV[2], 'id', ARGV[3], 'upto', ARGV[5], 'at', ARGV[7])
	redis.call('HINCRBY', KEYS[1], 'events', ARGV[4])
end
redis.call('PEXPIRE', KEYS[1], ARGV[8])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return 0
