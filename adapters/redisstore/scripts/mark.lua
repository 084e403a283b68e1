-- Keeps a cursor under a moment. Answers 0 and changes nothing when another cursor is kept there.
local mark, marks = unpack(KEYS)
local cursor, life, moment, until_ms, now, most, root, owner = unpack(ARGV)
local held = redis.call('GET', mark)
if held then
  return held == cursor and 1 or 0
end
redis.call('SET', mark, cursor, 'PX', life)

redis.call('ZREMRANGEBYSCORE', marks, '-inf', now)
redis.call('ZADD', marks, until_ms, moment)
while redis.call('ZCARD', marks) > tonumber(most) do
  local old = redis.call('ZRANGE', marks, 0, 0)[1]
  redis.call('DEL', root .. 'mark:' .. old .. ':' .. owner)
  redis.call('ZREM', marks, old)
end
local last = redis.call('ZRANGE', marks, -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', marks, math.max(1, tonumber(last[2]) - tonumber(now)))
return 1
