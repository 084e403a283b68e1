-- What was served: how many items (2 bytes), then groups, oldest first: a time in Unix seconds (4), how many items (1), how many
-- bytes follow (2), the items' numbers as varints.

local function group_after(s, p) return p + 7 + number(s, p + 5, p + 6) end

-- serve appends groups of n items, and drops those at the front that are older than oldest or that nobody asks for any more.
local function serve(key, groups, n, most, oldest, ttl)
  if n == 0 then return end
  local held, count, from = redis.call('GET', key) or '', 0, 3
  if held ~= '' then count = number(held, 1, 2) end
  while from <= #held do
    local size = byte(held, from + 4)
    if count + n - size < most and number(held, from, from + 3) >= oldest then break end
    count, from = count - size, group_after(held, from)
  end
  redis.call('SET', key, to_bytes(count + n, 2) .. sub(held, from) .. groups, 'PX', ttl)
end

