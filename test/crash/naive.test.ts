// The negative control of the whole design: a gateway that trusts BullMQ's default re-runs instead of claims, gate 2
// and a journal, judged by the same telephone. It must be found guilty.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { redisMissing, startTestRedis } from '../servers/redis.ts';
import { isSound, judge } from './judge.ts';
import { readLineLog } from './line-log.ts';
import { NAIVE_QUEUE, type NaiveJob } from './naive-queue.ts';
import { TelephoneProcess } from './telephone-process.ts';

const FAXES = 12;
const PAGES = 3;
const KILLS = 8;
/** How long the last worker may take to empty the queue, ms. */
const FINISH = 60_000;

test('a gateway that trusts BullMQ’s default re-runs prints pages twice', {
  skip: (await redisMissing()) ?? (process.env.REDIS_URL === undefined ? false : 'REDIS_URL is shared with others'),
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-naive-'));
  const redis = await startTestRedis();
  const telephone = await TelephoneProcess.start(directory);
  const path = redis.url.replace(/^unix:\/\//, '');
  const connection = new Redis({ path, maxRetriesPerRequest: null });
  const queue = new Queue<NaiveJob>(NAIVE_QUEUE, { connection });
  let worker = startWorker(path, telephone.socket);
  try {
    const faxes = Array.from({ length: FAXES }, (_, fax) => ({ fax, to: `+1555010${1_000 + fax}`, pages: PAGES }));
    await queue.addBulk(faxes.map((data) => ({ name: 'fax', data })));
    for (let kill = 0; kill < KILLS; kill++) {
      await telephone.heard('mcf');
      await end(worker);
      worker = startWorker(path, telephone.socket);
    }
    const late = performance.now() + FINISH;
    while ((await queue.getJobCountByTypes('waiting', 'active', 'delayed')) > 0 && performance.now() < late) {
      await pause(200);
    }
    const done = new Set((await queue.getCompleted()).map(({ data }) => data.fax));
    const outcomes = faxes.map(({ fax, to, pages }) => {
      return { fax, to, pages, state: done.has(fax) ? 'delivered' : 'failed', wiped: true };
    });
    const calls = readLineLog(telephone.log);
    const verdict = judge({ outcomes, calls, own: new Set(), received: [], orphans: [] });
    context.diagnostic(`twice ${verdict.twice.length}, lost or wrongly failed ${verdict.lost.length}`);
    assert.ok(verdict.twice.length > 0, 'a killed worker’s fax began with page 1 again');
    assert.ok(!isSound(verdict));
  } finally {
    await end(worker);
    await queue.close();
    connection.disconnect();
    telephone.stop();
    await redis.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

function startWorker(redis: string, telephone: string): ChildProcess {
  const file = resolve(import.meta.dirname, 'naive-worker.ts');
  return spawn(process.execPath, [file, redis, telephone], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function end(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit');
  if (worker.kill('SIGKILL')) await ended;
}
