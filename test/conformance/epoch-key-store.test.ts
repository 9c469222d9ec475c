import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe } from 'node:test';
import { newKey } from '../../crypto/index.ts';
import { connectRedis, createRedisEpochs } from '../../gateway/redis/index.ts';
import { createMemoryStore, createSlotFileStore } from '../../gateway/vault/index.ts';
import { systemClock } from '../../ops/system-clock.ts';
import { silentLog } from '../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../servers/redis.ts';
import { MemoryVaultRecords } from '../unit/vault/memory-records.ts';
import { epochKeyStoreConformance } from './epoch-key-store.ts';

epochKeyStoreConformance('memory', async () => createMemoryStore());

epochKeyStoreConformance('slot file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slots-'));
  const store = await createSlotFileStore({ path: join(directory, 'epochs.slots'), rootKey: newKey() });
  const close = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return {
    load: () => store.load(),
    held: () => store.held(),
    get: (number) => store.get(number),
    create: (number, openedAt) => store.create(number, openedAt),
    destroy: (number) => store.destroy(number),
    close,
  };
});

describe('in Redis', { skip: (await redisMissing()) ?? false }, () => {
  let server: TestRedis;
  let made = 0;
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    server = await startTestRedis();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  after(() => server.stop());

  epochKeyStoreConformance('Redis', async () => {
    const keyPrefix = `${server.prefix}-${made++}`;
    const redis = connectRedis({ url: server.url, options: { keyPrefix }, log: silentLog });
    ends.push(() => redis.close());
    const records = new MemoryVaultRecords();
    return createRedisEpochs({ redis, rootKey: newKey(), records, clock: systemClock, log: silentLog });
  });
});
