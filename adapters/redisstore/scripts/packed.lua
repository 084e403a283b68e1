-- Numbers and texts as packing.go writes them: varints have the lowest seven bits first, signed ones are zigzag.

-- uvarint returns the number at p of s, and where the next begins.
local function uvarint(s, p)
  local a, b, c, d = byte(s, p, p + 3)
  if a < 128 then return a, p + 1 end
  if b < 128 then return a + b * 128 - 128, p + 2 end
  if c < 128 then return a + b * 128 + c * 16384 - 16512, p + 3 end
  local v, unit = a + b * 128 + c * 16384 - 2113664, 2097152
  p = p + 3
  while d >= 128 do
    v, unit, p = v + (d - 128) * unit, unit * 128, p + 1
    d = byte(s, p)
  end
  return v + d * unit, p + 1
end

-- after_uvarint returns where that begins which follows the number at p of s.
local function after_uvarint(s, p)
  local a, b, c, d, e, f, g, h = byte(s, p, p + 7)
  if a < 128 then return p + 1 end
  if b < 128 then return p + 2 end
  if c < 128 then return p + 3 end
  if d < 128 then return p + 4 end
  if e < 128 then return p + 5 end
  if f < 128 then return p + 6 end
  if g < 128 then return p + 7 end
  p = p + 7
  while h >= 128 do
    p = p + 1
    h = byte(s, p)
  end
  return p + 1
end

local function signed(u)
  if u % 2 == 1 then return -(u + 1) / 2 end
  return u / 2
end

local function unsigned(v)
  if v < 0 then return -2 * v - 1 end
  return 2 * v
end

local function to_uvarint(v)
  local out = ''
  while v >= 128 do
    out, v = out .. char(v % 128 + 128), floor(v / 128)
  end
  return out .. char(v)
end

-- after_text returns where that begins which follows the packed text at p of s.
local function after_text(s, p)
  local head = byte(s, p)
  local n = head % 64
  p = p + 1
  if n == 63 then
    n, p = uvarint(s, p)
    n = n + 63
  end
  if head < 64 then return p + n end
  if head < 128 then return p + ceil(n / 2) end
  if head < 192 then return p + ceil(n * 5 / 8) end
  return p + ceil(n * 3 / 4)
end

