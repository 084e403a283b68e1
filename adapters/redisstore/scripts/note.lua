-- Adds marks and actions to what is known of a viewer. Where nothing is held, it only ends a Restore under way.
local will, acts, seen, consumed, token = unpack(KEYS)
local viewer_ttl, seen_ttl, consumed_ttl = unpack(ARGV, 1, 3)
local max_acts, max_seen, max_consumed = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local new_seen, new_consumed = ARGV[7], ARGV[8]

redis.call('DEL', token)
if redis.call('HEXISTS', will, '!') == 0 then
  return 0
end

local function add(key, records, most, ttl)
  if records ~= '' then
    remember(key, unheld(redis.call('GET', key) or '', records), most, ttl)
  end
end
add(seen, new_seen, max_seen, seen_ttl)
add(consumed, new_consumed, max_consumed, consumed_ttl)

-- An action is "at act watched duration" under a field that names it; of two with one name the larger parts stay.
local numbers = '^(%d+) (%d+) (%d+) (%d+)$'
local function larger(a, b)
  local parts, others = { string.match(a, numbers) }, { string.match(b, numbers) }
  if #parts == 0 then return b end
  for i = 1, #parts do
    if tonumber(others[i]) > tonumber(parts[i]) then parts[i] = others[i] end
  end
  return table.concat(parts, ' ')
end

for i = 9, #ARGV, 2 do
  local name, action = ARGV[i], ARGV[i + 1]
  local held = redis.call('HGET', acts, name)
  if held then action = larger(held, action) end
  redis.call('HSET', acts, name, action)
end

if redis.call('HLEN', acts) > max_acts * 1.25 then -- so that trimming is rare
  local all, order = redis.call('HGETALL', acts), {}
  for i = 1, #all, 2 do
    order[#order + 1] = { name = all[i], at = tonumber(string.match(all[i + 1], '^%d+')) or 0 }
  end
  table.sort(order, function(a, b) return a.at > b.at end)
  for i = max_acts + 1, #order do
    redis.call('HDEL', acts, order[i].name)
  end
end
redis.call('PEXPIRE', will, viewer_ttl)
redis.call('PEXPIRE', acts, viewer_ttl)
return 1
