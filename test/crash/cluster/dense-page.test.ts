// A worker that cannot reach the database any more, in the middle of a page that takes longer than its lease: it falls
// silent by itself before another worker settles its call. Without that, the page would be sent twice.

import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, connectAdmin } from '../../../api/client/index.ts';
import { redisMissing } from '../../servers/redis.ts';
import { judge } from '../judge.ts';
import { readLineLog } from '../line-log.ts';
import { documentOf, markedPage } from '../marked-page.ts';
import { createRandom } from '../random.ts';
import { TelephoneProcess } from '../telephone-process.ts';
import { Cluster, LEASE, type Member } from './cluster.ts';

/** bit/s; a fifth of real time. */
const LINE = [4_800, 0.2] as const;
/** Rows of noise: about 80 KB of T.6, two minutes at 4,800 bit/s. */
const NOISE = 320;
const TO = '+15550100000';
const FINISH = 120_000;

test('a worker parted from the database in the middle of a dense page falls silent before its lease is over', {
  skip: (await redisMissing()) ?? (process.env.REDIS_URL === undefined ? false : 'REDIS_URL is shared with others'),
}, async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'sealfax-dense-')));
  const telephone = await TelephoneProcess.start(directory, LINE);
  const cluster = await Cluster.start(directory, telephone);
  try {
    const { client, id } = await send(cluster);
    await telephone.heard('block');
    const victim = await holder(cluster, id);
    victim.database.cut();
    const { state } = await until(async () => {
      const fax = await client.faxes.get(id);
      return fax.state === 'uncertain' ? fax : undefined;
    });
    const silent = readLineLog(telephone.log).some((call) => call.cutInsidePage);
    victim.database.mend();
    await pause(LEASE * 1_000);
    await client.close();
    assert.ok(silent, 'its call was settled while it still sent');
    const outcomes = [{ fax: 0, to: TO, pages: 1, state, wiped: true }];
    const calls = readLineLog(telephone.log);
    const verdict = judge({ outcomes, calls, own: new Set(), received: [], orphans: [] });
    assert.deepEqual(verdict.twice, []);
    assert.deepEqual(verdict.needlesslyUncertain, []);
    assert.equal(calls.length, 1, 'nobody dialled again');
  } finally {
    await cluster.remove();
    telephone.stop();
    await rm(directory, { recursive: true, force: true });
  }
});

async function send(cluster: Cluster) {
  await cluster.begin();
  const { owner, app } = cluster.secrets;
  const admin = connectAdmin(cluster.addressed(owner.connection), owner.secret);
  const [account] = await admin.accounts();
  assert.ok(account !== undefined);
  await admin.changeAccount(account.id, { policy: { uncertain: 'hold', uncertainHold: 60 } });
  await admin.close();
  const client = connect(cluster.addressed(app.connection), app.secret);
  const document = documentOf([markedPage({ fax: 0, page: 1 }, NOISE, createRandom(1))]);
  const request = { to: TO, documents: [document], resolution: 'standard', header: 'none' } as const;
  const { id } = await client.faxes.send(request, { idempotencyKey: 'dense' });
  return { client, id };
}

/** The worker whose call it is. */
async function holder(cluster: Cluster, fax: string): Promise<Member> {
  const worker = await cluster.query(async (client) => {
    const { rows } = await client.query<{ worker: string }>('select worker from faxes where id = $1', [fax]);
    return rows[0]?.worker ?? '';
  });
  const member = cluster.workers.find(({ process }) => worker.includes(`-${process.pid}-`));
  assert.ok(member !== undefined, `${worker} is no worker of ours`);
  return member;
}

async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const late = performance.now() + FINISH; performance.now() < late; await pause(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error('it did not happen');
}
