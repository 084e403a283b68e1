-- Applies changes of a viewer's decisions, in order. Where nothing is held, it only ends a Restore under way.
local will, acts, token = unpack(KEYS)
redis.call('DEL', token)
if redis.call('HEXISTS', will, '!') == 0 then
  return 0
end
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', will, ARGV[i])
  else
    redis.call('HSET', will, ARGV[i], ARGV[i + 1])
  end
end
redis.call('PEXPIRE', will, ARGV[1])
redis.call('PEXPIRE', acts, ARGV[1])
return 1
