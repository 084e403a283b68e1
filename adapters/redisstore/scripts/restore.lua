-- Replaces what is held of a viewer, unless the token has changed since it was taken: then something came in between. With absent
-- set, a copy that is held stays: pages may have been served under it that are not in the durable records yet.
local will, past, served, token = unpack(KEYS)
local version, viewer_ttl, new_past, new_served, served_count, newest, served_ttl, absent, new_token = unpack(ARGV, 1, 9)
local now = redis.call('GET', token)
if now ~= version then
  return 0
end
local held_under = redis.call('HGET', will, '!')
if absent == '1' and held_under == now and redis.call('EXISTS', past) == 1 then
  return 0
end

-- Pages served while the viewer was not held may be newer than the durable records: they stay.
local count = tonumber(served_count)
if held_under ~= now then
  local held = redis.call('GET', served) or ''
  local from, kept, p = 3, 0, 3
  while p <= #held do
    kept = kept + byte(held, p + 4)
    local after = group_after(held, p)
    if number(held, p, p + 3) <= tonumber(newest) then from, kept = after, 0 end
    p = after
  end
  new_served, count = new_served .. sub(held, from), count + kept
end

redis.call('DEL', will, served)
if count > 0 then
  redis.call('SET', served, to_bytes(count, 2) .. new_served, 'PX', served_ttl)
end
redis.call('SET', past, new_past, 'PX', viewer_ttl)
for i = 10, #ARGV, 1000 do -- Lua passes a bounded number of arguments
  redis.call('HSET', will, unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
redis.call('HSET', will, '!', new_token)
mark_decisions(will, new_token)
redis.call('PEXPIRE', will, viewer_ttl)
redis.call('SET', token, new_token, 'PX', viewer_ttl)
return 1
