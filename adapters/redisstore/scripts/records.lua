-- Records are 12 bytes: an item's number (8) and a time in Unix seconds (4), both big-endian.

-- remember appends records to the string at key, keeps about the newest `most`, and lets it live for ttl ms.
local function remember(key, records, most, ttl)
  if records == '' then return end
  local size = redis.call('APPEND', key, records)
  if size > most * 15 then -- a quarter too many, so that trimming is rare
    redis.call('SET', key, redis.call('GETRANGE', key, -12 * most, -1))
  end
  redis.call('PEXPIRE', key, ttl)
end

-- unheld returns those of the records that are not held yet.
local function unheld(held, records)
  local new = {}
  for i = 1, #records, 12 do
    local record = string.sub(records, i, i + 11)
    local at = 0
    repeat
      at = string.find(held, record, at + 1, true)
    until not at or at % 12 == 1
    if not at then
      new[#new + 1] = record
      held = held .. record
    end
  end
  return table.concat(new)
end

