-- Answers what is cached: 'same' where the caller holds it already, 'held' and its tag and contents, or, where nothing of the epoch is
-- held, who reads the source: 'yours', with a lease under the caller's token, or 'taken'.
local value, lease = KEYS[1], KEYS[2]
local epoch, have, token, lease_ms = unpack(ARGV)
local of, tag, from = head_of(value)
if of == epoch then
  if tag == have then return { 'same' } end
  return { 'held', tag, redis.call('GETRANGE', value, from, -1) }
end
if redis.call('SET', lease, token, 'NX', 'PX', lease_ms) then
  return { 'yours' }
end
return { 'taken' }
