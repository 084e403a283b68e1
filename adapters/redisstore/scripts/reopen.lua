-- Holds a session as it is in the archive, unless it is held or the viewer's token has changed since it was taken: then something
-- came in between, an erasure perhaps. Answers 1 when it did.
local token, session, items, sessions = unpack(KEYS)
local version, life, id, expires, now, max_sessions = unpack(ARGV, 1, 6)
if redis.call('GET', token) ~= version or redis.call('EXISTS', session) == 1 then
  return 0
end
redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now)
if redis.call('ZCARD', sessions) >= tonumber(max_sessions) then
  return 0
end
redis.call('SET', items, ARGV[7], 'PX', life)
for i = 8, #ARGV, 1000 do -- Lua passes a bounded number of arguments
  redis.call('HSET', session, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
redis.call('PEXPIRE', session, life)
redis.call('ZADD', sessions, expires, id)
local last = redis.call('ZRANGE', sessions, -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', sessions, math.max(1, tonumber(last[2]) - tonumber(now)))
return 1
