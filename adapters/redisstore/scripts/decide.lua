-- Applies changes of a viewer's decisions, in order. Where nothing is held, it only ends a Restore under way. Copies in a former
-- form (the keys after the third) are no longer held.
local will, past, token = KEYS[1], KEYS[2], KEYS[3]
redis.call('DEL', unpack(KEYS, 4))
local version = redis.call('GET', token)
if not version or redis.call('HGET', will, '!') ~= version then
  redis.call('DEL', token)
  return 0
end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', will, ARGV[i])
  else
    redis.call('HSET', will, ARGV[i], ARGV[i + 1])
  end
end
redis.call('SET', token, ARGV[2])
redis.call('HSET', will, '!', ARGV[2])
mark_decisions(will, ARGV[2])
for _, key in ipairs({ will, past, token }) do
  redis.call('PEXPIRE', key, ARGV[1])
end
return 1
