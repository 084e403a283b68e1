-- Keeps what was read from the source under a lease. Without the lease something was written since, and nothing is kept. An empty life
-- gives the lease back.
local value, lease = KEYS[1], KEYS[2]
local epoch, tag, token, contents, life = unpack(ARGV)
if redis.call('GET', lease) ~= token then return 0 end
redis.call('DEL', lease)
if life == '' or newer(value, epoch, tag) then return 0 end
redis.call('SET', value, epoch .. ' ' .. tag .. ' ' .. contents, 'PX', life)
return 1
