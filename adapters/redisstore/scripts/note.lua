-- Adds marks and actions to what is known of a viewer. Where nothing is held, it only ends a Restore under way. Copies in a former
-- form (the keys after the third) are no longer held.
local will, past, token = KEYS[1], KEYS[2], KEYS[3]
local viewer_ttl = ARGV[1]
local max_acts, max_seen, max_consumed, new_marks, new_token = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]

redis.call('DEL', unpack(KEYS, 4))
local version, held_past, under = redis.call('GET', token), redis.call('GET', past), redis.call('HMGET', will, '!', '#')
if not version or not held_past or under[1] ~= version then
  redis.call('DEL', token)
  return 0
end

local acts, marks = unpack_past(held_past)

-- seek looks through the records that begin with head, what came last first, until same(time, parts…) says that one is meant, and
-- no further than to one from before since. It returns where that record begins, its time, and where the one before it begins.
local function seek(list, read, head, since, same)
  local records, p, at, before = list.records, 1, list.first, nil
  local hit = find(records, head, 1, true)
  while hit do
    while p < hit do
      if at < since then return end
      local after, gap = read(records, p)
      before, p, at = p, after, at - gap
    end
    if p == hit and same(at, read(records, p)) then return p, at, before end
    hit = find(records, head, math.max(p, hit + 1), true)
  end
end

-- drop takes out the record at p; rewrite writes the one before it with another gap.
local function drop(list, read, rewrite, p, at, before)
  local records = list.records
  local after, gap = read(records, p)
  if before then
    local _, wider = read(records, before)
    list.records = sub(records, 1, before - 1) .. rewrite(records, before, wider + gap) .. sub(records, after)
  else
    list.first, list.records = at - gap, sub(records, after)
  end
end

-- gap_to returns how far the newest record lies before at.
local function gap_to(list, at)
  if list.records == '' then return 0 end
  return at - list.first
end

local function rewrite_mark(s, p, gap)
  local _, _, number_end, flags = mark(s, p)
  return to_mark(sub(s, p, number_end - 1), flags, gap)
end

-- trim_marks keeps the newest of each kind, and makes room for a quarter more.
local function trim_marks()
  local records, p, at, seen, consumed = marks.records, 1, marks.first, 0, 0
  local out, last = {}, nil
  while p <= #records do
    local after, gap, number_end, flags = mark(records, p)
    local keep = false
    if flags % 2 == 1 then
      seen = seen + 1
      keep = seen <= max_seen
    end
    if flags >= 2 then
      consumed = consumed + 1
      keep = keep or consumed <= max_consumed
    end
    if keep then
      if last then out[#out + 1] = to_mark(last.item, last.flags, last.at - at) end
      last = { item = sub(records, p, number_end - 1), flags = flags, at = at }
    end
    p, at = after, at - gap
  end
  out[#out + 1] = to_mark(last.item, last.flags, 0)
  marks.records, marks.room = table.concat(out), floor(math.max(max_seen, max_consumed) / 4)
end

-- add_mark adds what is not held yet. Of an item that was met all the time the newest is enough. Marks come nearly in order: a
-- repeat that came more than ten minutes out of it is taken for new.
local function add_mark(item, at, flags)
  local p, held_at, before = seek(marks, mark, item, at - 600, function(held_at, _, _, _, held)
    if held_at ~= at then return held == flags end
    if held == 3 or held == flags then
      flags = 0
    elseif flags == 3 then
      flags = 3 - held
    end
    return flags == 0
  end)
  if flags == 0 then return end
  if p then
    if held_at >= at then return end
    drop(marks, mark, rewrite_mark, p, held_at, before)
  end
  marks.records, marks.first = to_mark(item, flags, gap_to(marks, at)) .. marks.records, at
  if marks.room == 0 then
    trim_marks()
  else
    marks.room = marks.room - 1
  end
end

-- session_number returns which of the sessions it is, from the oldest; a new one comes first in the table.
local function session_number(text)
  if text == '' then return 0 end
  local names, p, n = acts.table, 1, acts.sessions
  if find(names, text, 1, true) then
    while n > 0 do
      local after = after_text(names, p)
      if sub(names, p, after - 1) == text then return n end
      p, n = after, n - 1
    end
  end
  acts.sessions, acts.table = acts.sessions + 1, text .. names
  return acts.sessions
end

local function rewrite_action(s, p, gap)
  local _, _, item_end, act, session, watched, duration = action(s, p)
  return to_action(sub(s, p, item_end - 1), act, session, gap, watched, duration)
end

local function put_action(item, act, session, at, watched, duration)
  acts.records = to_action(item, act, session, gap_to(acts, at), watched, duration) .. acts.records
  acts.first, acts.count = at, acts.count + 1
end

-- trim_actions keeps the newest by their time, and the sessions they came from.
local function trim_actions()
  local records, names, p, at, all = acts.records, {}, 1, acts.first, {}
  for n = acts.sessions, 1, -1 do
    local after = after_text(acts.table, p)
    names[n], p = sub(acts.table, p, after - 1), after
  end
  p = 1
  while p <= #records do
    local after, gap, item_end, act, session, watched, duration = action(records, p)
    all[#all + 1] = { sub(records, p, item_end - 1), act, names[session] or '', at, watched, duration, place = #all }
    p, at = after, at - gap
  end
  table.sort(all, function(a, b)
    if a[4] ~= b[4] then return a[4] > b[4] end
    return a.place < b.place
  end)
  acts.count, acts.sessions, acts.table, acts.records = 0, 0, '', ''
  for i = math.min(max_acts, #all), 1, -1 do
    local a = all[i]
    put_action(a[1], a[2], session_number(a[3]), a[4], a[5], a[6])
  end
end

local function is_play(act) return act >= 3 and act <= 5 end

-- add_action adds one; of two with one name the larger parts stay. All plays of an item in a session have one name.
local function add_action(item, act, text, at, watched, duration)
  local session = session_number(text)
  local p, held_at, before = seek(acts, action, item, 0, function(held_at, _, _, _, held, held_session, held_watched, held_duration)
    if held_session ~= session then return false end
    if not (is_play(held) and is_play(act)) and (held ~= act or held_at ~= at) then return false end
    act, at = math.max(act, held), math.max(at, held_at)
    watched, duration = math.max(watched, held_watched), math.max(duration, held_duration)
    return true
  end)
  if p then
    drop(acts, action, rewrite_action, p, held_at, before)
    acts.count = acts.count - 1
  end
  put_action(item, act, session, at, watched, duration)
  if acts.count > max_acts * 1.25 then trim_actions() end -- so that trimming is rare
end

local from = 7
for _ = 1, new_marks do
  add_mark(ARGV[from], tonumber(ARGV[from + 1]), tonumber(ARGV[from + 2]))
  from = from + 3
end
for i = from, #ARGV, 6 do
  add_action(ARGV[i], tonumber(ARGV[i + 1]), ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5]))
end

redis.call('SET', past, pack_past(acts, marks), 'PX', viewer_ttl)
redis.call('SET', token, new_token, 'PX', viewer_ttl)
redis.call('HSET', will, '!', new_token)
if under[2] then redis.call('HSET', will, '#', stamp(new_token, same_decisions(under[1], under[2]) or new_token)) end
redis.call('PEXPIRE', will, viewer_ttl)
return 1
