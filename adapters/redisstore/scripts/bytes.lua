-- Numbers of a fixed size are big-endian.

local byte, char, sub, find, floor, ceil = string.byte, string.char, string.sub, string.find, math.floor, math.ceil

local function number(s, from, to)
  local v = 0
  for i = from, to do v = v * 256 + byte(s, i) end
  return v
end

local function to_bytes(v, n)
  local out = ''
  for _ = 1, n do
    out, v = char(v % 256) .. out, floor(v / 256)
  end
  return out
end

