import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createHandshakeServer,
  type ServerIdentity,
  SUCCESSION_LIMIT,
  signReceipt,
  startHandshake,
  verifyCertifiedReceipt,
  verifyKeyStatement,
  verifyReceipt,
  verifySignature,
} from '../../../crypto/index.ts';
import { liveIdentity } from '../../../ops/keys/identity.ts';
import { createKeyDesk } from '../../../ops/keys/key-desk.ts';
import { followKeys, openKeyRing, WEBHOOK_OVERLAP } from '../../../ops/keys/key-ring.ts';
import { silentLog } from '../../postgres.ts';
import { memoryKeys } from './memory-keys.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const HOST = 'fax.example.org';
const ACTOR = { who: 'usr_owner', address: '192.0.2.1' };

/** A gateway's keys, in one process or several, and a clock that moves when it is told to. */
async function gateway(keys = memoryKeys()) {
  let now = NOON;
  let seq = 0;
  const clock = { now: () => now, monotonic: () => now, after: () => () => undefined };
  const ring = await openKeyRing(keys, () => now);
  const settings = { nextNumber: async () => ++seq };
  const suites = ['P521-HKDF512-A256GCM'] as const;
  const live = await liveIdentity({
    root: ring.root,
    line: ring,
    names: [HOST],
    suites,
    settings,
    clock,
    log: silentLog,
  });
  const entries: object[] = [];
  const desk = createKeyDesk({
    ring,
    identity: Promise.resolve(live),
    exclusion: { exclusively: (_, work) => work() },
    accounts: { audit: async (entry) => void entries.push(entry) },
    clock,
  });
  return { keys, ring, live, desk, entries, clock, pass: (ms: number) => (now += ms) };
}

/** A client that knows `pins` shakes hands with the identity of the moment. */
async function shakeHands(identity: ServerIdentity, pins: readonly string[], seq = 0) {
  const client = await startHandshake({ pins, aud: HOST, now: NOON, seq });
  const { response } = await createHandshakeServer(identity).hello(client.request, NOON);
  return client.finish(JSON.stringify(response));
}

