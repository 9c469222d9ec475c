// What the processes of a cluster share in Redis: bells apart, everything that must not be lost lives elsewhere.

export { parseRedisAddress, type RedisAddress } from './address.ts';
export { createRedisBlobs, type RedisBlobOptions } from './blob-store.ts';
export { connectRedis, type Redis } from './connection.ts';
export { createRedisEpochs, type RedisEpochOptions } from './epoch-store.ts';
export { RedisError, type RedisErrorCode } from './errors.ts';
export { type RedisFinding, redisFindings } from './findings.ts';
export { createRedisSessions, type RedisSessions } from './session-store.ts';
