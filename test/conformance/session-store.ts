import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomBytes } from '../../crypto/index.ts';
import type { AccountId, UserId } from '../../gateway/fax/ids.ts';
import type {
  NewSession,
  Session,
  SessionLimits,
  SessionLogin,
  SessionStore,
} from '../../gateway/ports/session-store.ts';

const MINUTE = 60_000;
/** The limits under which the suite runs: those of the protocol, with a pending limit that a test reaches. */
export const TEST_LIMITS: SessionLimits = { idle: 15 * MINUTE, unauthenticated: 30_000, messages: 4, pending: 3 };
export const T0 = 1_800_000_000_000;

/** A store under test; `another` is the store of a second gateway, the same one where there is only one. */
export interface SessionsUnderTest {
  readonly store: SessionStore;
  readonly another: SessionStore;
  readonly end: () => Promise<void>;
}

/** A session as a handshake made it at `T0`, with keys of its own. */
export function newSession(change: Partial<NewSession> = {}): NewSession {
  return {
    sid: randomBytes(16),
    c2s: randomBytes(32),
    s2c: randomBytes(32),
    th: randomBytes(64),
    suite: 'P521-HKDF512-A256GCM',
    createdAt: T0,
    expiresAt: T0 + 60 * MINUTE,
    ...change,
  };
}

/** A log-in of `user`. */
export function newLogin(user: string, account = 'acc_a'): SessionLogin {
  return {
    realm: 'api',
    account: account as AccountId,
    user: user as UserId,
    method: 'secret',
    address: '192.0.2.1',
    provenAt: T0,
    identity: null,
    passkey: null,
    device: 'd',
    tlsIntercepted: 'unknown',
    at: T0,
    stamp: 's',
  };
}

let looks = 0;

/** Whether `seq` was used already, or the session is not there; a second after the last look, so that all gateways' marks count. */
async function isUsed(store: SessionStore, sid: Uint8Array, seq: number): Promise<boolean> {
  return (await store.find(sid, seq, T0 + 1_000 * ++looks))?.used ?? true;
}

/** Adds a session, logged in as `user`; answers it as `store` lends it. */
export async function addSession(store: SessionStore, user?: string, account?: string): Promise<Session> {
  const made = newSession();
  await store.add(made);
  if (user !== undefined) {
    assert.ok(await store.tryLogin(made.sid));
    assert.ok(await store.login(made.sid, newLogin(user, account), T0));
  }
  return (await store.get(made.sid, T0)) ?? assert.fail('the session is there');
}