describe('keys that sign', () => {
  test('what the old receipt key signed stays valid, and names a key of the list', async () => {
    const { ring, desk, entries } = await gateway();
    const old = ring.receipt.publicSpki;
    const before = await signReceipt({ fax: 'fax_1' }, ring.receipt);
    await desk.rotate('receipt', ACTOR);
    const after = await signReceipt({ fax: 'fax_2' }, ring.receipt);
    for (const jws of [before, after]) assert.equal((await verifyCertifiedReceipt(jws)).pin, ring.root.pin);
    assert.deepEqual(await verifyReceipt(before, old), { fax: 'fax_1' });
    await assert.rejects(verifyReceipt(after, old), /signature/);
    const states = (await desk.list()).filter(({ use }) => use === 'receipt').map(({ kid, state }) => [kid, state]);
    assert.deepEqual(
      states.map(([, state]) => state),
      ['current', 'retired'],
    );
    assert.equal(states[0]?.[0], ring.receipt.kid);
    assert.deepEqual(entries, [
      {
        ...{ at: NOON, actor: 'usr_owner', address: '192.0.2.1', account: null, action: 'key.rotate' },
        object: ring.receipt.kid,
        detail: { key: 'receipt', before: states[1]?.[0], after: ring.receipt.kid },
      },
    ]);
  });

  test('a signature under way is of one key throughout, whatever is rotated meanwhile', async () => {
    const { ring } = await gateway();
    const held = ring.receipt;
    const signed = Array.from({ length: 8 }, () => signReceipt({ fax: 'fax_1' }, held));
    await ring.rotate('receipt');
    for (const jws of await Promise.all(signed)) await verifyCertifiedReceipt(jws);
    await verifyCertifiedReceipt(await signReceipt({ fax: 'fax_2' }, held));
  });

  test('the webhook key before signs beside the new one for two weeks', async () => {
    const { ring, desk, pass } = await gateway();
    const old = ring.webhook.publicKey;
    const before = () => ring.webhook.before?.publicKey;
    assert.equal(before(), undefined);
    await desk.rotate('webhook', ACTOR);
    assert.notDeepEqual(ring.webhook.publicKey, old);
    assert.deepEqual(before(), old);
    const states = async () => (await desk.list()).filter(({ use }) => use === 'webhook').map(({ state }) => state);
    assert.deepEqual(await states(), ['current', 'overlapping']);
    pass(WEBHOOK_OVERLAP);
    assert.equal(before(), undefined);
    assert.deepEqual(await states(), ['current', 'retired']);
  });

  test('another handshake key answers the next hello, and clients refuse the statement before', async () => {
    const { ring, live, desk } = await gateway();
    const old = live.current();
    await desk.rotate('handshake', ACTOR);
    const session = await shakeHands(live.current(), [ring.root.pin]);
    assert.notEqual(live.current().handshakeKey.kid, old.handshakeKey.kid);
    await assert.rejects(shakeHands(old, [ring.root.pin], session.statementSeq), /statement_rollback|older/);
  });

  test('another process signs with the new keys as soon as it has looked', async () => {
    const one = await gateway();
    const two = await openKeyRing(one.keys, one.clock.now);
    await one.desk.rotate('receipt', ACTOR);
    await one.desk.rotate('webhook', ACTOR);
    assert.notEqual(two.receipt.kid, one.ring.receipt.kid);
    await two.look();
    assert.equal(two.receipt.kid, one.ring.receipt.kid);
    assert.deepEqual(two.webhook.publicKey, one.ring.webhook.publicKey);
    assert.deepEqual(two.register, one.ring.register);
  });

  test('a process looks every minute, and goes on when a look fails', async () => {
    const timers: (() => void)[] = [];
    const waits: number[] = [];
    const clock = {
      after: (ms: number, run: () => void) => {
        waits.push(ms);
        timers.push(run);
        return () => void timers.splice(0);
      },
    };
    const warned: string[] = [];
    let looks = 0;
    const look = async () => {
      looks += 1;
      if (looks === 1) throw new Error('the records do not answer');
    };
    const log = { ...silentLog, warn: (_: object, text: string) => void warned.push(text) };
    const turn = async () => {
      timers.shift()?.();
      await new Promise(setImmediate);
    };
    const end = followKeys({ look }, clock, log);
    await turn();
    await turn();
    assert.deepEqual([looks, warned.length, waits], [2, 1, [60_000, 60_000, 60_000]]);
    end();
    assert.deepEqual(timers, []);
  });

  test('a start that finds a key beside the register enters it', async () => {
    const one = await gateway();
    const register = one.keys.rows.get('key-register');
    assert.ok(register);
    await one.ring.rotate('receipt');
    // As if the process had died between the two writes.
    one.keys.rows.set('key-register', register);
    const again = await openKeyRing(one.keys, one.clock.now);
    const receipts = again.register.keys.filter(({ use }) => use === 'receipt');
    assert.deepEqual(
      receipts.map(({ until }) => until === null),
      [false, true],
    );
    assert.equal(receipts[1]?.kid, again.receipt.kid);
  });

  test('there is an end to new keys', async () => {
    const { ring, keys, clock } = await gateway();
    const [first] = ring.register.keys;
    assert.ok(first);
    const many = Array.from({ length: 100 }, (_, index) => ({ ...first, kid: `old-${index}`, until: NOON }));
    const full = { ...ring.register, keys: [...ring.register.keys, ...many] };
    keys.rows.set('key-register', new TextEncoder().encode(JSON.stringify(full)));
    const crowded = await openKeyRing(keys, clock.now);
    await assert.rejects(crowded.rotate('receipt'), { name: 'KeyError', code: 'too_many_keys' });
  });
});

