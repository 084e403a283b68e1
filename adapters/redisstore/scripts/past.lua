-- A viewer's past is one string, as past.go says: the length of the acts (3 bytes), the acts, the marks. Both lists have what came
-- last first, and begin with its time (6 bytes); each record holds the gap in time to the one after it.

-- action reads the record of the acts at p: where the next begins, its gap, where its item ends, and its parts.
local function action(s, p)
  local item_end = after_text(s, p)
  local kind, session, gap, watched, duration = byte(s, item_end), 0, nil, 0, 0
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
  local number_end, v = after_uvarint(s, p)
  v, p = uvarint(s, number_end)
  local flags = v % 4
  return p, signed((v - flags) / 4), number_end, flags
end

local function to_mark(item, flags, gap) return item .. to_uvarint(unsigned(gap) * 4 + flags) end

-- unpack_past returns both lists: their records lie in s from from up to before to.
local function unpack_past(s)
  local acts, marks = { s = s, count = 0, sessions = 0, names = '', from = 4 }, { s = s, room = 0, to = #s + 1 }
  acts.to = 4 + number(s, 1, 3)
  if acts.to > 4 then
    acts.count, acts.first, acts.sessions = number(s, 4, 5), number(s, 6, 11), number(s, 12, 13)
    local from = 14
    for _ = 1, acts.sessions do from = after_text(s, from) end
    acts.names, acts.from = sub(s, 14, from - 1), from
  end
  marks.from = acts.to
  if marks.to > marks.from then
    marks.room, marks.first, marks.from = number(s, marks.from, marks.from + 1), number(s, marks.from + 2, marks.from + 7), marks.from + 8
  end
  return acts, marks
end

local function records(list)
  if list.from == 1 and list.to > #list.s then return list.s end
  return sub(list.s, list.from, list.to - 1)
end

-- pack_past puts what is new in front of the records. Every text that is made costs as much as it is long: it makes few.
local function pack_past(acts, marks)
  local head, names, old_acts, tail, old_marks = '', '', '', '', ''
  if acts.count > 0 then
    head, names, old_acts = to_bytes(acts.count, 2) .. to_bytes(acts.first, 6) .. to_bytes(acts.sessions, 2), acts.names, records(acts)
  end
  if marks.new ~= '' or marks.from < marks.to then
    tail, old_marks = to_bytes(marks.room, 2) .. to_bytes(marks.first, 6), records(marks)
  end
  local size = #head + #names + #acts.new + #old_acts
  return to_bytes(size, 3) .. head .. names .. acts.new .. old_acts .. tail .. marks.new .. old_marks
end

