-- A cached value is its epoch, its tag and its contents, with a blank between them. head_of answers the first two, and where the contents
-- begin; nothing where there is no value.
local function head_of(value)
  local head = redis.call('GETRANGE', value, 0, 41)
  local epoch, tag = string.match(head, '^(%d+) (%d+) ')
  if not epoch then return nil end
  return epoch, tag, #epoch + #tag + 2
end

-- newer reports that what is held is of a later epoch, or of this one with a tag that is as high or higher.
local function newer(value, epoch, tag)
  local held_epoch, held_tag = head_of(value)
  if not held_epoch then return false end
  held_epoch, epoch = tonumber(held_epoch), tonumber(epoch)
  return held_epoch > epoch or held_epoch == epoch and tonumber(held_tag) >= tonumber(tag)
end
