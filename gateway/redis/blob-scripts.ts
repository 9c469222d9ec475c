// One hash for each fax, and one string for each chunk of 256 KiB:
//
//   o:<object>  name of the write that made it      w:<write>  chunks so far      b:<write>  bytes, when it is whole
//
// A write exists from its beginning to its removal; a chunk of a write that has been removed is refused. Everything
// ends by itself through its time to live.

/** Removes the chunks of a write and what the hash says of it. */
const DROP = `
local function drop(write)
  local chunks = tonumber(redis.call('HGET', KEYS[1], 'w:' .. write) or '0')
  for n = 0, chunks - 1 do redis.call('DEL', KEYS[1] .. ':' .. write .. ':' .. n) end
  redis.call('HDEL', KEYS[1], 'w:' .. write, 'b:' .. write)
end`;

/** KEYS index · ARGV fax, life */
export const NOTE = `
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS fax · ARGV write, life */
export const BEGIN = `
redis.call('HSET', KEYS[1], 'w:' .. ARGV[1], 0)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS fax, chunk · ARGV write, life, octets. 0 when the write has been removed. */
export const APPEND = `
if redis.call('HEXISTS', KEYS[1], 'w:' .. ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'w:' .. ARGV[1], 1)
return 1`;

/**
 * The last chunk, if any is left, and the end. KEYS fax, chunk · ARGV write, life, octets, object, bytes. 0 when the
 * write has been removed.
 */
export const FINISH = `${DROP}
if redis.call('HEXISTS', KEYS[1], 'w:' .. ARGV[1]) == 0 then return 0 end
if #ARGV[3] > 0 then
  redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'w:' .. ARGV[1], 1)
end
local old = redis.call('HGET', KEYS[1], 'o:' .. ARGV[4])
redis.call('HSET', KEYS[1], 'o:' .. ARGV[4], ARGV[1], 'b:' .. ARGV[1], ARGV[5])
if old then drop(old) end
return 1`;

/** KEYS fax · ARGV write */
export const TAKE_BACK = `${DROP}
drop(ARGV[1])
return 1`;

/** KEYS fax · ARGV object → write, chunks, bytes; nil when there is none */
export const FIND = `
local write = redis.call('HGET', KEYS[1], 'o:' .. ARGV[1])
if not write then return false end
return {write, redis.call('HGET', KEYS[1], 'w:' .. write), redis.call('HGET', KEYS[1], 'b:' .. write)}`;

/** KEYS fax · ARGV object */
export const REMOVE_OBJECT = `${DROP}
local write = redis.call('HGET', KEYS[1], 'o:' .. ARGV[1])
if not write then return 0 end
drop(write)
redis.call('HDEL', KEYS[1], 'o:' .. ARGV[1])
return 1`;

/** KEYS fax. 1 when there was something. */
export const REMOVE_FAX = `${DROP}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'w:' then drop(string.sub(field, 3)) end
end
return redis.call('DEL', KEYS[1])`;
