-- Replaces what is held of a viewer, unless the token taken before has gone: then something came in between.
local will, acts, served, seen, consumed, token = unpack(KEYS)
if redis.call('GET', token) ~= ARGV[1] then
  return 0
end

local function at(records, i) -- the time of the record that starts at i
  local a, b, c, d = string.byte(records, i + 8, i + 11)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- Pages served while the viewer was not held may be newer than the durable records: they stay.
local new_served = ARGV[3]
if redis.call('HEXISTS', will, '!') == 0 then
  local held = redis.call('GET', served) or ''
  local newest = 0
  if new_served ~= '' then newest = at(new_served, #new_served - 11) end
  local first = #held + 1
  while first > 12 and at(held, first - 12) > newest do first = first - 12 end
  new_served = new_served .. string.sub(held, first)
end

redis.call('DEL', token, will, acts, served, seen, consumed)
local function keep(key, records, ttl)
  if records ~= '' then redis.call('SET', key, records, 'PX', ttl) end
end
keep(served, new_served, ARGV[4])
keep(seen, ARGV[5], ARGV[6])
keep(consumed, ARGV[7], ARGV[8])

local function keep_all(key, from, to)
  for i = from, to, 1000 do -- Lua passes a bounded number of arguments
    redis.call('HSET', key, unpack(ARGV, i, math.min(i + 999, to)))
  end
  redis.call('PEXPIRE', key, ARGV[2])
end
local wills = tonumber(ARGV[9])
keep_all(will, 10, 9 + wills)
keep_all(acts, 10 + wills, #ARGV)
return 1
