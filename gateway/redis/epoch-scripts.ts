// epochs       hash: number → octets 0–7 openedAt, u64 ms; then the KEK, sealed
//              and "generation" → a random name, made whenever there is none: a Redis that was flushed, came back empty
//              or dropped the hash to make room has no name, or another
// filling      stands for some seconds of a generation that lacks keys which the records count on: others may still have them
// destroyed:n  epoch n was destroyed on purpose

/** KEYS epochs, filling → generation or nil, whether it is being filled, all fields */
export const READ = `
return {redis.call('HGET', KEYS[1], 'generation'), redis.call('EXISTS', KEYS[2]), redis.call('HGETALL', KEYS[1])}`;

/** KEYS epochs, destroyed · ARGV number, value, channel. Makes the epoch when there is none; answers what is there. */
export const CREATE = `
redis.call('DEL', KEYS[2])
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 1 then redis.call('PUBLISH', ARGV[3], ARGV[1]) end
return redis.call('HGET', KEYS[1], ARGV[1])`;

/** KEYS epochs, destroyed · ARGV number, value. Puts a lost epoch back; 0 when it was there, nil when it was destroyed. */
export const PUT_BACK = `
if redis.call('EXISTS', KEYS[2]) == 1 then return false end
return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])`;

/** KEYS epochs, destroyed · ARGV number, life of the note, channel. 0 when nothing is left. */
export const DESTROY = `
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], 1, 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return redis.call('HEXISTS', KEYS[1], ARGV[1])`;

/**
 * KEYS epochs, filling · ARGV a name, whether keys are missing, how long others have, channel, number… → the
 * generation; nil when one of these numbers is not there: Redis was emptied again.
 */
export const SETTLE = `
for i = 5, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then return false end
end
local isNew = redis.call('HSETNX', KEYS[1], 'generation', ARGV[1]) == 1
if isNew and ARGV[2] == '1' then redis.call('SET', KEYS[2], 1, 'PX', ARGV[3]) end
if ARGV[2] == '0' then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', ARGV[4], '')
return redis.call('HGET', KEYS[1], 'generation')`;
