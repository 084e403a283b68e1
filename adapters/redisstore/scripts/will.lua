-- The field ! of a viewer's will is the token that the copy was written under. Where there are many decisions the field # is that token
-- and, after a blank, the token under which they were changed last: their version. Writers that know nothing of # leave it under a token
-- of before; then it says nothing.

local function stamp(token, version) return token .. ' ' .. version end

-- same_decisions answers the version, nothing where it is not known.
local function same_decisions(token, stamped)
  if string.sub(stamped, 1, #token + 1) == token .. ' ' then return string.sub(stamped, #token + 2) end
end

-- mark_decisions gives what was just changed a new version.
local function mark_decisions(will, token)
  if redis.call('HLEN', will) > 64 then
    redis.call('HSET', will, '#', stamp(token, token))
  else
    redis.call('HDEL', will, '#')
  end
end

