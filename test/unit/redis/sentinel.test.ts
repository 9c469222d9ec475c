import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createJobQueue } from '../../../gateway/queue/index.ts';
import { connectRedis } from '../../../gateway/redis/index.ts';
import { ear } from '../../conformance/job-queue.ts';
import { silentLog } from '../../postgres.ts';
import { redisMissing } from '../../servers/redis.ts';
import { startTestSentinel, type TestSentinel } from '../../servers/sentinel.ts';

describe('a Redis behind Sentinel', { skip: (await redisMissing({ own: true })) ?? false, timeout: 60_000 }, () => {
  let setting: TestSentinel;
  before(async () => {
    setting = await startTestSentinel();
  });
  after(() => setting?.stop());

  test('is followed when another takes its place: commands, messages and the bell go on', async (t) => {
    const { options, master } = setting;
    // The host of the address does not matter: the Sentinel says where the master is.
    const url = 'redis://sentinel.invalid';
    const redis = connectRedis({ url, options, log: silentLog });
    t.after(() => redis.close());
    const queue = createJobQueue({ connection: { kind: 'redis', url, options }, log: silentLog });
    t.after(() => queue.stop().then(() => queue.close()));
    const heard = ear();
    await queue.hear('dial', 1, heard.hear);
    await queue.ring('dial', 'before');
    await heard.until(1);
    const told: string[] = [];
    redis.listen(
      'news',
      (text) => told.push(text),
      () => undefined,
    );
    await redis.ask('SET', redis.key('kept'), 'yes');
    await redis.ask('WAIT', 1, 5_000);
    const before = await setting.masterPort();

    await master.kill();
    while ((await redis.ask('SET', redis.key('again'), 'x').catch(() => undefined)) === undefined) await pause(50);
    assert.notEqual(await setting.masterPort(), before);
    assert.equal(String(await redis.ask('GET', redis.key('kept'))), 'yes');
    for (let ring = 0; heard.ids.length < 2; ring++) {
      await queue.ring('dial', `after ${ring}`);
      await pause(50);
    }
    for (let news = 0; told.length === 0; news++) {
      await redis.ask('PUBLISH', `${redis.prefix}:news`, `${news}`).catch(() => undefined);
      await pause(50);
    }
  });
});
