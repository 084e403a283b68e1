-- Adds marks and actions to what is known of viewers. Where nothing is held of one, it only ends a Restore under way. A copy in the
-- former form (the last of a viewer's four keys is its will) is no longer held.
-- It gets how long a viewer is kept, how many actions and marks of both kinds, and of each viewer a new token, how many parts the
-- marks are and the actions, and those parts, as marks.lua and acts.lua say.
local viewer_ttl = ARGV[1]

-- held returns what is known of the viewer, or nil when that is not all; and the stamp of the decisions, false where there is none.
local function held(will, past, token)
  local version = redis.call('GET', token)
  if not version then return end
  local text, under = redis.call('GET', past), redis.call('HMGET', will, '!', '#')
  if text and under[1] == version then return text, version, under[2] end
  redis.call('DEL', token)
end

local function note(will, past, token, former, new_token, from, acts_from, to)
  if redis.call('DEL', former) == 1 then
    local root, rest = string.match(former, '^(.-}:)will(:.*)$')
    redis.call('DEL', root .. 'acts' .. rest, root .. 'seen' .. rest, root .. 'consumed' .. rest)
  end
  local text, version, stamped = held(will, past, token)
  if not text then return end
  local acts, marks = unpack_past(text)
  add_marks(marks, from, acts_from - 1)
  add_actions(acts, acts_from, to)
  redis.call('SET', past, pack_past(acts, marks), 'PX', viewer_ttl)
  redis.call('SET', token, new_token, 'PX', viewer_ttl)
  redis.call('HSET', will, '!', new_token)
  if stamped then redis.call('HSET', will, '#', stamp(new_token, same_decisions(version, stamped) or new_token)) end
  redis.call('PEXPIRE', will, viewer_ttl)
end

local at = 5
for k = 1, #KEYS, 4 do
  local from = at + 3
  local acts_from = from + tonumber(ARGV[at + 1])
  at = acts_from + tonumber(ARGV[at + 2])
  note(KEYS[k], KEYS[k + 1], KEYS[k + 2], KEYS[k + 3], ARGV[from - 3], from, acts_from, at - 1)
end
return 1
