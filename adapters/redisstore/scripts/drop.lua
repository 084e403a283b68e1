-- What note.lua takes out of the lists of a past.

-- places returns where the records may be that are named by the parts from from up to to, the last of these places, and the parts by
-- their names; nil when there are none. At some of the places lie other bytes, which happen to be equal.
local function places(list, from, to, step)
  local s, begin, until_ = list.s, list.from, list.to
  local named, hits, last = {}, nil, 0
  for i = from, to, step do
    local name = ARGV[i]
    local same = named[name]
    if same then
      same[#same + 1] = i
    else
      named[name] = { i }
      local hit = find(s, name, begin, true)
      while hit and hit < until_ do
        hits = hits or {}
        hits[hit] = name
        if hit > last then last = hit end
        hit = find(s, name, hit + 1, true)
      end
    end
  end
  return hits, last, named
end

local function replace(list, text)
  list.s, list.from, list.to = text, 1, #text + 1
end

-- drop takes out the records at hits of which gone(their parts, time, record…) says so, and looks no further than to one from before
-- since; the record before one is written with another gap. It returns how many.
local function drop(list, hits, last, named, since, read, rewrite, gone)
  local s, p, at = list.s, list.from, list.first
  local out, from, before, before_at, open, n = {}, p, 0, nil, false, 0
  while p <= last and at >= since do
    local after, gap, _, b, c, d, e = read(s, p)
    if hits[p] and gone(named[hits[p]], at, b, c, d, e) then
      if not open and before > 0 then out[#out + 1] = sub(s, from, before - 1) end
      open, n = true, n + 1
    else
      if open then
        if before > 0 then out[#out + 1] = rewrite(s, before, before_at - at) else list.first = at end
        open, from = false, p
      end
      before, before_at = p, at
    end
    p, at = after, at - gap
  end
  if n == 0 then return 0 end
  if open then
    if p >= list.to then at = before_at end
    if before > 0 then out[#out + 1] = rewrite(s, before, before_at - at) else list.first = at end
    from = p
  end
  out[#out + 1] = sub(s, from, list.to - 1)
  replace(list, table.concat(out))
  return n
end

