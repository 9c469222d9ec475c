import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { generateSigningKey, verifyJws } from '../../../crypto/index.ts';
import type { LiveIdentity } from '../../../ops/keys/identity.ts';
import { openKeyRing } from '../../../ops/keys/key-ring.ts';
import type { KeyStore } from '../../../ops/keys/key-store.ts';
import { type SharedIdentityParts, sharedIdentity } from '../../../ops/keys/shared-identity.ts';
import { silentLog } from '../../postgres.ts';
import { memoryKeys } from './memory-keys.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const DAY = 86_400_000;

/** Pin of the root that signed a statement. */
function rootOf(statement: string): unknown {
  return JSON.parse(Buffer.from(statement.split('.')[0] ?? '', 'base64url').toString()).kid;
}

/** A database of keys, a clock that all share, and processes that come to them. */
async function cluster() {
  const rows = new Map<string, Uint8Array>();
  const keys: KeyStore = {
    read: async (name) => rows.get(name)?.slice(),
    secret: async () => assert.fail('only read and replaced'),
    async replace(name, bytes) {
      rows.set(name, bytes.slice());
      return bytes.slice();
    },
  };
  const timers = new Set<() => void>();
  let now = NOON;
  let seq = 0;
  let last: Promise<unknown> = Promise.resolve();
  const exclusively = <T>(_: string, work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const parts: SharedIdentityParts = {
    root: await generateSigningKey(),
    names: ['fax.example.org'],
    suites: ['P521-HKDF512-A256GCM'],
    keys,
    exclusion: { exclusively, tryExclusively: () => assert.fail('nobody may be left out') },
    settings: {
      nextNumber: async () => {
        seq += 1;
        return seq;
      },
    },
    clock: {
      now: () => now,
      monotonic: () => now,
      after: (_, run) => {
        timers.add(run);
        return () => void timers.delete(run);
      },
    },
    log: silentLog,
  };
  return {
    parts,
    /** All keys that these processes share, with those that are made at the first use. */
    shared: memoryKeys(),
    rows,
    pass: (ms: number) => {
      now += ms;
    },
    /** Every process looks once. */
    async look() {
      const due = [...timers];
      timers.clear();
      for (const run of due) run();
      while (timers.size < due.length) await new Promise(setImmediate);
    },
    get timers() {
      return timers.size;
    },
    async seq(identity: LiveIdentity): Promise<unknown> {
      return (await verifyJws(identity.current().statement, parts.root.publicSpki, 'sfx-stmt+jws')).seq;
    },
  };
}

describe('the identity of a cluster', () => {
  test('is one for processes that start at once, and for one that starts later', async () => {
    const { parts, seq } = await cluster();
    const [one, two] = await Promise.all([sharedIdentity(parts), sharedIdentity(parts)]);
    const three = await sharedIdentity(parts);
    assert.deepEqual([await seq(one), await seq(two), await seq(three)], [1, 1, 1]);
    assert.equal(one.current().handshakeKey.pin, three.current().handshakeKey.pin);
  });

  test('changes after a week, everywhere at the same moment, announced five minutes ahead', async () => {
    const here = await cluster();
    const one = await sharedIdentity(here.parts);
    const two = await sharedIdentity(here.parts);
    here.pass(7 * DAY);
    await here.look();
    const late = await sharedIdentity(here.parts);
    assert.deepEqual([await here.seq(one), await here.seq(two), await here.seq(late)], [1, 1, 1]);
    await here.look();
    here.pass(5 * 60_000 - 1);
    assert.deepEqual([await here.seq(one), await here.seq(two), await here.seq(late)], [1, 1, 1]);
    here.pass(1);
    assert.deepEqual([await here.seq(one), await here.seq(two), await here.seq(late)], [2, 2, 2]);
    here.pass(7 * DAY);
    await here.look();
    here.pass(5 * 60_000);
    assert.deepEqual([await here.seq(one), await here.seq(two)], [3, 3]);
  });

  test('goes over to another root at one moment, whoever has rotated it, and never back', async () => {
    const here = await cluster();
    const rooted = async () => {
      const ring = await openKeyRing(here.shared, here.parts.clock.now);
      return { ring, live: await sharedIdentity({ ...here.parts, root: ring.root, line: ring }) };
    };
    const [one, two] = [await rooted(), await rooted()];
    const old = one.ring.root.pin;
    await one.ring.rotate('next-root');
    await one.live.renew();
    await two.live.renew();
    here.pass(5 * 60_000);
    await one.ring.rotate('root');
    await one.live.renew();
    // The other process has not heard of it yet: what it wants to renew it renews under the new root.
    assert.equal(two.ring.root.pin, old);
    await here.look();
    const roots = ({ live }: typeof one) => rootOf(live.current().statement);
    assert.deepEqual([roots(one), roots(two)], [old, old]);
    here.pass(5 * 60_000);
    assert.deepEqual([roots(one), roots(two)], [one.ring.root.pin, one.ring.root.pin]);
    assert.equal(one.live.current().handshakeKey.kid, two.live.current().handshakeKey.kid);
    assert.deepEqual(two.live.current().roots, one.ring.successions);
    assert.equal(two.ring.root.pin, one.ring.root.pin);
  });

  test('is renewed when a process has another name to say', async () => {
    const here = await cluster();
    const one = await sharedIdentity(here.parts);
    const renamed = await sharedIdentity({ ...here.parts, names: ['fax.example.org', 'fax.example.net'] });
    assert.deepEqual(renamed.current().hosts, ['fax.example.org']);
    here.pass(5 * 60_000);
    assert.deepEqual(renamed.current().hosts, ['fax.example.org', 'fax.example.net']);
    one.close();
    renamed.close();
    assert.equal(here.timers, 0);
  });
});