/** Resolves when the session has been told of its end. */
export function untilEnded({ ended }: Session): Promise<void> {
  return new Promise((resolve) => {
    if (ended.aborted) resolve();
    else ended.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Aborted, and not an octet of its keys left. */
export function assertEnded({ ended, c2s, s2c, th }: Session): void {
  assert.ok(ended.aborted);
  for (const key of [c2s, s2c, th]) assert.ok(key.every((octet) => octet === 0));
}

/** What every SessionStore keeps. */
export function sessionStoreConformance(name: string, make: () => Promise<SessionsUnderTest>): void {
  const withStore = (title: string, run: (under: SessionsUnderTest) => Promise<void>) =>
    test(title, { timeout: 20_000 }, async () => {
      const under = await make();
      try {
        await run(under);
      } finally {
        await under.end();
      }
    });

  describe(`SessionStore: ${name}`, () => {
    withStore('a session is found again with its keys, on every gateway', async ({ store, another }) => {
      const made = newSession({ suite: 'P521-HKDF512-A128GCM', c2s: randomBytes(16), s2c: randomBytes(16) });
      const { sid, c2s, s2c, th, suite, createdAt, expiresAt } = structuredClone(made);
      await store.add(made);
      for (const one of [store, another]) {
        const found = (await one.get(sid, T0)) ?? assert.fail();
        assert.partialDeepStrictEqual(
          { ...found, sid: [...found.sid] },
          { sid: [...sid], suite, createdAt, expiresAt },
        );
        assert.deepEqual([[...found.c2s], [...found.s2c], [...found.th]], [[...c2s], [...s2c], [...th]]);
        assert.equal(found.login, null);
        assert.ok(!found.ended.aborted);
        assert.deepEqual(
          one.held().map((held) => held.sid),
          [found.sid],
        );
      }
      assert.equal(await store.get(randomBytes(16), T0), undefined);
    });

    withStore('what a log-in remembers changes on every gateway, each field by itself', async ({ store, another }) => {
      const { sid } = await addSession(store, 'usr_a');
      assert.equal((await another.get(sid, T0))?.login?.provenAt, T0);
      const identity = { provider: 'p', issuer: 'https://idp.example', subject: '1', sid: null };
      const changes = [store.update(sid, { provenAt: T0 + 5 }), another.update(sid, { identity })];
      assert.deepEqual(await Promise.all(changes), [true, true]);
      for (const one of [store, another]) {
        const login = (await one.get(sid, T0))?.login;
        assert.deepEqual(login, { ...newLogin('usr_a'), provenAt: T0 + 5, identity });
      }
      const nobodys = await addSession(store);
      assert.equal(await store.update(nobodys.sid, { provenAt: T0 }), false);
      assert.equal(nobodys.login, null);
      await store.end(sid);
      assert.equal(await another.update(sid, { provenAt: T0 }), false);
    });

    withStore('all but one of a user’s sessions may be ended', async ({ store, another }) => {
      const [one, two, foreign] = [
        await addSession(store, 'usr_a'),
        await addSession(another, 'usr_a'),
        await addSession(store, 'usr_b'),
      ];
      assert.equal(await store.endWhere({ user: 'usr_a' as UserId, except: one.sid }), 1);
      await untilEnded(two);
      assert.deepEqual([one.ended.aborted, foreign.ended.aborted], [false, false]);
      assert.equal(await store.endWhere({ user: 'usr_a' as UserId, except: foreign.sid }), 1);
      assert.ok(one.ended.aborted);
    });

    withStore('it ends 30 s after its handshake when nobody has logged in', async ({ store, another }) => {
      const one = await addSession(store);
      assert.equal(await store.get(one.sid, T0 + 29_999), one);
      assert.equal(await another.get(one.sid, T0 + 30_000), undefined);
      await untilEnded(one);
      assertEnded(one);
      assert.equal(await store.get(one.sid, T0 + 30_000), undefined);
    });

    withStore('it ends after 15 idle minutes, wherever it was used, and in any case after 60', async (under) => {
      const { store, another } = under;
      const [idle, busy] = [await addSession(store, 'usr_a'), await addSession(store, 'usr_b')];
      for (let minute = 10; minute < 60; minute += 10) {
        const now = T0 + minute * MINUTE;
        assert.ok(await another.get(busy.sid, now), `after ${minute} minutes`);
        await another.touch(busy.sid, now);
      }
      assert.equal(await store.get(idle.sid, T0 + 15 * MINUTE), undefined);
      assertEnded(idle);
      assert.ok(await store.get(busy.sid, T0 + 60 * MINUTE - 1));
      assert.equal(await store.get(busy.sid, T0 + 60 * MINUTE), undefined);
      assertEnded(busy);
    });

    withStore('each sequence number is taken once, on one gateway', async ({ store, another }) => {
      const { sid } = await addSession(store, 'usr_a');
      assert.equal(await isUsed(store, sid, 5), false);
      const marks = await Promise.all([store.mark(sid, 5), another.mark(sid, 5), store.mark(sid, 5)]);
      assert.equal(marks.filter(Boolean).length, 1);
      assert.equal(await isUsed(another, sid, 5), true);
      assert.equal(await another.mark(sid, 4), true, 'a late one');
    });

    withStore('a number that another gateway has marked a moment ago cannot be marked', async ({ store, another }) => {
      const { sid } = await addSession(store, 'usr_a');
      for (const one of [store, another]) assert.equal((await one.find(sid, 7, T0))?.used, false);
      assert.equal(await another.mark(sid, 7), true);
      assert.equal((await another.find(sid, 7, T0))?.used, true);
      assert.ok(await store.find(sid, 7, T0), 'whatever it says of the number');
      assert.equal(await store.mark(sid, 7), false);
      assert.equal((await store.find(sid, 7, T0 + 1_000))?.used, true);
    });

    withStore('the window holds 1,024 numbers below and including the highest', async ({ store, another }) => {
      const { sid } = await addSession(store, 'usr_a');
      assert.equal(await store.mark(sid, 31), true);
      assert.equal(await store.mark(sid, 31 + 1_023), true);
      assert.equal(await isUsed(another, sid, 31), true, 'marked');
      assert.equal(await isUsed(another, sid, 32), false, 'never used');
      assert.equal(await isUsed(another, sid, 30), true, 'below the window');
      assert.equal(await store.mark(sid, 30), false);
      assert.equal(await store.mark(sid, 2 ** 40), true, 'a leap');
      assert.equal(await isUsed(store, sid, 31 + 1_023), true);
      assert.equal(await isUsed(store, sid, 2 ** 40 - 1_023), false);
      assert.equal(await isUsed(store, sid, 2 ** 40 - 1_024), true);
    });

    withStore('it ends after as many messages as the limit says', async ({ store, another }) => {
      const one = await addSession(store, 'usr_a');
      for (let seq = 0; seq < TEST_LIMITS.messages; seq++) assert.ok(await another.mark(one.sid, seq));
      assert.equal(await store.get(one.sid, T0), undefined);
      assertEnded(one);
    });

    withStore('of log-ins at the same time one is tried', async ({ store, another }) => {
      const { sid } = await addSession(store);
      const tries = await Promise.all([store, another, store, another].map((one) => one.tryLogin(sid)));
      assert.equal(tries.filter(Boolean).length, 1);
      assert.equal(await store.tryLogin(randomBytes(16)), false, 'without a session');
    });

    withStore('a log-in is known to every gateway, and to none after the end', async ({ store, another }) => {
      const one = await addSession(store, 'usr_a');
      assert.deepEqual(one.login, newLogin('usr_a'));
      assert.deepEqual((await another.get(one.sid, T0))?.login, newLogin('usr_a'));
      const late = await addSession(store);
      await another.end(late.sid);
      assert.equal(await store.login(late.sid, newLogin('usr_a'), T0), false);
    });

    withStore('an end is felt on every gateway, running requests included', async ({ store, another }) => {
      const here = await addSession(store, 'usr_a');
      const there = (await another.get(here.sid, T0)) ?? assert.fail();
      await store.end(here.sid);
      assertEnded(here);
      await untilEnded(there);
      assertEnded(there);
      assert.equal(await another.get(here.sid, T0), undefined);
      assert.equal(await store.mark(here.sid, 0), false);
      assert.equal(await isUsed(store, here.sid, 0), true);
      assert.deepEqual([store.held(), another.held()], [[], []]);
    });

    withStore('sessions end by user and by account; an empty match ends none', async ({ store, another }) => {
      const [a, b] = [await addSession(store, 'usr_a'), await addSession(store, 'usr_b')];
      const [c, open] = [await addSession(store, 'usr_c', 'acc_b'), await addSession(store)];
      assert.equal(await another.endWhere({}), 0);
      assert.equal(await another.endWhere({ user: 'usr_a' as UserId, account: 'acc_b' as AccountId }), 0);
      assert.equal(await another.endWhere({ user: 'usr_a' as UserId }), 1);
      await untilEnded(a);
      assertEnded(a);
      const listed = await another.list({ account: 'acc_a' as AccountId });
      assert.deepEqual(
        listed.map(({ sid, login, createdAt }) => [[...sid], login?.user, createdAt]),
        [[[...b.sid], 'usr_b', T0]],
      );
      assert.equal(await another.endWhere({ account: 'acc_a' as AccountId }), 1);
      await untilEnded(b);
      assert.deepEqual(await store.list({ account: 'acc_a' as AccountId }), []);
      assert.ok(!c.ended.aborted && !open.ended.aborted);
    });

    withStore('without a log-in they push out their oldest, never one that is logged in', async ({ store }) => {
      const kept = await addSession(store, 'usr_a');
      const pending: Session[] = [];
      for (let at = 0; at <= TEST_LIMITS.pending; at++) {
        const made = newSession({ createdAt: T0 + at });
        await store.add(made);
        pending.push((await store.get(made.sid, T0 + at)) ?? assert.fail());
      }
      const [oldest = assert.fail(), ...others] = pending;
      await untilEnded(oldest);
      assert.equal(await store.get(oldest.sid, T0), undefined);
      for (const one of [kept, ...others]) assert.ok(!one.ended.aborted);
    });
  });
}