describe('another root', () => {
  test('it is announced first, and takes over only then', async () => {
    const { ring, live, desk } = await gateway();
    await assert.rejects(desk.rotate('root', ACTOR), { name: 'KeyError', code: 'no_next_root' });
    const { pin } = ring.root;
    await desk.rotate('next-root', ACTOR);
    assert.equal(ring.root.pin, pin);
    const session = await shakeHands(live.current(), [pin]);
    assert.deepEqual(session.nextRoots, [ring.next]);
    assert.deepEqual(desk.pins(), [pin, ring.next]);
    await desk.rotate('root', ACTOR);
    assert.deepEqual([ring.root.pin, ring.next], [session.nextRoots[0], null]);
    assert.deepEqual(desk.pins(), [ring.root.pin]);
  });

  test('clients with the old pin, the announced one and the new one all reach the gateway', async () => {
    const { ring, live, desk } = await gateway();
    const old = ring.root.pin;
    await desk.rotate('next-root', ACTOR);
    await desk.rotate('root', ACTOR);
    for (const pin of [old, ring.root.pin]) {
      const session = await shakeHands(live.current(), [pin]);
      assert.equal(session.root, ring.root.pin);
    }
    const stranger = (await gateway()).ring.root.pin;
    await assert.rejects(shakeHands(live.current(), [stranger]), { code: 'root_not_pinned' });
  });

  test('a client follows several steps, and not more than it must', async () => {
    const { ring, live, desk } = await gateway();
    const pins = [ring.root.pin];
    for (let step = 0; step <= SUCCESSION_LIMIT; step += 1) {
      await desk.rotate('next-root', ACTOR);
      await desk.rotate('root', ACTOR);
      pins.push(ring.root.pin);
    }
    const [first, second] = pins;
    assert.ok(first && second);
    assert.equal((await shakeHands(live.current(), [second])).root, ring.root.pin);
    // Nine steps: its connection string has to be issued anew.
    await assert.rejects(shakeHands(live.current(), [first]), { code: 'root_not_pinned' });
  });

  test('no succession is believed that a pinned root did not sign', async () => {
    const [mine, theirs] = [await gateway(), await gateway()];
    const { pin } = mine.ring.root;
    await theirs.desk.rotate('next-root', ACTOR);
    await theirs.desk.rotate('root', ACTOR);
    await assert.rejects(shakeHands(theirs.live.current(), [pin]), { code: 'root_not_pinned' });
    await mine.desk.rotate('next-root', ACTOR);
    await mine.desk.rotate('root', ACTOR);
    const [genuine = ''] = mine.live.current().roots ?? [];
    const [head, body, tail] = genuine.split('.');
    const foreign = { ...theirs.live.current(), roots: [genuine] };
    await assert.rejects(shakeHands(foreign, [pin]), { code: 'root_not_pinned' });
    const other = Buffer.from(body ?? '', 'base64url')
      .toString()
      .replace(mine.ring.root.pin, theirs.ring.root.pin);
    const changed = `${head}.${Buffer.from(other).toString('base64url')}.${tail}`;
    await assert.rejects(shakeHands({ ...foreign, roots: [changed] }, [pin]), { code: 'root_not_pinned' });
    for (const roots of [['x'], [genuine, 'a.b.c'], Array.from({ length: 9 }, () => genuine)]) {
      const served = { ...mine.live.current(), roots };
      await assert.rejects(shakeHands(served, [pin]), { code: 'root_not_pinned' });
      // Whoever knows the new root need not follow.
      await shakeHands(served, [mine.ring.root.pin]);
    }
  });

  test('a rotation that was cut off before the new root signs harms nobody and is done again', async () => {
    const one = await gateway();
    const { pin } = one.ring.root;
    const old = one.keys.rows.get('root-identity');
    await one.desk.rotate('next-root', ACTOR);
    const pending = one.keys.rows.get('root-next');
    const announced = one.keys.rows.get('key-register');
    await one.desk.rotate('root', ACTOR);
    // The register names the succession, and the old root is still in its place.
    const cut = JSON.parse(new TextDecoder().decode(one.keys.rows.get('key-register')));
    const before = JSON.parse(new TextDecoder().decode(announced));
    const register = new TextEncoder().encode(JSON.stringify({ ...before, successions: cut.successions }));
    assert.ok(old && pending);
    one.keys.rows.set('key-register', register);
    one.keys.rows.set('root-identity', old);
    one.keys.rows.set('root-next', pending);
    const again = await gateway(one.keys);
    assert.equal(again.ring.root.pin, pin);
    assert.deepEqual(again.ring.successions, []);
    await shakeHands(again.live.current(), [pin]);
    await again.desk.rotate('root', ACTOR);
    assert.equal(again.ring.successions.length, 1);
    assert.equal((await shakeHands(again.live.current(), [pin])).root, again.ring.root.pin);
  });

  test('the private part of the old root is nowhere any more', async () => {
    const one = await gateway();
    const old = Buffer.from(one.keys.rows.get('root-identity') ?? []);
    await one.desk.rotate('next-root', ACTOR);
    const next = Buffer.from(one.keys.rows.get('root-next') ?? []);
    await one.desk.rotate('root', ACTOR);
    const all = Buffer.concat([...one.keys.rows.values()]);
    assert.equal(all.includes(old), false);
    assert.equal(one.keys.rows.get('root-next')?.length, 0);
    assert.deepEqual(Buffer.from(one.keys.rows.get('root-identity') ?? []), next);
  });

  test('receipts of before and after name their roots, and the statement leads from one to the other', async () => {
    const { ring, desk } = await gateway();
    const first = ring.root.pin;
    const before = await signReceipt({ fax: 'fax_1' }, ring.receipt);
    for (const key of ['next-root', 'root', 'receipt', 'webhook'] as const) await desk.rotate(key, ACTOR);
    const after = await signReceipt({ fax: 'fax_2' }, ring.receipt);
    const { pins, pin, statement } = await verifyKeyStatement(await desk.statement());
    assert.deepEqual([pins, pin], [[first, ring.root.pin], ring.root.pin]);
    assert.equal((await verifyCertifiedReceipt(before)).pin, first);
    assert.equal((await verifyCertifiedReceipt(after)).pin, ring.root.pin);
    assert.deepEqual(statement.keys.map(({ use, until }) => [use, until === null]).sort(), [
      ...[
        ['receipt', false],
        ['receipt', true],
        ['root', false],
      ],
      ...[
        ['root', true],
        ['webhook', false],
        ['webhook', true],
      ],
    ]);
    const current = statement.keys.find(({ use, until }) => use === 'receipt' && until === null);
    assert.ok(current?.jwk);
    assert.ok(await verifySignature(current.jwk, Buffer.from('x'), await ring.receipt.sign(Buffer.from('x'))));
  });

  test('a statement with a root left out, put in or put before another is refused', async () => {
    const { desk } = await gateway();
    for (let step = 0; step < 2; step += 1)
      for (const key of ['next-root', 'root'] as const) await desk.rotate(key, ACTOR);
    const { statement, roots } = await desk.statement();
    const [one = '', two = ''] = roots;
    assert.equal((await verifyKeyStatement({ statement, roots })).pins.length, 3);
    for (const wrong of [[one], [two, one], [one, one], [one, two, two], [`${one.slice(0, -4)}AAAA`, two]])
      await assert.rejects(verifyKeyStatement({ statement, roots: wrong }), { name: 'SealError' });
    // Without the oldest step only the younger roots are vouched for.
    assert.equal((await verifyKeyStatement({ statement, roots: [two] })).pins.length, 2);
    const [head, body = '', tail] = statement.split('.');
    const changed = Buffer.from(body, 'base64url').toString().replace('"use":"webhook"', '"use":"receipt"');
    const forged = `${head}.${Buffer.from(changed).toString('base64url')}.${tail}`;
    await assert.rejects(verifyKeyStatement({ statement: forged, roots }), { code: 'signature' });
  });
});
