// Two gateways and two workers on one PostgreSQL and one Redis, as processes: what holds for one holds for all.

import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, type Client, connect, connectAdmin, type Fax } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { forgedReceipts, pinnedVerifier } from '../crash/aftermath.ts';
import { Cluster, type Member } from '../crash/cluster/cluster.ts';
import type { FirstSecrets } from '../crash/gateway-process.ts';
import { readLineLog } from '../crash/line-log.ts';
import { TelephoneProcess } from '../crash/telephone-process.ts';
import { redisMissing } from '../servers/redis.ts';

/** bit/s, and the part of real time in which it passes: slow enough for a kill to find calls under way. */
const LINE = [14_400, 0.5] as const;
const FAXES = 20;
const OWN = '+15557780000';
/**
 * The crash matrix keeps images in files, and its lease is so short that a machine with other work may let a worker
 * oversleep it.
 */
const SETTINGS = { SEALFAX_VAULT: 'redis', SEALFAX_LEASE_SECONDS: '18' };
const IN_REDIS = Object.fromEntries(['api-1', 'api-2', 'worker-1', 'worker-2'].map((name) => [name, SETTINGS]));

/** Numbers of machines that answer. */
const to = (number: number) => `+155501${String(number).padStart(5, '0')}`;

describe('a cluster', { skip: (await redisMissing()) ?? false }, () => {
  let directory: string;
  let telephone: TelephoneProcess;
  let cluster: Cluster;
  let secrets: FirstSecrets;
  let admin: Admin;
  let client: Client;
  let account: string;

  before(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'sealfax-cluster-')));
    telephone = await TelephoneProcess.start(directory, LINE);
    cluster = await Cluster.start(directory, telephone, IN_REDIS);
  });
  after(async () => {
    await client?.close().catch(() => undefined);
    await admin?.close().catch(() => undefined);
    await cluster?.remove();
    telephone?.stop();
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  const api = (at: number): Member => cluster.apis[at] ?? assert.fail();
  const worker = (at: number): Member => cluster.workers[at] ?? assert.fail();
  /** `connection` at the gateway `at` and no other. */
  const at = (connection: string, which: number) =>
    connection.replace(/@localhost:\d+/, `@localhost:${api(which).port}`);
  const wiped = async (id: string): Promise<Fax> => {
    for (;;) {
      const fax = await client.faxes.get(id);
      if (!fax.imageExists) return fax;
      await pause(200);
    }
  };
  const final = async (ids: readonly string[]): Promise<Fax[]> => {
    const faxes: Fax[] = [];
    for (const id of ids) {
      await client.faxes.wait(id);
      faxes.push(await wiped(id));
    }
    return faxes;
  };
  const send = async (count: number, first: number): Promise<string[]> => {
    const letter = await sampleLetter();
    const sent: Fax[] = [];
    for (let number = first; number < first + count; number++) {
      sent.push(await client.faxes.send({ to: to(number), documents: [letter], retryInterval: 5 }));
    }
    return sent.map(({ id }) => id);
  };

  test('started at one moment on an empty database, it makes its first users once', async () => {
    await Promise.all(cluster.members.map(({ process }) => process.start().ready));
    const shown = cluster.apis.flatMap(({ process }) => {
      try {
        return [process.secrets];
      } catch {
        return [];
      }
    });
    assert.equal(shown.length, 1);
    secrets = shown[0] ?? assert.fail();
    admin = connectAdmin(cluster.addressed(secrets.owner.connection), secrets.owner.secret);
    const accounts = await admin.accounts();
    assert.equal(accounts.length, 1);
    account = accounts[0]?.id ?? assert.fail();
    await admin.changeAccount(account, { policy: { uncertainHold: 2, retries: 5, retryInterval: 5, channels: 8 } });
    await admin.addNumber(account, { number: OWN });
    client = connect(cluster.addressed(secrets.app.connection), secrets.app.secret);
  });

  test('a session that was opened at one gateway goes on at the other', async () => {
    // Every connection to the common address is led to the next gateway, and the rate of hellos is limited to a few.
    for (let request = 0; request < 8; request++) assert.equal((await client.numbers())[0]?.number, OWN);
    const gone = api(0).process;
    await gone.stop();
    assert.equal((await client.numbers())[0]?.number, OWN);
    const sessions = await cluster.query(async (db) => {
      const { rows } = await db.query(`select count(*)::int as logins from audit where action = 'login'`);
      return rows[0].logins;
    });
    await gone.start().ready;
    assert.equal((await client.numbers())[0]?.number, OWN);
    assert.equal(sessions, 2, 'the administrator’s and this one');
  });

  test('a worker is killed in the middle of twenty faxes: all end, and all are wiped with receipts', async () => {
    const sent = await send(FAXES, 0);
    // A worker that dies while it renders keeps its fax for the time that the slowest page may take: not our subject.
    const unfinished = async () =>
      (await Promise.all(sent.map((id) => client.faxes.get(id)))).map(({ state }) => state);
    while ((await unfinished()).some((state) => state === 'accepted' || state === 'rendering')) await pause(200);
    await telephone.heard('block');
    await worker(0).process.kill();
    const ended = await final(sent);
    const states = ended.map(({ state }) => state);
    const cut = readLineLog(telephone.log).filter((call) => call.cutInsidePage).length;
    const unsure = states.filter((state) => state === 'uncertain').length;
    assert.ok(unsure <= cut, `${unsure} uncertain, ${cut} calls were cut inside a page`);
    assert.equal(states.filter((state) => state === 'delivered').length, FAXES - unsure, String(states));
    const pin = new URL(secrets.app.connection).searchParams.get('pin') ?? '';
    await cluster.query(async (db) => assert.deepEqual(await forgedReceipts(db, pinnedVerifier(pin)), []));
    for (const id of sent) assert.equal((await client.faxes.receipt(id)).receipt.split('.').length, 3);
    await worker(0).process.start().ready;
  });

  test('a drained worker ends its calls while the other goes on', async () => {
    const sent = await send(6, FAXES);
    await telephone.heard('answered');
    assert.equal(await worker(1).process.stop(), 'status 0');
    for (const fax of await final(sent)) {
      assert.equal(fax.state, 'delivered');
      assert.equal(fax.attempts, 1, 'no call was cut');
    }
    await worker(1).process.start().ready;
  });

  test('a fax from outside reaches whichever worker takes the call, and is handed out by either gateway', async () => {
    const [id] = await send(1, 90);
    const letter = await sampleLetter();
    await client.faxes.send({ to: OWN, documents: [letter] });
    const late = AbortSignal.timeout(120_000);
    for await (const one of client.inbox.watch({ signal: late })) {
      const parts: Uint8Array[] = [];
      for await (const chunk of one.document('tiff')) parts.push(chunk.slice());
      assert.ok(Buffer.concat(parts).length > 1_000);
      await one.acknowledge();
      assert.equal((await wiped(one.fax.id)).state, 'wiped');
      break;
    }
    assert.equal(late.aborted, false, 'nothing came in');
    assert.equal((await final([id ?? '']))[0]?.state, 'delivered');
  });

  test('a live call of a worker is ended by a gateway that knows no carrier', async () => {
    const [id = ''] = await send(1, 91);
    while (!['dialing', 'sending'].includes((await client.faxes.get(id)).state)) await pause(50);
    await client.faxes.cancel(id);
    const [fax] = await final([id]);
    assert.equal(fax?.state, 'canceled');
  });

  test('a user who is disabled at one gateway is cut off in an upload to the other within 5 s', async () => {
    const made = await admin.createUser(account, { name: 'leaver' });
    const connection = at(secrets.app.connection, 1).replace('main:app@', 'main:leaver@');
    const leaver = connect(connection, made.secret ?? '');
    const begun = Promise.withResolvers<void>();
    /** A minute of upload, each part of it a record and more. */
    async function* slowly() {
      for (let part = 0; part < 300; part++) {
        yield new Uint8Array(70_000).fill(0x41);
        if (part === 5) begun.resolve();
        await pause(200);
      }
    }
    const upload = leaver.faxes.send({ to: to(95), documents: [{ open: slowly, size: 21_000_000 }] }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const waiting = leaver.events.read({ after: 0, wait: 25 }).then(
      () => 'answered',
      () => 'ended',
    );
    await begun.promise;
    const other = connectAdmin(at(secrets.owner.connection, 0), secrets.owner.secret);
    await other.changeUser(made.id, { disabled: true });
    const disabled = performance.now();
    assert.notEqual(await upload, 'accepted');
    const felt = performance.now() - disabled;
    assert.ok(felt < 5_000, `it took ${felt} ms`);
    await waiting;
    await assert.rejects(leaver.numbers());
    await other.close();
    await leaver.close().catch(() => undefined);
  });

  test('keys are replaced at one gateway while sessions at both go on, and strings of before lead to both', async () => {
    const clients = [0, 1].map((which) => connect(at(secrets.app.connection, which), secrets.app.secret));
    try {
      for (const one of clients) await one.numbers();
      for (const key of ['receipt', 'webhook', 'handshake', 'next-root', 'root'] as const) await admin.rotateKey(key);
      for (const one of clients) assert.ok(await one.numbers());
      const { pins } = await admin.connection((await admin.users(account))[0]?.id ?? '');
      assert.equal(secrets.app.connection.includes(pins[0] ?? '?'), false, 'another root');
      for (const which of [0, 1]) {
        const later = connect(at(secrets.app.connection, which), secrets.app.secret);
        assert.ok(await later.numbers());
        await later.close();
      }
    } finally {
      for (const one of clients) await one.close();
    }
  });

  test('SIGTERM ends every process in order', async () => {
    assert.deepEqual(await cluster.drain(), []);
  });
});
