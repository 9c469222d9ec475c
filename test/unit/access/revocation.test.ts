import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createMemorySessions, type MemorySessions } from '../../../gateway/access/index.ts';
import { createRevocation, LOOK_EVERY, type Revocation } from '../../../gateway/access/revocation.ts';
import { accessStamp, createAccessRows } from '../../../gateway/access/rows.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import type { AccountId, PasskeyId, UserId } from '../../../gateway/fax/ids.ts';
import { DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { AccessChanges, AccessRow } from '../../../gateway/ports/account-records.ts';
import type { Notice, Notices } from '../../../gateway/ports/notices.ts';

const ANN = 'usr_ann' as UserId;
const BOB = 'usr_bob' as UserId;
const ACME = 'acc_acme' as AccountId;
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Rows as another gateway leaves them, and the way in which it tells of it. */
class OtherGateway implements Notices {
  readonly rows = new Map<UserId, AccessRow>();
  readonly changes: Exclude<AccessChanges['changed'], string>[number][] = [];
  away = false;
  everything = false;
  readonly #ears = new Set<{ heard: (notice: Notice) => void; again: () => void }>();

  row(id: UserId): AccessRow {
    return this.rows.get(id) ?? assert.fail();
  }
  /** Disables the user, silently. */
  disable(id: UserId): void {
    const row = this.row(id);
    this.rows.set(id, { ...row, user: { ...row.user, disabled: true } });
    this.changes.push({ account: row.user.account, user: id });
  }
  suspend(id: AccountId): void {
    for (const [user, row] of this.rows) {
      if (row.account?.id === id) this.rows.set(user, { ...row, account: { ...row.account, disabled: true } });
    }
    this.changes.push({ account: id, user: null });
  }
  async accessChanges(after: number | null): Promise<AccessChanges> {
    if (this.away) throw new Error('the database does not answer');
    const head = this.changes.length;
    if (after === null) return { head, changed: [] };
    return { head, changed: this.everything ? 'everything' : this.changes.slice(after) };
  }
  tell(notice: Notice): void {
    for (const { heard } of this.#ears) heard(notice);
  }
  reconnect(): void {
    for (const { again } of this.#ears) again();
  }
  hear(heard: (notice: Notice) => void, again: () => void): () => void {
    const ear = { heard, again };
    this.#ears.add(ear);
    return () => this.#ears.delete(ear);
  }
}

/** Timers that a test fires. */
class Hand {
  readonly timers = new Set<{ at: number; run: () => void }>();
  time = 0;
  now = () => this.time;
  monotonic = () => this.time;
  after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  async pass(ms: number): Promise<void> {
    this.time += ms;
    for (const timer of [...this.timers].filter(({ at }) => at <= this.time)) {
      this.timers.delete(timer);
      timer.run();
    }
    await settled();
  }
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('revocation by another gateway', () => {
  let other: OtherGateway;
  let clock: Hand;
  let sessions: MemorySessions;
  let revocation: Revocation;

  const accessRow = (id: UserId): AccessRow => {
    const account: Account = {
      ...{ id: ACME, name: 'acme', title: '', disabled: false, paused: false, pausedReason: null },
      ...{ closedAt: null, eraseAt: null, erasedAt: null },
      ...{ policy: DEFAULT_POLICY, cidrs: [], createdAt: 0 },
    };
    const user: User = {
      ...{ id, realm: 'api', account: ACME, name: id, disabled: false },
      ...{
        cidrs: [],
        clientKey: null,
        totp: false,
        createdAt: 0,
        role: null,
        scope: null,
        scopes: null,
        oldSecretUntil: null,
      },
    };
    const verifiers = { passwordHash: null, secretMac: null };
    return { account, user, verifiers, totp: null, scopeDisabled: false, kept: null, passkeys: [] };
  };
  const session = async (user: UserId, number: number, passkey: PasskeyId | null = null) => {
    const sid = new Uint8Array(16).fill(number);
    const key = () => new Uint8Array(32).fill(number);
    const times = { createdAt: clock.now(), expiresAt: clock.now() + 3_600_000 };
    await sessions.add({
      sid,
      c2s: key(),
      s2c: key(),
      th: new Uint8Array(64),
      suite: 'P521-HKDF512-A256GCM',
      ...times,
    });
    const how = {
      method: 'secret' as const,
      address: '192.0.2.1',
      provenAt: clock.now(),
      identity: null,
      passkey,
    };
    const facts = { realm: 'api' as const, account: ACME, user, ...how, device: '', tlsIntercepted: 'no' as const };
    const stamp = accessStamp(other.row(user), passkey);
    await sessions.login(sid, { ...facts, at: clock.now(), stamp }, clock.now());
    return (await sessions.get(sid, clock.now()))?.ended ?? assert.fail();
  };

  beforeEach(() => {
    other = new OtherGateway();
    clock = new Hand();
    sessions = createMemorySessions(clock);
    for (const id of [ANN, BOB]) other.rows.set(id, accessRow(id));
    const rows = createAccessRows({ accessById: async (id) => other.rows.get(id) }, clock);
    revocation = createRevocation({ accounts: other, sessions, rows, clock, log });
  });

  test('a notice ends the sessions of the user, and no others', async () => {
    const stop = await revocation.follow(other);
    const [ann, bob] = [await session(ANN, 1), await session(BOB, 2)];
    other.disable(ANN);
    other.tell({ about: 'access' });
    await settled();
    assert.equal(ann.aborted, true);
    assert.equal(bob.aborted, false);
    await stop();
  });

  test('a passkey that is removed ends the sessions that rest on it, and no others of its holder', async () => {
    const [lost, kept] = ['pky_lost' as PasskeyId, 'pky_kept' as PasskeyId];
    other.rows.set(ANN, { ...other.row(ANN), passkeys: [lost, kept] });
    const stop = await revocation.follow(other);
    const ended = [await session(ANN, 1, lost), await session(ANN, 2, kept), await session(ANN, 3)];
    other.rows.set(ANN, { ...other.row(ANN), passkeys: [kept] });
    other.changes.push({ account: null, user: ANN });
    other.tell({ about: 'access' });
    await settled();
    assert.deepEqual(
      ended.map((signal) => signal.aborted),
      [true, false, false],
    );
    await stop();
  });

  test('a suspended account ends the sessions of all of its users', async () => {
    const stop = await revocation.follow(other);
    const ended = [await session(ANN, 1), await session(BOB, 2)];
    other.suspend(ACME);
    other.tell({ about: 'access' });
    await settled();
    assert.deepEqual(
      ended.map((signal) => signal.aborted),
      [true, true],
    );
    await stop();
  });

  test('a session that was made after the change stays', async () => {
    const stop = await revocation.follow(other);
    const old = await session(ANN, 1);
    const row = other.row(ANN);
    other.rows.set(ANN, { ...row, verifiers: { ...row.verifiers, passwordHash: 'new' } });
    other.changes.push({ account: ACME, user: ANN });
    const fresh = await session(ANN, 2);
    other.tell({ about: 'access' });
    await settled();
    assert.equal(old.aborted, true);
    assert.equal(fresh.aborted, false);
    await stop();
  });

  test('without any notice it is found within 2 s, and after a connection that was lost at once', async () => {
    const stop = await revocation.follow(other);
    const ann = await session(ANN, 1);
    other.disable(ANN);
    await clock.pass(LOOK_EVERY - 1);
    assert.equal(ann.aborted, false);
    await clock.pass(1);
    assert.equal(ann.aborted, true);
    const bob = await session(BOB, 2);
    other.disable(BOB);
    other.reconnect();
    await settled();
    assert.equal(bob.aborted, true);
    await stop();
  });

  test('records that were away are looked at again, from where it had come to', async () => {
    const stop = await revocation.follow(other);
    const ann = await session(ANN, 1);
    other.away = true;
    other.disable(ANN);
    await clock.pass(LOOK_EVERY);
    assert.equal(ann.aborted, false);
    other.away = false;
    await clock.pass(LOOK_EVERY);
    assert.equal(ann.aborted, true);
    await stop();
  });

  test('who has missed too much looks at everything', async () => {
    const stop = await revocation.follow(other);
    const [ann, bob] = [await session(ANN, 1), await session(BOB, 2)];
    other.disable(BOB);
    other.everything = true;
    await clock.pass(LOOK_EVERY);
    assert.equal(ann.aborted, false);
    assert.equal(bob.aborted, true);
    await stop();
  });

  test('a request outside of a session ends likewise, once, unless it has been answered', async () => {
    const stop = await revocation.follow(other);
    const ends: string[] = [];
    revocation.watch(other.row(ANN), () => ends.push('ann'));
    revocation.watch(other.row(ANN), () => ends.push('answered'))();
    revocation.watch(other.row(BOB), () => ends.push('bob'));
    other.disable(ANN);
    await clock.pass(LOOK_EVERY);
    await clock.pass(LOOK_EVERY);
    assert.deepEqual(ends, ['ann']);
    await stop();
  });

  test('after its end it looks no more', async () => {
    const stop = await revocation.follow(other);
    const ann = await session(ANN, 1);
    await stop();
    other.disable(ANN);
    other.tell({ about: 'access' });
    await clock.pass(LOOK_EVERY);
    assert.equal(ann.aborted, false);
  });
});
