import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AccountId, newId, type UserId } from '../../gateway/fax/ids.ts';
import type { AccountErrorCode, AccountRecords } from '../../gateway/ports/account-records.ts';
import type { IdentityRecords, IdentitySession } from '../../gateway/ports/identity-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, T0, type World } from './fax-records-world.ts';

const ISSUER = 'https://login.example.org';
const MINUTE = 60_000;
const actor = { who: 'local', address: '192.0.2.1' };
const refused = (code: AccountErrorCode) => (error: unknown) =>
  error instanceof Error && error.name === 'AccountError' && (error as { code?: unknown }).code === code;
const nobody = newId('usr', () => 'usr_00000000000000000000000000');
/** Octets of a database are Buffers. */
const plain = (rows: readonly IdentitySession[]): IdentitySession[] =>
  rows.map((row) => ({ ...row, sid: Uint8Array.from(row.sid), ticket: Uint8Array.from(row.ticket) }));
const ADMIN = { role: 'admin', scope: null } as const;

/** The contract of IdentityRecords; every backend passes it. */
export function identityRecordsConformance(name: string, start: () => Promise<Backend>): void {
  describe(`IdentityRecords on ${name}`, () => {
    let backend: Backend;
    let identities: IdentityRecords;
    let accounts: AccountRecords;
    let world: World;
    let count = 0;
    before(async () => {
      backend = await start();
      ({ identities, accounts } = backend.records);
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    const identity = (subject = `subject-${++count}`) => ({ issuer: ISSUER, subject });
    const apiUser = async (account: AccountId) => {
      const verifiers = { passwordHash: '$argon2id$x', secretMac: null };
      const row = { realm: 'api', account, name: `u${++count}`, verifiers, cidrs: [] } as const;
      return (await accounts.createUser(row, actor, T0)).id;
    };
    const administrator = (subject?: string) =>
      identities.createAdministrator(`a${++count}`, ADMIN, identity(subject), actor, T0);
    const session = (user: UserId, change: Partial<IdentitySession> = {}): IdentitySession => ({
      sid: Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? ++count : 7)),
      user,
      realm: 'admin',
      provider: 'corp',
      issuer: ISSUER,
      subject: 'somebody',
      providerSid: null,
      ticket: new Uint8Array([1, 2, 3]),
      startedAt: T0,
      goodAt: T0,
      nextAt: T0 + MINUTE,
      until: null,
      expiresAt: T0 + 60 * MINUTE,
      ...change,
    });

    test('an administrator made from an identity has no password and is found by issuer and subject together', async () => {
      const made = await administrator('ann');
      assert.equal(made.role, 'admin');
      assert.equal(await identities.userOf({ issuer: ISSUER, subject: 'ann' }), made.id);
      assert.equal(await identities.userOf({ issuer: 'https://other.example.org', subject: 'ann' }), undefined);
      const row = await accounts.accessById(made.id);
      assert.deepEqual([row?.verifiers.passwordHash, row?.verifiers.secretMac], [null, null]);
      const entries = await accounts.auditLog({ limit: 20 });
      const entry = entries.find(({ object }) => object === made.id);
      assert.deepEqual(entry?.detail, { realm: 'admin', ...ADMIN, issuer: ISSUER });
    });

    test('nothing is left of an administrator whose name or identity is taken', async () => {
      const made = await administrator();
      const users = (await accounts.users('admin', null)).length;
      await assert.rejects(
        identities.createAdministrator(made.name, ADMIN, identity(), actor, T0),
        refused('name_taken'),
      );
      const [own] = await identities.identities([made.id]);
      assert.ok(own);
      await assert.rejects(identities.createAdministrator('another', ADMIN, own, actor, T0), refused('identity_taken'));
      assert.equal((await accounts.users('admin', null)).length, users);
    });

    test('a user has one identity, and an identity one user', async () => {
      const { id: account } = await world.account();
      const [one, two] = [await apiUser(account), await apiUser(account)];
      const [first, second] = [identity(), identity()];
      await identities.link(one, first, actor, T0);
      await assert.rejects(identities.link(two, first, actor, T0), refused('identity_taken'));
      await identities.link(one, second, actor, T0 + 1);
      assert.equal(await identities.userOf(first), undefined);
      assert.deepEqual(await identities.identities([one, two]), [{ ...second, user: one, createdAt: T0 + 1 }]);
      const [entry] = await accounts.auditLog({ account, limit: 1 });
      assert.deepEqual([entry?.action, entry?.object], ['identity.link', one]);
      await assert.rejects(identities.link(nobody, identity(), actor, T0), refused('user_unknown'));
    });

    test('an identity that is taken away is told to every process, and only once', async () => {
      const { id: account } = await world.account();
      const user = await apiUser(account);
      await identities.link(user, identity(), actor, T0);
      const { head } = await accounts.accessChanges(null);
      assert.equal(await identities.unlink(user, actor, T0), true);
      assert.equal(await identities.unlink(user, actor, T0), false);
      const { changed } = await accounts.accessChanges(head);
      assert.deepEqual(changed, [{ account, user }]);
      await assert.rejects(identities.unlink(nobody, actor, T0), refused('user_unknown'));
    });

    test('a session that is due is given to one of those that ask, until the hold is over', async () => {
      const { id: user } = await administrator();
      const [early, late] = [session(user, { nextAt: T0 + 5 }), session(user, { nextAt: T0 + 50 })];
      await identities.addSession(early);
      await identities.addSession(late);
      const answers = await Promise.all([1, 2, 3].map(() => identities.takeDue(10, 20, T0 + 10)));
      const taken = plain(answers.flat());
      assert.deepEqual(
        taken.map(({ sid }) => sid),
        [early.sid],
      );
      assert.deepEqual(taken[0], { ...early, nextAt: T0 + 30 });
      assert.deepEqual(await identities.takeDue(10, 20, T0 + 29), []);
      assert.equal((await identities.takeDue(10, 20, T0 + 30)).length, 1);
      for (const { sid } of [early, late]) await identities.removeSession(sid);
    });

    test('what a provider said is kept, unless the session was removed meanwhile', async () => {
      const { id: user } = await administrator();
      const made = session(user, { subject: `kept-${++count}` });
      await identities.addSession(made);
      const kept = { ticket: new Uint8Array([9]), goodAt: T0 + 5, nextAt: T0 + 90, until: T0 + 100 };
      assert.equal(await identities.keepSession(made.sid, kept), true);
      const match = { issuer: ISSUER, subject: made.subject };
      assert.deepEqual(plain(await identities.sessionsOf(match)), [{ ...made, ...kept }]);
      await identities.removeSession(made.sid);
      assert.equal(await identities.keepSession(made.sid, kept), false);
      assert.deepEqual(await identities.sessionsOf(match), []);
    });

    test('sessions are found by the provider’s own session or by their subject, of that issuer alone', async () => {
      const { id: user } = await administrator();
      const made = session(user, { subject: 'mia', providerSid: 'p-1' });
      await identities.addSession(made);
      await identities.addSession(session(user, { subject: 'mia', providerSid: 'p-2' }));
      await identities.addSession(
        session(user, { subject: 'mia', issuer: 'https://other.example.org', providerSid: 'p-1' }),
      );
      assert.deepEqual(plain(await identities.sessionsOf({ issuer: ISSUER, providerSid: 'p-1' })), [made]);
      assert.equal((await identities.sessionsOf({ issuer: ISSUER, subject: 'mia' })).length, 2);
      assert.deepEqual(await identities.sessionsOf({ issuer: ISSUER, subject: 'nobody' }), []);
    });

    test('sessions past their end go when the next one comes, and are not counted', async () => {
      const { id: user } = await administrator();
      const before = await identities.countSessions(T0);
      const old = session(user, { subject: 'old', expiresAt: T0 + 1 });
      await identities.addSession(old);
      assert.equal(await identities.countSessions(T0), before + 1);
      assert.equal(await identities.countSessions(T0 + 1), before);
      const next = session(user, { startedAt: T0 + 2 });
      await identities.addSession(next);
      assert.deepEqual(await identities.sessionsOf({ issuer: ISSUER, subject: 'old' }), []);
    });
  });
}
