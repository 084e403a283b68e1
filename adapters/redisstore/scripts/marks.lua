-- How note.lua adds marks.
local max_seen, max_consumed = tonumber(ARGV[3]), tonumber(ARGV[4])

local function rewrite_mark(s, p, gap)
  local _, _, number_end, flags = mark(s, p)
  return to_mark(sub(s, p, number_end - 1), flags, gap)
end

-- trim_marks keeps the newest of each kind, and makes room for a quarter more.
local function trim_marks(marks)
  replace(marks, marks.new .. records(marks))
  local s, p, at, seen, consumed = marks.s, 1, marks.first, 0, 0
  local out, from, last, last_at, open = {}, 1, 0, nil, false
  while p < marks.to do
    local after, gap, _, flags = mark(s, p)
    local keep = false
    if flags ~= 2 then
      seen = seen + 1
      keep = seen <= max_seen
    end
    if flags >= 2 then
      consumed = consumed + 1
      keep = keep or consumed <= max_consumed
    end
    if keep then
      if open then
        out[#out + 1] = rewrite_mark(s, last, last_at - at)
        open, from = false, p
      end
      last, last_at = p, at
    elseif not open then
      out[#out + 1] = sub(s, from, last - 1)
      open = true
    end
    p, at = after, at - gap
  end
  if open then
    out[#out + 1] = rewrite_mark(s, last, 0)
  else
    out[#out + 1] = sub(s, from)
  end
  replace(marks, table.concat(out))
  marks.new, marks.room = '', floor(math.max(max_seen, max_consumed) / 4)
end

-- covers tells whether one mark of an item says all that the other says.
local function covers(flags, other) return flags == 3 or flags == other or other == 0 end

-- add_marks adds those of what is not held yet. Of an item that was met all the time the newest is enough. Marks come nearly in
-- order: a repeat that came more than ten minutes out of it is taken for new. A mark is two parts: item, then time and flags.
local function add_marks(marks, from, to)
  marks.new = ''
  if to < from then return end
  local at, flags, since = {}, {}, math.huge
  for i = from, to, 2 do
    local both = tonumber(ARGV[i + 1])
    flags[i] = both % 4
    at[i] = (both - flags[i]) / 4
    since = math.min(since, at[i] - 600)
  end
  local hits, last, named = places(marks, from, to, 2)
  if hits then
    drop(marks, hits, last, named, since, mark, rewrite_mark, function(same, held_at, held)
      for _, i in ipairs(same) do
        if covers(held, flags[i]) and held_at >= at[i] then
          flags[i] = 0
        elseif covers(flags[i], held) and held_at <= at[i] then
          return true
        end
      end
    end)
  end
  local newest, out, n = nil, {}, (to - from + 1) / 2
  if marks.from < marks.to then newest = marks.first end
  for i = from, to, 2 do
    local text = ''
    if flags[i] > 0 then
      text = to_mark(ARGV[i], flags[i], newest and at[i] - newest or 0)
      newest, marks.room = at[i], marks.room - 1
    end
    out[n], n = text, n - 1
  end
  marks.new, marks.first = table.concat(out), newest
  if marks.room < 0 then trim_marks(marks) end
end

