import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../crypto/index.ts';
import type { Account, User } from '../../gateway/fax/account.ts';
import { type AccountId, newId } from '../../gateway/fax/ids.ts';
import type { Rank } from '../../gateway/fax/role.ts';
import type { NewMail } from '../../gateway/ports/mail-records.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, type TestDatabase, testDatabases } from '../postgres.ts';

const LOCAL = { who: 'local', address: null };
const MINUTE = 60_000;
const T0 = Date.UTC(2026, 10, 22, 9);
const QUERY = { by: [], group: 'total', percentiles: false };

for (const database of await testDatabases()) {
  describe(`MailRecords on ${database.name}`, () => suite(database));
}

function suite(database: TestDatabase): void {
  let records: Records;
  let account: Account;
  let stop: () => Promise<void>;
  let names = 0;
  before(async () => {
    const postgres = await database.start();
    records = createRecords({ pool: postgres.pool(), log: silentLog });
    await records.migrate();
    account = await records.accounts.createAccount({ name: 'clinic', title: '', policy: {}, cidrs: [] }, LOCAL, T0);
    stop = async () => {
      await records.close();
      await postgres.stop();
    };
  });
  after(() => stop());

  const mail = (to = 'anna@example.org', about: AccountId | null = null): NewMail => ({
    ...{ id: newId('mail', (prefix) => randomId(prefix)), kind: 'alert', to, account: about },
    sealed: new Uint8Array([1, 2, 3]),
  });
  const administrator = (rank: Rank): Promise<User> => {
    const verifiers = { passwordHash: null, secretMac: null };
    const wish = { realm: 'admin' as const, account: null, name: `admin${names++}`, verifiers, cidrs: [], rank };
    return records.accounts.createUser(wish, LOCAL, T0);
  };
  /** What the outbox has of these. */
  const found = async (mails: readonly NewMail[]) => {
    const all = await records.mail.outbox({ limit: 500 });
    return mails.map(({ id }) => all.find((one) => one.id === id));
  };
  /** Takes everything out of the way that other tests have left. */
  const emptied = async (now: number) => {
    for (const { id } of await records.mail.claim(1_000, MINUTE, now + 1e9)) {
      await records.mail.settle(id, { state: 'sent', nextAt: null, error: null }, now);
    }
  };

  test('a mail that waits is given to one process at a time, and again when that one has died', async () => {
    await emptied(T0);
    const mails = [mail(), mail(), mail()];
    await records.mail.put(mails, T0);
    const claims = await Promise.all(Array.from({ length: 4 }, () => records.mail.claim(2, MINUTE, T0)));
    const ids = claims.flat().map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), mails.map(({ id }) => id).toSorted());
    assert.deepEqual(claims.flat()[0]?.sealed, Buffer.from([1, 2, 3]));
    assert.deepEqual(await records.mail.claim(10, MINUTE, T0 + MINUTE - 1), []);
    assert.equal((await records.mail.claim(10, MINUTE, T0 + MINUTE)).length, 3);
  });

  test('what was sent is gone but for its envelope; what was not waits for its time', async () => {
    await emptied(T0);
    const mails = [mail(), mail(), mail()];
    const [first, second, third] = mails.map(({ id }) => id);
    assert.ok(first && second && third);
    await records.mail.put(mails, T0);
    await records.mail.settle(first, { state: 'sent', nextAt: null, error: null }, T0 + 1);
    await records.mail.settle(second, { state: 'waiting', nextAt: T0 + MINUTE, error: 'timeout' }, T0 + 1);
    await records.mail.settle(third, { state: 'given_up', nextAt: null, error: 'SMTP 550' }, T0 + 1);
    const rows = await found(mails);
    assert.deepEqual(
      rows.map((row) => [row?.state, row?.attempts, row?.nextAt, row?.lastError, row?.endedAt]),
      [
        ['sent', 1, null, null, T0 + 1],
        ['waiting', 1, T0 + MINUTE, 'timeout', null],
        ['given_up', 1, null, 'SMTP 550', T0 + 1],
      ],
    );
    assert.equal(await records.mail.waiting(), 1);
    // An answer that comes after another process has ended it changes nothing.
    await records.mail.settle(third, { state: 'sent', nextAt: null, error: null }, T0 + 2);
    assert.equal((await found(mails))[2]?.state, 'given_up');
    const again = await records.mail.claim(10, MINUTE, T0 + MINUTE);
    assert.deepEqual(
      again.map(({ id, attempts, createdAt }) => [id, attempts, createdAt]),
      [[second, 1, T0]],
    );
  });

  test('the outbox is read page by page, by state and by account', async () => {
    await emptied(T0);
    const mails = [mail('a@example.org', account.id), mail('b@example.org'), mail('c@example.org', account.id)];
    await records.mail.put(mails, T0);
    const own = await records.mail.outbox({ account: account.id, state: 'waiting', limit: 10 });
    assert.deepEqual(own.map(({ to }) => to).toSorted(), ['a@example.org', 'c@example.org']);
    const [newest] = await records.mail.outbox({ limit: 1 });
    assert.ok(newest);
    const rest = await records.mail.outbox({ before: newest.id, limit: 500 });
    assert.ok(!rest.some(({ id }) => id === newest.id) && rest.length >= 2);
  });

  test('a sweep forgets what has ended, and nothing that waits', async () => {
    await emptied(T0);
    const [old, waiting] = [mail(), mail()];
    await records.mail.put([old, waiting], T0);
    await records.mail.settle(old.id, { state: 'sent', nextAt: null, error: null }, T0);
    await records.mail.sweep({ ended: T0 + 1, seen: 0, told: 0 });
    assert.deepEqual(
      (await found([old, waiting])).map((row) => row?.state),
      [undefined, 'waiting'],
    );
  });

  test('readers are administrators with an address who may log in', async () => {
    const global = await administrator({ role: 'owner', scope: null });
    const bound = await administrator({ role: 'auditor', scope: account.id });
    const silent = await administrator({ role: 'admin', scope: null });
    const out = await administrator({ role: 'admin', scope: null });
    const settings = { addresses: ['a@example.org'], topics: ['carriers', 'budgets'] as const };
    for (const user of [global, bound, out]) await records.mail.setSettings(user.id, user.scope, settings, LOCAL, T0);
    await records.mail.setSettings(silent.id, null, { addresses: [], topics: ['carriers'] }, LOCAL, T0);
    await records.mail.setSettings(account.id, account.id, settings, LOCAL, T0);
    await records.accounts.updateUser(out.id, { disabled: true }, LOCAL, T0);
    const ids = async (...which: Parameters<Records['mail']['readers']>) =>
      (await records.mail.readers(...which)).map(({ user }) => user).toSorted();
    assert.deepEqual(await ids({ topic: 'carriers' }), [global.id, bound.id].toSorted());
    assert.deepEqual(await ids({ topic: 'backups' }), []);
    assert.deepEqual(await ids({ users: [bound.id, silent.id, out.id] }), [bound.id]);
    await records.accounts.updateAccount(account.id, { disabled: true }, LOCAL, T0);
    assert.deepEqual(await ids({ users: [bound.id] }), []);
    await records.accounts.updateAccount(account.id, { disabled: false }, LOCAL, T0);
  });

  test('a change of addresses answers those from before, and the audit log holds how many and no address', async () => {
    const user = await administrator({ role: 'operator', scope: null });
    const set = (addresses: string[]) =>
      records.mail.setSettings(user.id, null, { addresses, topics: ['audit'] }, LOCAL, T0);
    assert.deepEqual(await records.mail.settings(user.id), { addresses: [], topics: [] });
    assert.deepEqual((await set(['old@example.org'])).addresses, []);
    assert.deepEqual((await set(['new@example.org', 'other@example.org'])).addresses, ['old@example.org']);
    assert.deepEqual(await records.mail.settings(user.id), {
      addresses: ['new@example.org', 'other@example.org'],
      topics: ['audit'],
    });
    const entry = (await records.accounts.auditLog({ limit: 50 })).find(({ object }) => object === user.id);
    assert.deepEqual([entry?.action, entry?.detail], ['notices.change', { addresses: 2, topics: ['audit'] }]);
  });

  test('an alert is told once in its quiet time, by whichever process', async () => {
    await emptied(T0);
    const tell = (now: number) => records.mail.tell('carrier_open trunk', MINUTE, [mail()], now);
    const both = await Promise.all([tell(T0), tell(T0), tell(T0)]);
    assert.deepEqual(both.toSorted(), [false, false, true]);
    assert.equal(await tell(T0 + MINUTE - 1), false);
    assert.equal(await tell(T0 + MINUTE), true);
    assert.equal(await records.mail.tell('carrier_open other', MINUTE, [mail()], T0), true);
    assert.equal((await records.mail.claim(10, MINUTE, T0 + MINUTE)).length, 3);
  });

  test('entries of the audit log are read once, in the order of the chain', async () => {
    const write = (action: string) =>
      records.accounts.audit({ ...LOCAL, at: T0, actor: 'local', account: null, action, object: null, detail: {} });
    for (let i = 0; i < 7; i++) await write(i % 2 === 0 ? 'look.at' : 'look.away');
    assert.equal((await records.mail.unread(['look.at'], 10)).entries.length, 0, 'what is not chained is not read');
    await records.audit.extendChain(() => new Uint8Array(32), 0, 2_000, T0);
    const tip = (await records.audit.chainTip()).place;
    const start = await records.mail.unread(['look.at'], tip - 6);
    assert.deepEqual([start.after, start.until], [0, tip - 6]);
    assert.equal(await records.mail.advance(start, [], [], T0), true);
    const rest = await records.mail.unread(['look.at'], 100);
    assert.deepEqual([rest.after, rest.until, rest.entries.length], [tip - 6, tip, 3]);
    const user = await administrator({ role: 'admin', scope: null });
    const seen = [{ user: user.id, network: new Uint8Array(32).fill(7) }];
    const news = mail();
    const done = await Promise.all([1, 2, 3].map(() => records.mail.advance(rest, [news], seen, T0)));
    assert.deepEqual(done.toSorted(), [false, false, true]);
    assert.equal((await found([news]))[0]?.state, 'waiting');
    assert.deepEqual(await records.mail.networks(user.id), [new Uint8Array(32).fill(7)]);
    assert.equal((await records.mail.unread(['look.at'], 100)).after, tip);
    await records.mail.sweep({ ended: 0, seen: T0 + 1, told: 0 });
    assert.deepEqual(await records.mail.networks(user.id), []);
  });

  test('refused log-ins are counted since the last one that was not, without those too soon', async () => {
    const user = await administrator({ role: 'admin', scope: null });
    const log = (action: string, at: number, detail = {}) =>
      records.accounts.audit({ at, actor: user.id, address: null, account: null, action, object: null, detail });
    await log('login.denied', T0 - 50);
    await log('login', T0 - 40);
    await log('login.denied', T0 - 30);
    await log('login.denied', T0 - 20, { code: 'wrong' });
    await log('login.denied', T0 - 10, { tooSoon: true });
    await log('login', T0);
    assert.equal(await records.mail.refusals(user.id, T0 - MINUTE, T0), 2);
    assert.equal(await records.mail.refusals(user.id, T0 - 25, T0), 1);
  });

  test('a schedule is of a saved report, and goes with it', async () => {
    const schedule = { every: 'daily', hour: 7, weekday: 1, day: 1, timeZone: 'UTC' } as const;
    const recipients = { administrators: [], account: true };
    const wish = { schedule, recipients, nextAt: T0 };
    assert.equal(await records.mail.setSchedule(account.id, 'failures', wish, LOCAL, T0), false);
    const saved = { name: 'failures', title: '', query: QUERY, changedBy: 'local', changedAt: T0 };
    await records.cdrs.saveReport(account.id, saved, LOCAL);
    await records.cdrs.saveReport(null, saved, LOCAL);
    assert.equal(await records.mail.setSchedule(account.id, 'failures', wish, LOCAL, T0), true);
    assert.equal(await records.mail.setSchedule(null, 'failures', { ...wish, nextAt: T0 + 5 }, LOCAL, T0), true);
    assert.equal((await records.mail.schedules(account.id)).length, 1);
    const [due, ...others] = await records.mail.dueSchedules(T0, 10);
    assert.deepEqual(others, []);
    assert.deepEqual([due?.owner, due?.schedule, due?.recipients], [account.id, schedule, recipients]);
    assert.ok(due);
    const news = mail('a@example.org', account.id);
    const done = await Promise.all([1, 2, 3].map(() => records.mail.reported(due, T0 + 1_000, [news], T0)));
    assert.deepEqual(done.toSorted(), [false, false, true], 'each moment once');
    assert.equal((await records.mail.schedule(account.id, 'failures'))?.nextAt, T0 + 1_000);
    assert.equal((await found([news])).length, 1);
    // Saving the question anew keeps the schedule; removing the report does not.
    await records.cdrs.saveReport(account.id, { ...saved, title: 'again' }, LOCAL);
    assert.equal((await records.mail.schedules(account.id)).length, 1);
    await records.cdrs.removeReport(account.id, 'failures', LOCAL, T0);
    assert.deepEqual(await records.mail.schedules(account.id), []);
    assert.equal(await records.mail.removeSchedule(null, 'failures', LOCAL, T0), true);
    assert.equal(await records.mail.removeSchedule(null, 'failures', LOCAL, T0), false);
    const actions = (await records.accounts.auditLog({ limit: 10 })).map(({ action }) => action);
    assert.ok(actions.includes('report.schedule') && actions.includes('report.unschedule'));
  });

  test('a schedule that was changed while its report was made is not moved by it', async () => {
    const schedule = { every: 'daily', hour: 7, weekday: 1, day: 1, timeZone: 'UTC' } as const;
    const wish = { schedule, recipients: { administrators: [], account: false }, nextAt: T0 };
    const saved = { name: 'moving', title: '', query: QUERY, changedBy: 'local', changedAt: T0 };
    await records.cdrs.saveReport(null, saved, LOCAL);
    await records.mail.setSchedule(null, 'moving', wish, LOCAL, T0);
    const due = await records.mail.schedule(null, 'moving');
    await records.mail.setSchedule(null, 'moving', wish, LOCAL, T0 + 1);
    assert.ok(due);
    assert.equal(await records.mail.reported(due, T0 + 1_000, [mail()], T0 + 2), false);
    assert.equal((await records.mail.schedule(null, 'moving'))?.nextAt, T0);
  });
}
