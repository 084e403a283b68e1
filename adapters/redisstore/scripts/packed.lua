-- Numbers and texts as packing.go writes them: varints have the lowest seven bits first, signed ones are zigzag.

-- uvarint returns the number at p of s, and where the next begins.
local function uvarint(s, p)
  local b = byte(s, p)
  if b < 128 then return b, p + 1 end
  local v, unit = b - 128, 128
  repeat
    p = p + 1
    b = byte(s, p)
    v, unit = v + b % 128 * unit, unit * 128
  until b < 128
  return v, p + 1
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
  local n, form = head % 64, floor(head / 64)
  p = p + 1
  if n == 63 then
    n, p = uvarint(s, p)
    n = n + 63
  end
  if form == 0 then return p + n end
  return p + math.ceil(n * (form + 3) / 8)
end

