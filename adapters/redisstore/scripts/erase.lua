-- Removes every key of a viewer but the exposures, and answers how much there was of each kind, in the order of KEYS.
local will, acts, served, seen, consumed, sessions, marks, token = unpack(KEYS)
local root, viewer = ARGV[1], ARGV[2]
local function records(key) return math.floor(redis.call('STRLEN', key) / 12) end

local found = { 0, redis.call('HLEN', acts), records(served), records(seen), records(consumed), 0, 0 }
found[1] = redis.call('HLEN', will) - redis.call('HEXISTS', will, '!')
for _, id in ipairs(redis.call('ZRANGE', sessions, 0, -1)) do
  found[6] = found[6] + redis.call('DEL', root .. 'session:' .. id .. ':' .. viewer)
  redis.call('DEL', root .. 'items:' .. id .. ':' .. viewer)
end
for _, moment in ipairs(redis.call('ZRANGE', marks, 0, -1)) do
  found[7] = found[7] + redis.call('DEL', root .. 'mark:' .. moment .. ':' .. viewer)
end
redis.call('DEL', will, acts, served, seen, consumed, sessions, marks, token)
return found
