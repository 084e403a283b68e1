-- Answers what a viewer decided, as pairs of name and value; where that is of the version that the caller holds, only the fields of
-- will.lua.
local will, version = KEYS[1], ARGV[1]
local under = redis.call('HMGET', will, '!', '#')
if under[1] and under[2] == stamp(under[1], version) then
  return { '!', under[1], '#', under[2] }
end
return redis.call('HGETALL', will)
