// A session is one hash:
//
//   k  keys, sealed      f  facts in clear, bound to the seal: "<suite> <createdAt> <expiresAt>"
//   l  log-in, sealed    u  last used, ms      t  log-in tried      n  messages
//   top  highest sequence number      b<i>  bits of the numbers 32·i … 32·i + 31, bit 0 the lowest
//
// Beside it: a set of session ids for each user and account, and a sorted set of those without a log-in, by age.
// Everything ends by itself through its time to live.

/** Numbers of a block of the window: what Lua's bit operations take. */
export const BLOCK = 32;

/** KEYS session, pending · ARGV keys, facts, now, life without log-in, sid, most pending, channel, key of a session without its sid */
export const ADD = `
redis.call('HSET', KEYS[1], 'k', ARGV[1], 'f', ARGV[2], 'u', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[3]) - tonumber(ARGV[4]))
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if redis.call('ZCARD', KEYS[2]) <= tonumber(ARGV[6]) then return 0 end
local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
redis.call('ZREM', KEYS[2], oldest)
redis.call('DEL', ARGV[8] .. oldest)
redis.call('PUBLISH', ARGV[7], oldest)
return 1`;

/** KEYS session · ARGV seq, window size. 1 when it was marked, 0 when it had been or there is no session. */
export const MARK = `
if redis.call('HEXISTS', KEYS[1], 'k') == 0 then return 0 end
local seq, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local top = tonumber(redis.call('HGET', KEYS[1], 'top') or '-1')
if seq <= top - size then return 0 end
local function field(block) return string.format('b%d', block) end
local at = math.floor(seq / ${BLOCK})
local bits = tonumber(redis.call('HGET', KEYS[1], field(at)) or '0')
local mask = bit.lshift(1, seq % ${BLOCK})
if bit.band(bits, mask) ~= 0 then return 0 end
if seq > top then
  local last = math.min(math.floor((seq - size) / ${BLOCK}) - 1, math.floor(top / ${BLOCK}))
  for old = math.max(0, math.floor((top - size) / ${BLOCK})), last do redis.call('HDEL', KEYS[1], field(old)) end
  redis.call('HSET', KEYS[1], 'top', ARGV[1])
end
redis.call('HSET', KEYS[1], field(at), string.format('%d', bit.bor(bits, mask)))
redis.call('HINCRBY', KEYS[1], 'n', 1)
return 1`;

/** KEYS session. 1 for the first who asks. */
export const TRY_LOGIN = `
if redis.call('HEXISTS', KEYS[1], 'k') == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 't', 1)`;

/** KEYS session, pending, index… · ARGV log-in, now, life when idle, sid, life of the session */
export const LOGIN = `
if redis.call('HEXISTS', KEYS[1], 'k') == 0 then return 0 end
redis.call('HSET', KEYS[1], 'l', ARGV[1], 'u', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[4])
for i = 3, #KEYS do
  redis.call('SADD', KEYS[i], ARGV[4])
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
end
return 1`;

/** KEYS session · ARGV log-in as it was read, log-in. 1 when it was still that one. */
export const UPDATE = `
if redis.call('HGET', KEYS[1], 'l') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'l', ARGV[2])
return 1`;

/** KEYS session · ARGV now, life when idle. Of clocks that differ the later one counts. */
export const TOUCH = `
local used = redis.call('HGET', KEYS[1], 'u')
if not used or tonumber(used) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'u', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS session, pending, index… · ARGV sid, channel. 1 when there was one. */
export const END = `
local was = redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
for i = 3, #KEYS do redis.call('SREM', KEYS[i], ARGV[1]) end
redis.call('PUBLISH', ARGV[2], ARGV[1])
return was`;

/** KEYS session… 1 for each that there is, 0 for each that there is not. */
export const PRESENT = `
local answers = {}
for i, key in ipairs(KEYS) do answers[i] = redis.call('EXISTS', key) end
return answers`;
