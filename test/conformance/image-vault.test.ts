import { after, before, describe } from 'node:test';
import { connectRedis, createRedisBlobs } from '../../gateway/redis/index.ts';
import { silentLog } from '../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../servers/redis.ts';
import { makeSetting, type Setting } from '../unit/vault/setting.ts';
import { imageVaultConformance, type VaultUnderTest } from './image-vault.ts';

const under = (setting: Setting, end = setting.end): VaultUnderTest => ({
  vault: setting.vault,
  records: setting.records,
  accept: async (fax) => setting.records.setLive(fax),
  publicSpki: setting.key.publicSpki,
  end,
});

imageVaultConformance('files, rows in memory', async () => under(await makeSetting()));

describe('in Redis', { skip: (await redisMissing()) ?? false }, () => {
  let server: TestRedis;
  let made = 0;
  before(async () => {
    server = await startTestRedis();
  });
  after(() => server.stop());

  imageVaultConformance('Redis, rows in memory', async () => {
    const options = { keyPrefix: `${server.prefix}-${made++}` };
    const redis = connectRedis({ url: server.url, options, log: silentLog });
    const setting = await makeSetting(undefined, () => createRedisBlobs({ redis }));
    return under(setting, async () => {
      await setting.end();
      await redis.close();
    });
  });
});
