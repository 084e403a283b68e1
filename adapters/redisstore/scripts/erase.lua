-- Removes every key of a viewer but the exposures, and answers how much there was of each kind. The keys after the sixth are those of
-- the former form: will, acts, served, seen, consumed; their marks are records of 12 bytes.
local will, past, served, sessions, marks, token = unpack(KEYS, 1, 6)
local root, viewer = ARGV[1], ARGV[2]

local function decisions(key)
  return redis.call('HLEN', key) - redis.call('HEXISTS', key, '!') - redis.call('HEXISTS', key, '#')
end
local function records(key) return floor(redis.call('STRLEN', key) / 12) end
local found = {
  decisions(will) + decisions(KEYS[7]), redis.call('HLEN', KEYS[8]), records(KEYS[9]), records(KEYS[10]), records(KEYS[11]), 0, 0,
}

local held_acts, held_marks = unpack_past(redis.call('GET', past) or to_bytes(0, 3))
found[2] = found[2] + held_acts.count
local p = held_marks.from
while p < held_marks.to do
  local after, _, _, flags = mark(held_marks.s, p)
  if flags % 2 == 1 then found[4] = found[4] + 1 end
  if flags >= 2 then found[5] = found[5] + 1 end
  p = after
end
local held_served = redis.call('GET', served)
if held_served then found[3] = found[3] + number(held_served, 1, 2) end

for _, id in ipairs(redis.call('ZRANGE', sessions, 0, -1)) do
  found[6] = found[6] + redis.call('DEL', root .. 'session:' .. id .. ':' .. viewer)
  redis.call('DEL', root .. 'items:' .. id .. ':' .. viewer)
end
for _, moment in ipairs(redis.call('ZRANGE', marks, 0, -1)) do
  found[7] = found[7] + redis.call('DEL', root .. 'mark:' .. moment .. ':' .. viewer)
end
redis.call('DEL', unpack(KEYS))
return found
