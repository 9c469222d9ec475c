import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { newApiSecret } from '../../crypto/index.ts';
import { type AccountId, newId, type UserId } from '../../gateway/fax/ids.ts';
import { DEFAULT_POLICY } from '../../gateway/fax/policy.ts';
import { OWNER } from '../../gateway/fax/role.ts';
import { parseSubaddress } from '../../gateway/fax/subaddress.ts';
import type { AccountErrorCode, AccountRecords } from '../../gateway/ports/account-records.ts';
import type { NewPasskey } from '../../gateway/ports/passkey-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, freshNumber, make, T0, type World } from './fax-records-world.ts';

const actor = { who: 'local', address: '192.0.2.1' };
const refused = (code: AccountErrorCode) => (error: unknown) =>
  error instanceof Error && error.name === 'AccountError' && (error as { code?: unknown }).code === code;
const noAccount = newId('acc', () => 'acc_00000000000000000000000000');

/** The contract of AccountRecords; every backend passes it. */
export function accountRecordsConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`AccountRecords on ${name}`, () => {
    let backend: Backend;
    let accounts: AccountRecords;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      accounts = backend.records.accounts;
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    const lastAudit = async (account: AccountId) => (await accounts.auditLog({ account, limit: 1 }))[0];
    const user = (account: AccountId | null, userName: string, mac: Uint8Array | null = null) => ({
      realm: account === null ? ('admin' as const) : ('api' as const),
      account,
      name: userName,
      verifiers: { passwordHash: mac === null ? '$argon2id$x' : null, secretMac: mac },
      cidrs: ['192.0.2.0/24'],
      ...(account === null ? { rank: OWNER } : {}),
    });

    test('an account is found by id and by name, with the defaults of its policy', async () => {
      const made = await accounts.createAccount(
        { name: 'clinic-1', title: 'Clinic', policy: { retries: 7 }, cidrs: ['2001:db8::/32'] },
        actor,
        T0,
      );
      assert.deepEqual(made, {
        id: made.id,
        name: 'clinic-1',
        title: 'Clinic',
        disabled: false,
        paused: false,
        pausedReason: null,
        closedAt: null,
        eraseAt: null,
        erasedAt: null,
        policy: { ...DEFAULT_POLICY, retries: 7 },
        cidrs: ['2001:db8::/32'],
        createdAt: T0,
      });
      assert.deepEqual(await accounts.account(made.id), made);
      assert.deepEqual(await accounts.account({ name: 'clinic-1' }), made);
      assert.equal(await accounts.account({ name: 'clinic-2' }), undefined);
      assert.ok((await accounts.accounts()).some(({ id }) => id === made.id));
      assert.partialDeepStrictEqual(await lastAudit(made.id), {
        at: T0,
        actor: 'local',
        address: '192.0.2.1',
        action: 'account.create',
        object: made.id,
      });
    });
    test('a name is taken once, even by two at once', async () => {
      const make = () => accounts.createAccount({ name: 'twice', title: '', policy: {}, cidrs: [] }, actor, T0);
      const answers = await Promise.allSettled([make(), make(), make()]);
      const failed = answers.filter((answer) => answer.status === 'rejected');
      assert.equal(failed.length, 2);
      assert.ok(failed.every(({ reason }) => refused('name_taken')(reason)));
    });
    test('names, rules and policies that make no sense are refused and leave nothing', async () => {
      const attempt = (change: object) =>
        accounts.createAccount({ name: 'bad', title: '', policy: {}, cidrs: [], ...change }, actor, T0);
      for (const bad of ['', 'A', 'a b', 'ä', 'a'.repeat(41)]) {
        await assert.rejects(attempt({ name: bad }), refused('name_invalid'), bad);
      }
      for (const bad of ['x', '192.0.2.0/33', '192.0.2.0/', '::/129', '192.0.2.0/8/8', '192.0.2.0/-1', '300.1.1.1']) {
        await assert.rejects(attempt({ cidrs: [bad] }), refused('cidr_invalid'), bad);
      }
      const policies: readonly object[] = [
        { retries: -1 },
        { retries: 1.5 },
        { channels: '3' },
        { imageLife: 'ever' },
        { timeZone: 'Mars/Base' },
        { csid: 'x'.repeat(21) },
        { toString: 1 },
        { unknown: 1 },
      ];
      for (const policy of policies) {
        await assert.rejects(attempt({ policy }), refused('policy_invalid'), JSON.stringify(policy));
      }
      assert.equal(await accounts.account({ name: 'bad' }), undefined);
    });
    test('a change touches what it names and nothing else', async () => {
      const { id } = await world.account({ retries: 1, channels: 2 });
      const changed = await accounts.updateAccount(id, { paused: true, policy: { channels: 9 } }, actor, T0 + 1);
      assert.partialDeepStrictEqual(changed, { title: 'Test', paused: true, disabled: false, cidrs: [] });
      assert.partialDeepStrictEqual(changed.policy, { retries: 1, channels: 9 });
      assert.deepEqual(await accounts.account(id), changed);
      assert.partialDeepStrictEqual(await lastAudit(id), { action: 'account.update', at: T0 + 1 });
      await assert.rejects(accounts.updateAccount(noAccount, { paused: true }, actor, T0), refused('account_unknown'));
    });
    test('a user is found by names, by id and by the MAC of its secret, each in its own realm', async () => {
      const account = await world.account();
      const mac = new Uint8Array(32).fill(account.name.length).map((value, index) => value + index);
      const made = await accounts.createUser(user(account.id, 'app', mac), actor, T0);
      const admin = await accounts.createUser(user(null, 'app'), actor, T0);
      const row = await accounts.access('api', account.name, 'app');
      assert.deepEqual(row?.user, made);
      assert.deepEqual(row?.account, account);
      assert.deepEqual(new Uint8Array(row?.verifiers.secretMac ?? []), mac);
      assert.deepEqual(await accounts.accessById(made.id), row);
      assert.deepEqual(await accounts.accessBySecretMac(mac), row);
      assert.deepEqual((await accounts.access('admin', null, 'app'))?.user, admin);
      assert.equal((await accounts.access('admin', null, 'app'))?.account, null);
      assert.equal(await accounts.access('admin', account.name, 'app'), undefined);
      assert.equal(await accounts.access('api', null, 'app'), undefined);
      assert.equal(await accounts.access('api', 'nobody', 'app'), undefined);
      assert.equal(await accounts.access('api', account.name, 'nobody'), undefined);
      assert.equal(await accounts.accessBySecretMac(new Uint8Array(32)), undefined);
      assert.deepEqual(await accounts.users('api', account.id), [made]);
      assert.partialDeepStrictEqual(await accounts.users('admin', null), [admin]);
    });
    test('a user name is taken once an account, and once among administrators', async () => {
      const [a, b] = [await world.account(), await world.account()];
      await accounts.createUser(user(a.id, 'x'), actor, T0);
      await accounts.createUser(user(b.id, 'x'), actor, T0);
      await assert.rejects(accounts.createUser(user(a.id, 'x'), actor, T0), refused('name_taken'));
      await accounts.createUser(user(null, 'root'), actor, T0);
      await assert.rejects(accounts.createUser(user(null, 'root'), actor, T0), refused('name_taken'));
      await assert.rejects(accounts.createUser(user(noAccount, 'x'), actor, T0), refused('account_unknown'));
      await assert.rejects(accounts.createUser(user(a.id, ''), actor, T0), refused('name_invalid'));
    });
    test('a change of a user keeps what it does not name, and clears what it sets to null', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser({ ...user(id, 'x'), clientKey: 'spki' }, actor, T0);
      const mac = new TextEncoder().encode(newApiSecret().slice(0, 32));
      await accounts.updateUser(made.id, { verifiers: { secretMac: mac } }, actor, T0);
      const both = await accounts.accessById(made.id);
      assert.equal(both?.verifiers.passwordHash, '$argon2id$x');
      assert.deepEqual(new Uint8Array(both?.verifiers.secretMac ?? []), mac);
      const changed = await accounts.updateUser(
        made.id,
        { disabled: true, clientKey: null, verifiers: { passwordHash: null } },
        actor,
        T0,
      );
      assert.deepEqual(changed, { ...made, disabled: true, clientKey: null });
      assert.equal((await accounts.accessById(made.id))?.verifiers.passwordHash, null);
      assert.partialDeepStrictEqual(await lastAudit(id), { action: 'user.update', object: made.id });
      await assert.rejects(accounts.updateUser(make.user(), { disabled: true }, actor, T0), refused('user_unknown'));
    });
    test('an administrator has a role, for all accounts or for one, and an API user none', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser(
        { ...user(null, 'ranked'), rank: { role: 'operator', scope: id } },
        actor,
        T0,
      );
      assert.deepEqual([made.role, made.scope], ['operator', id]);
      assert.partialDeepStrictEqual(await lastAudit(id), {
        ...{ action: 'user.create', object: made.id },
        detail: { role: 'operator', scope: id },
      });
      const freed = await accounts.updateUser(made.id, { role: 'auditor', scope: null }, actor, T0);
      assert.deepEqual(freed, { ...made, role: 'auditor', scope: null });
      const { rank: _, ...rankless } = user(null, 'rankless');
      const wrong: readonly (() => Promise<unknown>)[] = [
        () => accounts.createUser(rankless, actor, T0),
        () => accounts.createUser({ ...user(id, 'ranked'), rank: OWNER }, actor, T0),
        () => accounts.createUser({ ...user(null, 'bound'), rank: { role: 'owner', scope: id } }, actor, T0),
        () => accounts.updateUser(made.id, { role: 'owner', scope: id }, actor, T0),
      ];
      for (const change of wrong) await assert.rejects(change(), refused('role_invalid'));
      await assert.rejects(accounts.updateUser(made.id, { scope: noAccount }, actor, T0), refused('account_unknown'));
      const api = await accounts.createUser(user(id, 'plain'), actor, T0);
      assert.deepEqual([api.role, api.scope], [null, null]);
      await assert.rejects(accounts.updateUser(api.id, { role: 'auditor' }, actor, T0), refused('role_invalid'));
      await assert.rejects(accounts.updateUser(api.id, { scope: id }, actor, T0), refused('role_invalid'));
    });
    test('one owner who may log in is left, even when two take each other’s role away', async () => {
      const owners = (await accounts.users('admin', null)).filter(
        ({ role, disabled }) => role === 'owner' && !disabled,
      );
      const others = owners.map(({ id }) => accounts.updateUser(id, { role: 'admin' }, actor, T0));
      const ended = await Promise.allSettled(others);
      assert.equal(ended.filter(({ status }) => status === 'rejected').length, 1);
      const [last, ...more] = (await accounts.users('admin', null)).filter(({ role }) => role === 'owner');
      assert.ok(last !== undefined && more.length === 0);
      await assert.rejects(accounts.updateUser(last.id, { disabled: true }, actor, T0), refused('last_owner'));
      const next = await accounts.createUser(user(null, 'next'), actor, T0);
      assert.equal((await accounts.updateUser(last.id, { disabled: true }, actor, T0)).disabled, true);
      await assert.rejects(accounts.updateUser(next.id, { role: 'auditor' }, actor, T0), refused('last_owner'));
    });
    test('whoever is bound to a disabled account is found so', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser({ ...user(null, 'tied'), rank: { role: 'admin', scope: id } }, actor, T0);
      assert.equal((await accounts.accessById(made.id))?.scopeDisabled, false);
      await accounts.updateAccount(id, { disabled: true }, actor, T0);
      assert.equal((await accounts.accessById(made.id))?.scopeDisabled, true);
    });
    test('tries of log-ins are counted by target, known sources apart from all others', async () => {
      const octets = (text: string) => new TextEncoder().encode(`${text} ${freshNumber()}`);
      const user = { target: octets('user'), verifier: octets('hash'), exists: true };
      const key = { ...user, source: octets('stranger') };
      const forget = { exists: 1_000, missing: 500 };
      const pace = { waits: { known: [0, 10], unknown: [0, 0, 10, 100] }, forget, remember: 5_000 };
      const take = (at: number, one = key) => accounts.takeLoginTry(one, pace, T0 + at);
      assert.deepEqual([await take(0), await take(0), await take(0)], ['unknown', 'unknown', 'unknown']);
      assert.equal(await take(9), 'too_soon');
      const elsewhere = { ...key, source: octets('another') };
      assert.equal(await take(9, elsewhere), 'too_soon', 'strangers are counted together');
      assert.equal(await take(9, { ...key, verifier: octets('other hash') }), 'unknown');
      assert.equal(await take(10), 'unknown');
      assert.deepEqual([await take(109), await take(110), await take(209)], ['too_soon', 'unknown', 'too_soon']);
      const home = { ...key, source: octets('home') };
      await accounts.endLoginTries(home, 'known', pace.remember, T0 + 150);
      assert.deepEqual([await take(209), await take(209, home), await take(209, home)], ['too_soon', 'known', 'known']);
      assert.deepEqual([await take(209, home), await take(219, home)], ['too_soon', 'known']);
      await accounts.endLoginTries(home, 'known', pace.remember, T0 + 219);
      assert.deepEqual([await take(219, home), await take(219)], ['known', 'unknown']);
      assert.equal(await take(1_219), 'unknown', 'after a time without a try');
      assert.deepEqual([await take(1_219), await take(1_219), await take(1_219)], ['unknown', 'unknown', 'too_soon']);
      assert.equal(await take(5_219, home), 'unknown', 'a source is not known for ever');
      const nobody = { ...key, verifier: octets('no hash'), exists: false };
      assert.deepEqual([await take(6_000, nobody), await take(6_000, nobody)], ['unknown', 'unknown']);
      assert.deepEqual([await take(6_000, nobody), await take(6_009, nobody)], ['unknown', 'too_soon']);
      assert.equal(await take(6_500, nobody), 'unknown', 'counts of nobody are soon forgotten');
    });
    test('of tries that come at once no more pass than may', async () => {
      const target = new TextEncoder().encode(freshNumber());
      const key = { target, source: new Uint8Array(32), verifier: target, exists: true };
      const forget = { exists: 1_000, missing: 1_000 };
      const pace = { waits: { known: [0], unknown: [0, 0, 10] }, forget, remember: 5_000 };
      const said = await Promise.all(Array.from({ length: 12 }, () => accounts.takeLoginTry(key, pace, T0)));
      assert.equal(said.filter((one) => one === 'unknown').length, 3);
    });
    test('a TOTP secret is kept beside the other verifiers, and may be taken away', async () => {
      const { id, name } = await world.account();
      const made = await accounts.createUser(user(id, 'x'), actor, T0);
      assert.equal(made.totp, false);
      assert.equal((await accounts.accessById(made.id))?.totp, null);
      const sealed = Uint8Array.from({ length: 49 }, (_, at) => at);
      const waiting = await accounts.updateUser(made.id, { totpPending: sealed }, actor, T0);
      assert.equal(waiting.totp, false, 'log-ins need no code yet');
      assert.equal((await lastAudit(id))?.action, 'totp.pending');
      assert.deepEqual(new Uint8Array((await accounts.secondSteps(made.id))?.pending ?? []), sealed);
      const other = new Uint8Array(49);
      assert.equal(await accounts.confirmTotp(made.id, other, 6, null, actor, T0), false, 'not the one that waits');
      assert.equal(await accounts.confirmTotp(made.id, sealed, 6, null, actor, T0), true);
      assert.equal(await accounts.confirmTotp(made.id, sealed, 6, null, actor, T0), false, 'none waits any more');
      assert.equal((await lastAudit(id))?.action, 'totp.confirm');
      await accounts.updateUser(made.id, { cidrs: [] }, actor, T0);
      const row = await accounts.access('api', name, 'x');
      assert.deepEqual(new Uint8Array(row?.totp?.sealed ?? []), sealed, 'a change of something else leaves it');
      assert.equal(row?.totp?.lastStep, 6, 'the code that confirmed it opens nothing');
      assert.equal(row?.verifiers.passwordHash, '$argon2id$x');
      assert.partialDeepStrictEqual(await accounts.users('api', id), [{ totp: true }]);
      assert.equal((await accounts.updateUser(made.id, { totp: null }, actor, T0)).totp, false);
      assert.equal((await lastAudit(id))?.action, 'totp.remove');
      assert.equal((await accounts.accessById(made.id))?.totp, null);
    });
    test('a short password stands with a code beside it only', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser(user(id, 'x'), actor, T0);
      const short = { verifiers: { passwordHash: '$argon2id$short' }, passwordAlone: false };
      const weak = { code: 'password_weak' };
      await assert.rejects(accounts.updateUser(made.id, short, actor, T0), weak);
      const sealed = new Uint8Array(49);
      await accounts.updateUser(made.id, { totpPending: sealed }, actor, T0);
      await accounts.confirmTotp(made.id, sealed, 1, null, actor, T0);
      await accounts.updateUser(made.id, short, actor, T0);
      assert.equal((await lastAudit(id))?.action, 'user.password');
      assert.deepEqual((await lastAudit(id))?.detail, { changed: ['verifiers'] });
      assert.partialDeepStrictEqual(await accounts.secondSteps(made.id), { password: true, passwordAlone: false });
      await assert.rejects(accounts.updateUser(made.id, { totp: null }, actor, T0), weak);
      const long = { verifiers: { passwordHash: '$argon2id$long' }, passwordAlone: true };
      await accounts.updateUser(made.id, long, actor, T0);
      await accounts.updateUser(made.id, { totp: null }, actor, T0);
    });
    test('the session in which a change is made is remembered with it', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser(user(id, 'x'), actor, T0);
      assert.equal((await accounts.accessById(made.id))?.kept, null);
      const session = new Uint8Array(32).fill(7);
      await accounts.updateUser(made.id, { cidrs: [], kept: { session, stamps: ['a', 'b'] } }, actor, T0);
      const kept = (await accounts.accessById(made.id))?.kept;
      assert.deepEqual([kept?.stamps, new Uint8Array(kept?.session ?? [])], [['a', 'b'], session]);
      await accounts.updateUser(made.id, { cidrs: ['192.0.2.0/24'] }, actor, T0);
      assert.deepEqual((await accounts.accessById(made.id))?.kept?.stamps, ['a', 'b']);
    });
    test('each recovery code is used up by one, and a new set replaces what is left of the old one', async () => {
      const { id } = await world.account();
      const [one, two] = [
        await accounts.createUser(user(id, 'x'), actor, T0),
        await accounts.createUser(user(id, 'y'), actor, T0),
      ];
      const macs = [1, 2, 3].map((octet) => new Uint8Array(32).fill(octet));
      const use = (octet: number, by = one.id) =>
        accounts.useRecoveryCode(by, new Uint8Array(32).fill(octet), '192.0.2.1', T0);
      await accounts.putRecoveryCodes(one.id, macs, actor, T0);
      assert.partialDeepStrictEqual(await lastAudit(id), { action: 'recovery.new', object: one.id });
      assert.equal(await use(1, two.id), false, 'of somebody else');
      assert.equal(await use(4), false);
      assert.deepEqual((await Promise.all([use(1), use(1), use(1)])).toSorted(), [false, false, true]);
      assert.partialDeepStrictEqual(await lastAudit(id), {
        action: 'recovery.used',
        object: one.id,
        detail: { left: 2 },
      });
      assert.equal((await accounts.secondSteps(one.id))?.recoveryCodes, 2);
      await accounts.putRecoveryCodes(one.id, [new Uint8Array(32).fill(9)], actor, T0);
      assert.deepEqual([await use(2), await use(9)], [false, true]);
      await accounts.putRecoveryCodes(one.id, macs, actor, T0);
      await accounts.updateUser(one.id, { totp: null }, actor, T0);
      assert.equal((await accounts.secondSteps(one.id))?.recoveryCodes, 0);
      assert.equal(await accounts.secondSteps(make.user()), undefined);
      await assert.rejects(accounts.putRecoveryCodes(make.user(), macs, actor, T0), { code: 'user_unknown' });
    });
    test('a time step is used by one log-in, and none before it afterwards', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser(user(id, 'x'), actor, T0);
      const [first, second] = [new Uint8Array(49).fill(1), new Uint8Array(49).fill(2)];
      assert.equal(await accounts.useTotpStep(made.id, first, 7), false, 'there is no secret');
      const confirm = async (sealed: Uint8Array) => {
        await accounts.updateUser(made.id, { totpPending: sealed }, actor, T0);
        assert.ok(await accounts.confirmTotp(made.id, sealed, 0, null, actor, T0));
      };
      await confirm(first);
      const answers = await Promise.all([1, 2, 3, 4].map(() => accounts.useTotpStep(made.id, first, 59_523_549)));
      assert.deepEqual(answers.toSorted(), [false, false, false, true]);
      assert.equal((await accounts.accessById(made.id))?.totp?.lastStep, 59_523_549);
      assert.equal(await accounts.useTotpStep(made.id, first, 59_523_548), false);
      assert.equal(await accounts.useTotpStep(made.id, second, 59_523_550), false, 'not the secret of this user');
      assert.equal(await accounts.useTotpStep(made.id, first, 59_523_550), true);
      await confirm(second);
      assert.equal((await accounts.accessById(made.id))?.totp?.lastStep, 0);
      assert.equal(await accounts.useTotpStep(made.id, first, 59_523_551), false, 'the old secret');
      assert.equal(await accounts.useTotpStep(made.id, second, 1), true);
      assert.equal(await accounts.useTotpStep(make.user(), first, 1), false);
    });
    test('a number has one owner', async () => {
      const [a, b] = [await world.account(), await world.account()];
      const number = freshNumber();
      const made = await accounts.addNumber(number, a.id, 'Desk', actor, T0);
      assert.deepEqual(made, { number, account: a.id, label: 'Desk', createdAt: T0, subaddressOnly: false });
      await assert.rejects(accounts.addNumber(number, b.id, '', actor, T0), refused('number_taken'));
      await assert.rejects(accounts.addNumber(freshNumber(), noAccount, '', actor, T0), refused('account_unknown'));
      assert.deepEqual(await accounts.ownerOf(number), { number: made, account: a, shared: false });
      assert.deepEqual(await accounts.numbers(a.id), [made]);
      assert.equal(await accounts.removeNumber(number, b.id, actor, T0), false, 'not its own');
      assert.equal(await accounts.removeNumber(number, a.id, actor, T0), true);
      assert.equal(await accounts.ownerOf(number), undefined);
    });
    test('numbers of all accounts are read in order, from a number on, or among given ones', async () => {
      const { id } = await world.account();
      const mine = [freshNumber(), freshNumber(), freshNumber()].toSorted();
      for (const number of mine) await accounts.addNumber(number, id, '', actor, T0);
      const [first, second] = mine;
      assert.ok(first !== undefined && second !== undefined);
      const all = (await accounts.allNumbers({ limit: 10_000 })).map(({ number }) => number);
      assert.deepEqual(all, all.toSorted());
      assert.ok(mine.every((number) => all.includes(number)));
      assert.deepEqual((await accounts.allNumbers({ after: first, limit: 1 }))[0]?.number, all[all.indexOf(first) + 1]);
      const among = await accounts.numbersAmong([second, freshNumber(), first]);
      assert.deepEqual(
        among.map(({ number }) => number),
        [first, second],
      );
    });
    test('a subaddress has one receiver, and its number stays while there is one', async () => {
      const [a, b] = [await world.account(), await world.account()];
      const number = freshNumber();
      const [ward, desk] = [parseSubaddress('42'), parseSubaddress('0042')];
      const wish = { number, subaddress: ward, account: b.id, label: 'Ward' };
      await assert.rejects(accounts.addSubaddress(wish, actor, T0), refused('number_not_found'));
      await accounts.addNumber(number, a.id, '', actor, T0);
      const unknown = { ...wish, account: noAccount };
      await assert.rejects(accounts.addSubaddress(unknown, actor, T0), refused('account_unknown'));
      const made = await accounts.addSubaddress(wish, actor, T0);
      assert.deepEqual(made, { ...wish, createdAt: T0 });
      await assert.rejects(accounts.addSubaddress({ ...wish, account: a.id }, actor, T0), refused('subaddress_taken'));
      const other = await accounts.addSubaddress({ ...wish, subaddress: desk, account: a.id }, actor, T0);
      assert.deepEqual(await accounts.receiverOf(number, ward), b);
      assert.equal(await accounts.receiverOf(number, parseSubaddress('4')), undefined);
      assert.equal((await accounts.ownerOf(number))?.shared, true);
      assert.deepEqual(await accounts.subaddresses({ numbers: [number] }), [other, made]);
      assert.deepEqual(await accounts.subaddresses({ account: b.id }), [made]);
      await assert.rejects(accounts.removeNumber(number, a.id, actor, T0), refused('number_shared'));
      assert.equal(await accounts.removeSubaddress(number, ward, actor, T0), true);
      assert.equal(await accounts.removeSubaddress(number, ward, actor, T0), false);
      assert.equal(await accounts.removeSubaddress(number, desk, actor, T0), true);
      assert.equal(await accounts.removeNumber(number, a.id, actor, T0), true);
      const [entry] = await accounts.auditLog({ account: b.id, limit: 1 });
      assert.deepEqual([entry?.action, entry?.detail], ['subaddress.remove', { number, subaddress: ward }]);
    });
    test('a number may be there for its subaddresses alone', async () => {
      const { id } = await world.account();
      const number = freshNumber();
      assert.equal(await accounts.setSubaddressOnly(number, true, actor, T0), false);
      await accounts.addNumber(number, id, '', actor, T0);
      assert.equal(await accounts.setSubaddressOnly(number, true, actor, T0), true);
      assert.equal((await accounts.ownerOf(number))?.number.subaddressOnly, true);
    });
    test('the audit log is read newest first, by account and before a time', async () => {
      const { id } = await world.account();
      const entry = (at: number) => ({
        at,
        actor: 'usr',
        address: null,
        account: id,
        action: 'test',
        object: null,
        detail: { at },
      });
      for (const at of [T0 + 1, T0 + 2, T0 + 3]) await accounts.audit(entry(at));
      assert.deepEqual(await accounts.auditLog({ account: id, limit: 2 }), [entry(T0 + 3), entry(T0 + 2)]);
      const older = await accounts.auditLog({ account: id, before: T0 + 2, limit: 9 });
      assert.deepEqual(older[0], entry(T0 + 1));
      assert.ok((await accounts.auditLog({ limit: 50 })).length > older.length);
    });
    test('the audit log is read page by page to its end, each entry once, when many are of one moment', async () => {
      const { id } = await world.account();
      const about = { actor: 'usr', address: null, account: id, action: 'test', object: null };
      for (const place of Array.from({ length: 7 }, (_, index) => index)) {
        await accounts.audit({ ...about, at: place < 2 ? T0 + 1 : T0 + 2, detail: { place } });
      }
      const places: unknown[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages < 9 && (pages === 0 || cursor !== undefined); pages++) {
        const page = await accounts.auditPage({ account: id, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        places.push(...page.items.filter(({ action }) => action === 'test').map(({ detail }) => detail.place));
        // What is written meanwhile is newer, and moves nothing.
        await accounts.audit({ ...about, at: T0 + 2, detail: { place: 'new' } });
        cursor = page.next ?? undefined;
      }
      assert.deepEqual(places, [6, 5, 4, 3, 2, 1, 0]);
      const cut = await accounts.auditPage({ account: id, before: T0 + 2, limit: 1 });
      assert.deepEqual([cut.items[0]?.detail, cut.next === null], [{ place: 1 }, false]);
      for (const foreign of ['', 'AAAA', Buffer.from(`${T0}.fax_01m80000000000000000000000`).toString('base64url')]) {
        await assert.rejects(accounts.auditPage({ limit: 1, cursor: foreign }), { code: 'option_invalid' });
      }
    });
    test('wrong codes are counted together, and anew after their time', async () => {
      const { id } = await world.account();
      const { id: who } = await accounts.createUser(user(id, 'x'), actor, T0);
      assert.equal(await accounts.wrongCodes(who, 900, T0), 0);
      await Promise.all([1, 2, 3, 4].map(() => accounts.noteWrongCode(who, 900, T0)));
      assert.equal(await accounts.wrongCodes(who, 900, T0 + 899), 4);
      assert.equal(await accounts.wrongCodes(who, 900, T0 + 900), 0);
      await accounts.noteWrongCode(who, 900, T0 + 900);
      assert.equal(await accounts.wrongCodes(who, 900, T0 + 901), 1);
    });
    describe('passkeys', () => {
      const passkey = (of: UserId, credential: string, change: Partial<NewPasskey> = {}): NewPasskey => ({
        ...{ user: of, name: 'Laptop', host: 'fax.example.org', synced: true, credential, counter: 0 },
        ...{ publicKey: new Uint8Array([1, 2, 3]), transports: ['internal', 'hybrid'], ...change },
      });
      const administrator = async (name: string) =>
        (await accounts.createUser({ ...user(null, `${name}-${freshNumber()}`), rank: OWNER }, actor, T0)).id;

      test('are found by their credential and by their holder, whose access row names them', async () => {
        const who = await administrator('holder');
        const { head } = await accounts.accessChanges(null);
        const made = await accounts.addPasskey(passkey(who, 'credential-1'), actor, T0);
        assert.deepEqual((await accounts.accessChanges(head)).changed, [{ account: null, user: who }]);
        const row = { ...passkey(who, 'credential-1'), id: made.id, createdAt: T0, usedAt: null };
        const found = await accounts.passkeyOf('credential-1');
        assert.deepEqual(found && { ...found, publicKey: new Uint8Array(found.publicKey) }, row);
        const second = await accounts.addPasskey(passkey(who, 'credential-2', { name: 'Phone' }), actor, T0 + 1);
        assert.deepEqual(
          (await accounts.passkeys(who)).map(({ id }) => id),
          [made.id, second.id],
        );
        assert.deepEqual((await accounts.accessById(who))?.passkeys.toSorted(), [made.id, second.id].toSorted());
        assert.equal(await accounts.passkeyOf('credential-3'), undefined);
      });
      test('are for administrators, registered once, and no more than twenty of a user', async () => {
        const { id } = await world.account();
        const apiUser = await accounts.createUser(user(id, 'x'), actor, T0);
        await assert.rejects(accounts.addPasskey(passkey(apiUser.id, 'api-1'), actor, T0), refused('user_unknown'));
        assert.deepEqual((await accounts.accessById(apiUser.id))?.passkeys, []);
        const [one, other] = [await administrator('one'), await administrator('other')];
        await accounts.addPasskey(passkey(one, 'once'), actor, T0);
        await assert.rejects(accounts.addPasskey(passkey(other, 'once'), actor, T0), refused('passkey_taken'));
        const adding = Array.from({ length: 21 }, (_, index) =>
          accounts.addPasskey(passkey(other, `many-${index}`), actor, T0),
        );
        const refusals = (await Promise.allSettled(adding)).filter(({ status }) => status === 'rejected');
        assert.equal(refusals.length, 1);
        await assert.rejects(accounts.addPasskey(passkey(other, 'late'), actor, T0), refused('too_many_passkeys'));
      });
      test('are used with a counter that goes up, or with none at all', async () => {
        const who = await administrator('user');
        const plain = await accounts.addPasskey(passkey(who, 'plain'), actor, T0);
        assert.equal(await accounts.usePasskey(plain.id, 0, T0 + 1), true);
        assert.equal(await accounts.usePasskey(plain.id, 0, T0 + 2), true);
        assert.equal((await accounts.passkeyOf('plain'))?.usedAt, T0 + 2);
        const counting = await accounts.addPasskey(passkey(who, 'counting', { counter: 4 }), actor, T0);
        for (const counter of [0, 3, 4]) {
          assert.equal(await accounts.usePasskey(counting.id, counter, T0), false, String(counter));
        }
        const answers = await Promise.all([1, 2, 3].map(() => accounts.usePasskey(counting.id, 5, T0 + 3)));
        assert.deepEqual(answers.toSorted(), [false, false, true]);
        assert.equal(await accounts.usePasskey(counting.id, 2 ** 32 - 1, T0 + 4), true);
        assert.equal((await accounts.passkeyOf('counting'))?.counter, 2 ** 32 - 1);
      });
      test('are renamed and removed by their holder alone, which the other processes are told', async () => {
        const [one, other] = [await administrator('one'), await administrator('other')];
        const { id } = await accounts.addPasskey(passkey(one, 'named'), actor, T0);
        assert.equal(await accounts.renamePasskey(other, id, 'Mine', actor, T0), undefined);
        assert.equal((await accounts.renamePasskey(one, id, 'Desk key', actor, T0))?.name, 'Desk key');
        assert.equal(await accounts.removePasskey(other, id, actor, T0), false);
        const { head } = await accounts.accessChanges(null);
        assert.equal(await accounts.removePasskey(one, id, actor, T0 + 1), true);
        assert.deepEqual((await accounts.accessChanges(head)).changed, [{ account: null, user: one }]);
        assert.equal(await accounts.removePasskey(one, id, actor, T0), false);
        assert.equal(await accounts.usePasskey(id, 9, T0), false);
        const told = (await accounts.auditLog({ limit: 20 })).filter(({ object }) => object === one);
        assert.deepEqual(
          told.map(({ action }) => action),
          ['passkey.remove', 'passkey.rename', 'passkey.add', 'user.create'],
        );
        assert.deepEqual(told[2]?.detail, { passkey: id, host: 'fax.example.org', synced: true });
      });
    });
    test('changes of users and accounts are numbered in the order of their commits, whoever makes them', async () => {
      const { id } = await world.account();
      const made = await accounts.createUser(user(id, 'x'), actor, T0);
      const start = await accounts.accessChanges(null);
      assert.deepEqual(start.changed, []);
      assert.deepEqual(await accounts.accessChanges(start.head), { head: start.head, changed: [] });
      await accounts.updateUser(made.id, { disabled: true }, actor, T0);
      await accounts.updateAccount(id, { title: 'Other' }, actor, T0);
      assert.deepEqual(await accounts.accessChanges(start.head), {
        head: start.head + 2,
        changed: [
          { account: id, user: made.id },
          { account: id, user: null },
        ],
      });
      await Promise.all([1, 2, 3, 4].map(() => accounts.updateUser(made.id, { cidrs: [] }, actor, T0)));
      assert.equal((await accounts.accessChanges(start.head + 2)).changed.length, 4, 'without a gap');
      await assert.rejects(accounts.updateUser(make.user(), { disabled: true }, actor, T0), refused('user_unknown'));
      assert.equal((await accounts.accessChanges(null)).head, start.head + 6, 'a refused change is none');
    });
    test('whoever has slept through too much is told to look at everything', async () => {
      const { id } = await world.account();
      const { head } = await accounts.accessChanges(null);
      await accounts.updateAccount(id, { title: 'a' }, actor, T0);
      await accounts.updateAccount(id, { title: 'b' }, actor, T0 + 7_200_000);
      assert.deepEqual(await accounts.accessChanges(head), { head: head + 2, changed: 'everything' });
    });
    test('a count gives each number once', async () => {
      const numbers = await Promise.all([1, 2, 3, 4, 5].map(() => accounts.nextNumber('count')));
      assert.deepEqual(numbers.toSorted(), [1, 2, 3, 4, 5]);
      assert.equal(await accounts.nextNumber('another'), 1);
    });
    test('settings are kept by name', async () => {
      assert.equal(await accounts.setting('first-start'), undefined);
      await accounts.putSetting('first-start', '1');
      await accounts.putSetting('first-start', '2');
      assert.equal(await accounts.setting('first-start'), '2');
    });
  });
}
