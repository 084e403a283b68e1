-- Stores the page a session served, remembers its items as served to the viewer and hands on the exposure.
-- Answers 1, or 0 and changes nothing when a page of that number is held already.
local session, items, served, exposures, will, past, sessions = unpack(KEYS)
local page, visit, body, before, fresh, lost = unpack(ARGV, 1, 6)
local life, groups, count, oldest, max_served, served_ttl, max_exposures, viewer_ttl = unpack(ARGV, 7, 14)
local id, expires, now, max_sessions, root, viewer = unpack(ARGV, 15, 20)

local head = redis.call('HMGET', session, 'n', 'b', 'e')
local pages, bytes, epoch = tonumber(head[1]), tonumber(head[2]), head[3]
if pages and redis.call('STRLEN', items) ~= bytes then
  pages = nil -- eviction tore the two apart: the session is not held
end
if pages and pages >= tonumber(page) then
  return 0
end

local going_on = pages == tonumber(page) - 1
if going_on then -- both keys end when the session does, as they were set to
  bytes = redis.call('APPEND', items, fresh)
  redis.call('HSET', session, 'n', page, 'b', bytes, 'p' .. page, body)
else -- not held, or behind: what the caller knows is more
  -- The epoch tells a reader whether the head and the items it read, one after the other, belong together.
  epoch = (tonumber(epoch) or 0) + 1
  local all = epoch .. ' ' .. before .. fresh
  redis.call('SET', items, all, 'PX', life)
  redis.call('HSET', session, 'v', visit, 'l', lost, 'n', page, 'b', #all, 'e', epoch, 'p' .. page, body)
  redis.call('PEXPIRE', session, life)
end

if redis.call('ZADD', sessions, expires, id) == 1 or not going_on then -- else it is listed, and so are those that end later
  redis.call('ZREMRANGEBYSCORE', sessions, '-inf', math.min(tonumber(now), tonumber(expires) - 1)) -- never this one
  while redis.call('ZCARD', sessions) > tonumber(max_sessions) do
    local old = redis.call('ZRANGE', sessions, 0, 0)[1]
    redis.call('DEL', root .. 'session:' .. old .. ':' .. viewer, root .. 'items:' .. old .. ':' .. viewer)
    redis.call('ZREM', sessions, old)
  end
  local last = redis.call('ZRANGE', sessions, -1, -1, 'WITHSCORES')
  redis.call('PEXPIRE', sessions, math.max(1, tonumber(last[2]) - tonumber(now)))
end

serve(served, groups, tonumber(count), tonumber(max_served), tonumber(oldest), served_ttl)
redis.call('PEXPIRE', will, viewer_ttl)
redis.call('PEXPIRE', past, viewer_ttl)
redis.call('XADD', exposures, 'MAXLEN', '~', max_exposures, '*', 'v', visit, 'p', body)
return 1
