-- How note.lua adds actions.
local max_acts = tonumber(ARGV[2])

-- session_number returns which of the sessions it is, from the oldest; a new one comes first among the names.
local function session_number(acts, text)
  if text == '' then return 0 end
  local names, p, n = acts.names, 1, acts.sessions
  if find(names, text, 1, true) then
    while n > 0 do
      local after = after_text(names, p)
      if sub(names, p, after - 1) == text then return n end
      p, n = after, n - 1
    end
  end
  acts.sessions, acts.names = acts.sessions + 1, text .. names
  return acts.sessions
end

local function rewrite_action(s, p, gap)
  local _, _, item_end, act, session, watched, duration = action(s, p)
  return to_action(sub(s, p, item_end - 1), act, session, gap, watched, duration)
end

-- sort_actions keeps the newest by their time, and the sessions they came from.
local function sort_actions(acts)
  local s, names, p, at, all = acts.s, {}, 1, acts.first, {}
  for n = acts.sessions, 1, -1 do
    local after = after_text(acts.names, p)
    names[n], p = sub(acts.names, p, after - 1), after
  end
  p = 1
  while p < acts.to do
    local after, gap, item_end, act, session, watched, duration = action(s, p)
    all[#all + 1] = { sub(s, p, item_end - 1), act, names[session] or '', at, watched, duration, place = #all }
    p, at = after, at - gap
  end
  table.sort(all, function(a, b)
    if a[4] ~= b[4] then return a[4] > b[4] end
    return a.place < b.place
  end)
  acts.count, acts.sessions, acts.names = math.min(max_acts, #all), 0, ''
  local out, older = {}, nil
  for i = acts.count, 1, -1 do
    local a = all[i]
    out[i] = to_action(a[1], a[2], session_number(acts, a[3]), older and a[4] - older or 0, a[5], a[6])
    older = a[4]
  end
  acts.first = older
  replace(acts, table.concat(out))
end

-- forget_sessions forgets the oldest, of which no action is left.
local function forget_sessions(acts, count)
  local s, out, from, p = acts.s, {}, 1, 1
  for _ = 1, acts.sessions - count do p = after_text(acts.names, p) end
  acts.names, acts.sessions = sub(acts.names, 1, p - 1), acts.sessions - count
  p = 1
  while p < acts.to do
    local kind_at = after_text(s, p)
    if byte(s, kind_at) % 64 >= 32 then
      local session, after = uvarint(s, kind_at + 1)
      out[#out + 1] = sub(s, from, kind_at) .. to_uvarint(session - count)
      from = after
    end
    p = action(s, p)
  end
  out[#out + 1] = sub(s, from)
  replace(acts, table.concat(out))
end

-- trim_actions keeps the newest by their time. Nearly always they are in order: then it cuts.
local function trim_actions(acts)
  replace(acts, acts.new .. records(acts))
  acts.new = ''
  local s, p, n, last, oldest = acts.s, 1, 0, 1, acts.sessions + 1
  while p < acts.to do
    n = n + 1
    if n == max_acts then last = p end
    local gap, session, _
    p, gap, _, _, session = action(s, p)
    if n <= max_acts and session > 0 and session < oldest then oldest = session end
    if gap < 0 and p < acts.to then return sort_actions(acts) end
  end
  acts.count = max_acts
  replace(acts, sub(s, 1, last - 1) .. rewrite_action(s, last, 0))
  if oldest > 16 then forget_sessions(acts, oldest - 1) end -- rarely
end

local function to_rest(act, session, watched, duration)
  local kind, tail = act, ''
  if session > 0 then kind = kind + 32 end
  if watched > 0 or duration > 0 then kind, tail = kind + 64, to_uvarint(watched) .. to_uvarint(duration) end
  return char(kind) .. tail
end

local function is_play(act) return act >= 3 and act <= 5 end

-- add_actions adds some; of two with one name the larger parts stay. All plays of an item in a session have one name. An action is four
-- parts: item, session, time, and its byte with what follows the gap.
local function add_actions(acts, from, to)
  acts.new = ''
  if to < from then return end
  local last_text, last_number = '', 0
  local sessions, at = {}, {}
  for i = from, to, 4 do
    local text = ARGV[i + 1]
    if text ~= last_text then last_text, last_number = text, session_number(acts, text) end
    sessions[i], at[i] = last_number, tonumber(ARGV[i + 2])
  end
  local other = {} -- what is to be written instead of the last part
  local hits, last, named = places(acts, from, to, 4)
  if hits then
    acts.count = acts.count - drop(acts, hits, last, named, 0, action, rewrite_action, function(same, held_at, held, held_session, held_watched, held_duration)
      for _, i in ipairs(same) do
        local rest = other[i] or ARGV[i + 3]
        local act = byte(rest) % 32
        if held_session == sessions[i] and ((is_play(held) and is_play(act)) or (held == act and held_at == at[i])) then
          local watched, duration, p = 0, 0, nil
          if #rest > 1 then
            watched, p = uvarint(rest, 2)
            duration = uvarint(rest, p)
          end
          other[i] = to_rest(math.max(act, held), sessions[i], math.max(watched, held_watched), math.max(duration, held_duration))
          at[i] = math.max(at[i], held_at)
          return true
        end
      end
    end)
  end
  local newest, out, n = nil, {}, (to - from + 1) / 4
  if acts.from < acts.to then newest = acts.first end
  acts.count = acts.count + n
  for i = from, to, 4 do
    local rest, gap, session = other[i] or ARGV[i + 3], '\0', ''
    if newest and newest ~= at[i] then gap = to_uvarint(unsigned(at[i] - newest)) end
    if sessions[i] > 0 then session = to_uvarint(sessions[i]) end
    out[n], n = ARGV[i] .. sub(rest, 1, 1) .. session .. gap .. sub(rest, 2), n - 1
    newest = at[i]
  end
  acts.new, acts.first = table.concat(out), newest
  if acts.count > max_acts * 1.25 then trim_actions(acts) end -- so that trimming is rare
end

