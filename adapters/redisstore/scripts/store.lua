-- Keeps what was written, unless something as new is held, and ends every lease: what was read before is not kept after this. With 'held'
-- a value is only replaced.
local value, lease = KEYS[1], KEYS[2]
local epoch, tag, contents, life, only = unpack(ARGV)
redis.call('DEL', lease)
if newer(value, epoch, tag) then return 0 end
if only == 'held' and head_of(value) ~= epoch then return 0 end
redis.call('SET', value, epoch .. ' ' .. tag .. ' ' .. contents, 'PX', life)
return 1
