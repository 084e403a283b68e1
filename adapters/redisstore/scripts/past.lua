-- A viewer's past is one string, as past.go says: the length of the acts (3 bytes), the acts, the marks. Both lists have what came
-- last first, and begin with its time (6 bytes); each record holds the gap in time to the one after it.

-- action reads the record of the acts at p: where the next begins, its gap, where its item ends, and its parts.
local function action(s, p)
  local item_end = after_text(s, p)
  local kind, session, watched, duration, gap = byte(s, item_end), 0, 0, 0
  p = item_end + 1
  if kind % 64 >= 32 then session, p = uvarint(s, p) end
  gap, p = uvarint(s, p)
  if kind >= 64 then
    watched, p = uvarint(s, p)
    duration, p = uvarint(s, p)
  end
  return p, signed(gap), item_end, kind % 32, session, watched, duration
end

local function to_action(item, act, session, gap, watched, duration)
  local kind, tail = act, to_uvarint(unsigned(gap))
  if session > 0 then kind, tail = kind + 32, to_uvarint(session) .. tail end
  if watched > 0 or duration > 0 then kind, tail = kind + 64, tail .. to_uvarint(watched) .. to_uvarint(duration) end
  return item .. char(kind) .. tail
end

-- mark reads the record of the marks at p: where the next begins, its gap, where its number ends, and its flags.
local function mark(s, p)
  local number_end, v = p
  while byte(s, number_end) >= 128 do number_end = number_end + 1 end
  number_end = number_end + 1
  v, p = uvarint(s, number_end)
  return p, signed(floor(v / 4)), number_end, v % 4
end

local function to_mark(item, flags, gap) return item .. to_uvarint(unsigned(gap) * 4 + flags) end

local function unpack_past(s)
  local acts, marks = { count = 0, sessions = 0, table = '', records = '' }, { room = 0, records = '' }
  local first = 4 + number(s, 1, 3)
  if first > 4 then
    acts.count, acts.first, acts.sessions = number(s, 4, 5), number(s, 6, 11), number(s, 12, 13)
    local from = 14
    for _ = 1, acts.sessions do from = after_text(s, from) end
    acts.table, acts.records = sub(s, 14, from - 1), sub(s, from, first - 1)
  end
  if #s >= first then
    marks.room, marks.first, marks.records = number(s, first, first + 1), number(s, first + 2, first + 7), sub(s, first + 8)
  end
  return acts, marks
end

local function pack_past(acts, marks)
  local head, tail = '', ''
  if acts.count > 0 then
    head = to_bytes(acts.count, 2) .. to_bytes(acts.first, 6) .. to_bytes(acts.sessions, 2) .. acts.table .. acts.records
  end
  if marks.records ~= '' then
    tail = to_bytes(marks.room, 2) .. to_bytes(marks.first, 6) .. marks.records
  end
  return to_bytes(#head, 3) .. head .. tail
end

