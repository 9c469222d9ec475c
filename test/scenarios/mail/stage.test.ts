import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { rateNetwork } from '../../../gateway/access/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import { FaxError } from '../../../gateway/fax/errors.ts';
import type { AccountId, UserId } from '../../../gateway/fax/ids.ts';
import type { NoticeTopic } from '../../../gateway/fax/notice.ts';
import type { Rank } from '../../../gateway/fax/role.ts';
import { alertingLog, createMail, type MailStage, type RunReport } from '../../../gateway/mail/index.ts';
import type { AccountRecords } from '../../../gateway/ports/account-records.ts';
import type { Mail, MailOutcome } from '../../../gateway/ports/mailer.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { silentLog, startTestPostgres } from '../../postgres.ts';

const LOCAL = { who: 'local', address: null };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NO_METRICS = { count: () => undefined, observe: () => undefined, gauge: () => undefined };

describe('mails of the gateway', () => {
  let records: Records;
  let stop: () => Promise<void>;
  let now = Date.UTC(2026, 10, 22, 9);
  const clock = { now: () => now, monotonic: () => now, after: () => () => undefined };
  const sent: Mail[] = [];
  let outcome: MailOutcome = { result: 'sent' };
  let held = false;
  let onSent = () => {};
  let runReport: RunReport;
  const keys = { sealKey: newKey(), serverKey: newKey() };
  let names = 0;

  const process = (works = true): MailStage =>
    createMail({
      ...{ records: records.mail, accounts: records.accounts, cdrs: records.cdrs, exclusion: records.exclusion },
      ...{ networkOf: rateNetwork, works, held: () => held, clock, log: silentLog, metrics: NO_METRICS, ...keys },
      post: {
        mailer: {
          send: async (mail) => {
            sent.push(mail);
            onSent();
            return outcome;
          },
          close: () => undefined,
        },
        host: 'fax.example.org',
        runReport: (wish) => runReport(wish),
      },
    });
  let stage: MailStage;

  before(async () => {
    const postgres = await startTestPostgres();
    records = createRecords({ pool: postgres.pool(), log: silentLog });
    await records.migrate();
    stage = process();
    stop = async () => {
      await records.close();
      await postgres.stop();
    };
  });
  after(() => stop());
  beforeEach(async () => {
    // Nobody of an earlier test is told anything, and nothing of it is left to read.
    for (const { user, scope } of await records.mail.readers({}))
      await records.mail.setSettings(user, scope, { addresses: [], topics: [] }, LOCAL, now);
    now += DAY;
    outcome = { result: 'sent' };
    held = false;
    await look();
    sent.length = 0;
  });

  /** Seals the audit log as it stands, and looks once. */
  const look = async (): Promise<void> => {
    await records.audit.extendChain(() => new Uint8Array(32), 0, 5_000, now);
    await stage.lookOnce();
  };
  const addresses = (owner: UserId | AccountId, account: AccountId | null, to: string[], topics: NoticeTopic[] = []) =>
    records.mail.setSettings(owner, account, { addresses: to, topics }, LOCAL, now);
  const administrator = async (rank: Rank, to: string[] = [], topics: NoticeTopic[] = []): Promise<User> => {
    const verifiers = { passwordHash: null, secretMac: null };
    const wish = { realm: 'admin' as const, account: null, name: `ADM${names++}`, verifiers, cidrs: [], rank };
    const user = await records.accounts.createUser(wish, LOCAL, now - 1);
    await addresses(user.id, rank.scope, to, topics);
    return user;
  };
  const customer = async (to: string[] = [], topics: NoticeTopic[] = []): Promise<Account> => {
    const wish = { name: `acc${names++}`, title: '', policy: {}, cidrs: [] };
    const account = await records.accounts.createAccount(wish, LOCAL, now);
    await addresses(account.id, account.id, to, topics);
    return account;
  };
  const apiUser = (account: Account): Promise<User> => {
    const verifiers = { passwordHash: null, secretMac: null };
    return records.accounts.createUser(
      { realm: 'api', account: account.id, name: `ERP${names++}`, verifiers, cidrs: [] },
      LOCAL,
      now,
    );
  };
  const entry = (
    user: User,
    action: string,
    detail: Record<string, unknown> = {},
    address: string | null = '192.0.2.1',
  ) => {
    const about: Parameters<AccountRecords['audit']>[0] = {
      ...{ at: now, actor: user.id, address, account: user.account, action, object: user.id, detail },
    };
    return records.accounts.audit(about);
  };
  const letters = () => sent.map(({ to, subject }) => `${to}: ${subject.replace('[fax.example.org] ', '')}`).toSorted();
  const OWNER: Rank = { role: 'owner', scope: null };

  test('a log-in from another network is told once, the first one of a user and a known network are not', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    for (const address of [
      '192.0.2.1',
      '192.0.2.1',
      '198.51.100.9',
      '192.0.2.1',
      '198.51.100.9',
      '2001:db8::1',
      '2001:db8::2',
    ])
      await entry(anna, 'login', { realm: 'admin', tlsIntercepted: 'no' }, address);
    await look();
    assert.deepEqual(letters(), Array(2).fill(`anna@example.org: Log-in of ${anna.name} from a new network`));
    const from = sent.map(({ text }) => /From {2}(\S+)/.exec(text)?.[1]);
    assert.deepEqual(from.toSorted(), ['198.51.100.9', '2001:db8::1']);
    await entry(anna, 'login', {}, '198.51.100.9');
    await look();
    assert.equal(sent.length, 2);
  });

  test('a log-in with another device is told, and both at once in one mail', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    const login = (address: string, device?: string) =>
      entry(anna, 'login', device === undefined ? {} : { device }, address);
    await login('192.0.2.1', 'laptop');
    await login('192.0.2.1', 'telephone');
    await login('198.51.100.9', 'tablet');
    await login('198.51.100.9', 'laptop');
    await login('192.0.2.1');
    await look();
    assert.deepEqual(letters(), [
      `anna@example.org: Log-in of ${anna.name} from a new network and device`,
      `anna@example.org: Log-in of ${anna.name} with a new device`,
    ]);
  });

  test('a log-in after three refused ones is told, after two not', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    const tries = async (refused: number) => {
      for (let i = 0; i < refused; i++) {
        await entry(anna, 'login.denied', { realm: 'admin' });
        now += 1_000;
      }
      await entry(anna, 'login');
      now += 1_000;
    };
    await tries(2);
    await look();
    assert.deepEqual(letters(), []);
    await tries(3);
    await look();
    assert.deepEqual(letters(), [`anna@example.org: Log-in of ${anna.name} after 3 refused ones`]);
  });

  test('intercepted TLS of an API user is told to its account', async () => {
    const account = await customer(['desk@example.org']);
    const user = await apiUser(account);
    await entry(user, 'login', { realm: 'api', tlsIntercepted: 'yes' });
    await look();
    assert.deepEqual(letters(), [
      `desk@example.org: Intercepted TLS at a log-in of ${user.name}`,
      `desk@example.org: New API user ${user.name}`,
    ]);
  });

  test('and so is a log-in that the account refuses because of it', async () => {
    const user = await apiUser(await customer(['desk@example.org']));
    await entry(user, 'login.denied', { realm: 'api', tlsIntercepted: 'yes' });
    await entry(user, 'login.denied', { realm: 'api' });
    await look();
    assert.deepEqual(letters(), [
      `desk@example.org: Intercepted TLS at a refused log-in of ${user.name}`,
      `desk@example.org: New API user ${user.name}`,
    ]);
  });

  const changes: [action: string, detail: Record<string, unknown>, subject: string][] = [
    ['user.update', { changed: ['verifiers'] }, 'New password of'],
    ['user.password', {}, 'New password of'],
    ['user.update', { changed: ['totp'] }, 'Authenticator changed of'],
    ['totp.confirm', {}, 'Authenticator changed of'],
    ['totp.remove', {}, 'Authenticator changed of'],
    ['passkey.add', {}, 'New passkey of'],
    ['passkey.remove', {}, 'Passkey removed of'],
    ['recovery.new', {}, 'New recovery codes of'],
    ['recovery.used', {}, 'Recovery code used of'],
    ['identity.link', {}, 'Identity changed of'],
    ['user.update', { changed: ['clientKey'] }, 'Log-in key changed of'],
  ];
  test('every change of what a log-in rests on is told to whom it is of', async () => {
    const anna = await administrator(OWNER, ['anna@example.org', 'anna@example.net']);
    for (const [action, detail] of changes) await entry(anna, action, detail);
    await look();
    const expected = changes.flatMap(([, , subject]) =>
      ['anna@example.net', 'anna@example.org'].map((to) => `${to}: ${subject} ${anna.name}`),
    );
    assert.deepEqual(letters(), expected.toSorted());
    assert.ok(sent.every(({ text }) => /By {4}the user/.test(text)));
  });

  test('changes of an administrator without an address are told to those who look after administrators', async () => {
    const account = await customer();
    await administrator(OWNER, ['owner@example.org'], ['administrators']);
    await administrator({ role: 'admin', scope: account.id }, ['bound@example.org'], ['administrators']);
    await look();
    sent.length = 0;
    const ben = await administrator({ role: 'operator', scope: null });
    await entry(ben, 'user.password');
    await records.accounts.updateUser(ben.id, { role: 'admin' }, LOCAL, now);
    await look();
    assert.deepEqual(letters(), [
      `owner@example.org: New administrator ${ben.name}`,
      `owner@example.org: New password of ${ben.name}`,
      `owner@example.org: Rights of ${ben.name} changed`,
    ]);
    sent.length = 0;
    const eve = await administrator({ role: 'operator', scope: account.id });
    await look();
    assert.deepEqual(letters(), [
      `bound@example.org: New administrator ${eve.name}`,
      `owner@example.org: New administrator ${eve.name}`,
    ]);
    assert.match(sent[0]?.text ?? '', new RegExp(`the account ${account.name}`));
  });

  test('an account that is closed or opened again is told, and those who look after administrators', async () => {
    const account = await customer(['desk@example.org']);
    await administrator(OWNER, ['owner@example.org'], ['administrators']);
    await look();
    sent.length = 0;
    assert.ok(await records.closing.close(account.id, { eraseAt: now + DAY, numbersUntil: now + DAY }, LOCAL, now));
    await records.closing.reopen(account.id, LOCAL, now);
    await look();
    assert.deepEqual(letters(), [
      `desk@example.org: Account ${account.name} closed`,
      `desk@example.org: Account ${account.name} open again`,
      `owner@example.org: Account ${account.name} closed`,
      `owner@example.org: Account ${account.name} open again`,
    ]);
    assert.match(sent.find(({ subject }) => /closed/.test(subject))?.text ?? '', /Erased {2}20\d\d-/);
  });

  test('what happened while nobody read is not news a day later, but its networks are known', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    await entry(anna, 'login', {}, '192.0.2.1');
    await entry(anna, 'login', {}, '203.0.113.5');
    await entry(anna, 'user.password');
    now += DAY + 1;
    await look();
    assert.deepEqual(letters(), []);
    await entry(anna, 'login', {}, '203.0.113.5');
    await look();
    assert.deepEqual(letters(), []);
  });

  test('two processes tell everything once', async () => {
    const anna = await administrator(OWNER, ['anna@example.org'], ['carriers']);
    for (let i = 0; i < 5; i++) await entry(anna, 'user.password');
    await records.audit.extendChain(() => new Uint8Array(32), 0, 5_000, now);
    const others = [process(), process()];
    for (const one of others) one.raise({ alert: 'carrier_open', carrier: 'trunk' });
    await Promise.all([stage, ...others].map((one) => one.lookOnce()));
    await Promise.all([stage, ...others].map((one) => one.lookOnce()));
    assert.equal(sent.length, 6);
    assert.equal(new Set(sent.map(({ id }) => id)).size, 6);
  });

  test('a mail that is not taken is tried for three days, with the same id, and then given up', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    await entry(anna, 'user.password');
    outcome = { result: 'later', reason: 'SMTP 451' };
    const started = now;
    const at: number[] = [];
    await look();
    for (;;) {
      at.push((now - started) / MINUTE);
      const [mail] = await records.mail.outbox({ limit: 1 });
      if (mail?.state !== 'waiting') break;
      now = (mail.nextAt ?? 0) - 1;
      const before = sent.length;
      await stage.lookOnce();
      assert.equal(sent.length, before);
      now += 1;
      await stage.lookOnce();
    }
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
    assert.equal(new Set(sent.map((mail) => mail.at)).size, 1);
    assert.ok(sent.length >= 12 && sent.length <= 20, `${sent.length} attempts`);
    const [newest] = await records.mail.outbox({ limit: 1 });
    assert.deepEqual([newest?.state, newest?.lastError, newest?.attempts], ['given_up', 'SMTP 451', sent.length]);
    const last = at.at(-1) ?? 0;
    assert.ok(last > 64 * 60 && last <= 72 * 60, `given up after ${last} minutes`);
  });

  test('a mailbox that is not there is asked once', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    await entry(anna, 'user.password');
    outcome = { result: 'refused', reason: 'SMTP 550 5.1.1' };
    await look();
    now += DAY;
    await look();
    assert.equal(sent.length, 1);
    assert.equal((await records.mail.outbox({ limit: 1 }))[0]?.state, 'given_up');
  });

  test('what waits cannot be read in the database', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    outcome = { result: 'later', reason: 'timeout' };
    await entry(anna, 'user.password');
    await look();
    const [due] = await records.mail.claim(10, MINUTE, now + HOUR);
    assert.ok(due);
    assert.ok(!Buffer.from(due.sealed).includes(anna.name) && !Buffer.from(due.sealed).includes('password'));
  });

  test('nothing is sent while a restored gateway waits for its operator, and then all of it', async () => {
    const anna = await administrator(OWNER, ['anna@example.org']);
    await entry(anna, 'user.password');
    held = true;
    await look();
    assert.deepEqual(letters(), []);
    held = false;
    await look();
    assert.equal(sent.length, 1);
  });

  describe('alerts', () => {
    test('go to who subscribes, of an account also to it and its administrators, and to nobody else', async () => {
      const account = await customer(['desk@example.org'], ['destinations']);
      const other = await customer(['other@example.org'], ['destinations']);
      await administrator(OWNER, ['owner@example.org'], ['destinations', 'carriers']);
      await administrator({ role: 'admin', scope: account.id }, ['own@example.org'], ['destinations']);
      await administrator({ role: 'admin', scope: other.id }, ['their@example.org'], ['destinations', 'carriers']);
      await look();
      sent.length = 0;
      stage.raise({ alert: 'destination_held', account: account.id, place: 'FR' });
      stage.raise({ alert: 'carrier_open', carrier: 'trunk', reason: 'SIP 503 to +4930123456789' });
      await look();
      const held = `Faxes to a new country wait (${account.name}, FR)`;
      assert.deepEqual(
        letters(),
        [
          `desk@example.org: ${held}`,
          `own@example.org: ${held}`,
          `owner@example.org: A carrier gets no calls for now (trunk, SIP 503 to …)`,
          `owner@example.org: ${held}`,
        ].toSorted(),
      );
      assert.ok(sent.every(({ text, subject }) => !/\d{7}/.test(text + subject)));
      // Who administers the gateway is none of the account's business.
      const outbox = await stage.desk.outbox({ account: account.id, limit: 100 });
      const theirs = outbox.filter(({ kind }) => kind === 'alert').map(({ to }) => to);
      assert.deepEqual(theirs.toSorted(), ['desk@example.org', 'own@example.org']);
    });

    test('are told again after six hours, and another one of the same name at once', async () => {
      await administrator(OWNER, ['owner@example.org'], ['backups', 'carriers']);
      await look();
      sent.length = 0;
      const raise = async (fields: Record<string, unknown>) => {
        stage.raise(fields);
        await look();
      };
      await raise({ alert: 'backup_failed', reason: 'one' });
      now += HOUR;
      await raise({ alert: 'backup_failed', reason: 'another' });
      assert.equal(sent.length, 1);
      now += 5 * HOUR;
      await raise({ alert: 'backup_failed', reason: 'one' });
      assert.equal(sent.length, 2);
      await raise({ alert: 'carrier_open', carrier: 'first' });
      await raise({ alert: 'carrier_open', carrier: 'second' });
      await raise({ alert: 'no_such_alert' });
      await raise({ alert: 'mail_given_up' });
      assert.equal(sent.length, 4);
    });

    test('are heard from the log, also those of before somebody listens', async () => {
      await administrator(OWNER, ['owner@example.org'], ['audit', 'erasure']);
      await look();
      sent.length = 0;
      const lines: string[] = [];
      const note = (_fields: Record<string, unknown>, text: string) => void lines.push(text);
      const log = alertingLog({ debug: note, info: note, warn: note, error: note });
      log.error({ alert: 'audit_seal_failed' }, 'before');
      log.listen(stage.raise);
      log.warn({ alert: 'sweeper_found', sweeper: 'stray_blob' }, 'after');
      log.info({ alert: 'carrier_open' }, 'an info is no alert');
      log.warn({}, 'no alert');
      await look();
      assert.deepEqual(lines, ['before', 'after', 'an info is no alert', 'no alert']);
      assert.equal(sent.length, 2);
    });

    test('of a process that only answers requests are sent by another one', async () => {
      await administrator(OWNER, ['owner@example.org'], ['destinations']);
      await look();
      sent.length = 0;
      const api = process(false);
      api.raise({ alert: 'destination_held', place: 'NZ' });
      await api.lookOnce();
      assert.equal(sent.length, 0);
      await stage.lookOnce();
      assert.deepEqual(letters(), ['owner@example.org: Faxes to a new country wait (NZ)']);
    });
  });

  describe('scheduled reports', () => {
    const schedule = { every: 'daily', hour: 7, weekday: 1, day: 1, timeZone: 'UTC' } as const;
    const SHEET = {
      from: '2026-11-21',
      to: '2026-11-22',
      timeZone: 'UTC',
      counted: false,
      head: ['number', 'records'],
    };
    const query = { by: ['number'], group: 'total', percentiles: false };
    const save = async (owner: AccountId | null, name: string) => {
      await records.cdrs.saveReport(owner, { name, title: '', query, changedBy: 'local', changedAt: now }, LOCAL);
    };
    /** A report over all accounts that is mailed each day to one administrator alone. */
    const mailTo = async (reader: User, name: string, hour: number = schedule.hour) => {
      await save(null, name);
      const recipients = { administrators: [reader.id], account: false };
      await stage.desk.setSchedule(null, name, { schedule: { ...schedule, hour }, recipients }, LOCAL);
    };
    const nextDay = async () => {
      await look();
      sent.length = 0;
      now += DAY;
      await look();
    };

    test('go once at their moment to each reader, as its role sees numbers', async () => {
      const account = await customer(['desk@example.org']);
      const operator = await administrator({ role: 'operator', scope: null }, ['operator@example.org']);
      const auditor = await administrator({ role: 'auditor', scope: account.id }, ['auditor@example.org']);
      const stranger = await administrator({ role: 'admin', scope: (await customer()).id }, ['stranger@example.org']);
      await look();
      sent.length = 0;
      const asked: string[] = [];
      runReport = async ({ owner, at, masked, timeZone }) => {
        asked.push(`${owner} ${new Date(at).toISOString()} ${masked} ${timeZone}`);
        return { ...SHEET, rows: [[masked ? '••••••4567' : '+49301234567', '2']] };
      };
      await save(account.id, 'numbers');
      const administrators = [operator.id, auditor.id, stranger.id];
      await stage.desk.setSchedule(
        account.id,
        'numbers',
        { schedule, recipients: { administrators, account: true } },
        LOCAL,
      );
      await look();
      assert.deepEqual(letters(), []);
      const due = await stage.desk.schedule(account.id, 'numbers');
      assert.ok(due);
      assert.equal(await stage.desk.readersOf(due), 3);
      now = due.nextAt + 5 * HOUR;
      await Promise.all([stage, process(), process()].map((one) => one.lookOnce()));
      await look();
      assert.deepEqual(
        letters(),
        ['auditor', 'desk', 'operator'].map((name) => `${name}@example.org: Report numbers of ${account.name}`),
      );
      const at = new Date(due.nextAt).toISOString();
      assert.deepEqual(asked, [`${account.id} ${at} false UTC`, `${account.id} ${at} true UTC`]);
      for (const { to, text, attachments } of sent) {
        const file = new TextDecoder().decode(attachments?.[0]?.content);
        assert.equal((text + file).includes('4930'), to !== 'auditor@example.org', to);
        assert.match(file, /^number,records\r\n/);
      }
      assert.equal((await stage.desk.schedule(account.id, 'numbers'))?.nextAt, due.nextAt + DAY);
      await stage.desk.removeSchedule(account.id, 'numbers', LOCAL);
    });

    test('a question that cannot be answered says so, and the next moment comes', async () => {
      const anna = await administrator(OWNER, ['anna@example.org']);
      runReport = async () => {
        throw new FaxError('option_invalid', 'the report took longer than 20 seconds; ask for less time at once');
      };
      await mailTo(anna, 'large');
      await nextDay();
      await look();
      assert.deepEqual(letters(), ['anna@example.org: Report large: not made']);
      assert.match(sent[0]?.text ?? '', /ask\s+for\s+less\s+time\s+at\s+once/);
      assert.equal(await stage.desk.removeSchedule(null, 'large', LOCAL), true);
    });

    test('a report that cannot be made keeps no other one from its turn', async () => {
      const anna = await administrator(OWNER, ['anna@example.org']);
      runReport = async ({ report }) => {
        if (report.name === 'broken') throw new Error('a fault of ours');
        return { ...SHEET, rows: [] };
      };
      await mailTo(anna, 'broken', 6);
      await mailTo(anna, 'good', 7);
      await nextDay();
      assert.deepEqual(letters(), ['anna@example.org: Report good']);
      await stage.desk.removeSchedule(null, 'broken', LOCAL);
      await stage.desk.removeSchedule(null, 'good', LOCAL);
    });

    test('a database that does not answer is asked again', async () => {
      const anna = await administrator(OWNER, ['anna@example.org']);
      runReport = async () => {
        throw new Error('the database does not answer');
      };
      await mailTo(anna, 'patient');
      await nextDay();
      assert.deepEqual(letters(), []);
      runReport = async () => ({ ...SHEET, rows: [] });
      await look();
      assert.deepEqual(
        letters().filter((line) => line.includes('patient')),
        ['anna@example.org: Report patient'],
      );
    });
  });

  test('a change of addresses is told to the old and to the new ones', async () => {
    const anna = await administrator(OWNER, ['old@example.org', 'stays@example.org']);
    const actor = { who: anna.id, address: '192.0.2.1' };
    await stage.desk.changeOfUser(anna, { addresses: ['stays@example.org', 'new@example.org'], topics: [] }, actor);
    await look();
    const subject = `Addresses for notices of administrator ${anna.name} changed`;
    assert.deepEqual(
      letters(),
      ['new', 'old', 'stays'].map((name) => `${name}@example.org: ${subject}`),
    );
    sent.length = 0;
    await stage.desk.changeOfUser(
      anna,
      { addresses: ['new@example.org', 'stays@example.org'], topics: ['audit'] },
      actor,
    );
    await look();
    assert.deepEqual(letters(), []);
  });

  test('what somebody in front of a page asks for is sent without waiting for the next look', async () => {
    const anna = await administrator(OWNER);
    await look();
    const mine = process();
    const arrived = new Promise<void>((resolve) => {
      onSent = resolve;
    });
    mine.start();
    assert.equal(await mine.desk.try('x@example.org', anna, LOCAL, null), true);
    await arrived;
    await mine.stop();
    assert.deepEqual(letters(), ['x@example.org: A trial message']);
  });

  test('without a server nothing is written, and what is asked for is refused', async () => {
    const anna = await administrator(OWNER, ['anna@example.org'], ['carriers']);
    const mute = createMail({
      ...{ records: records.mail, accounts: records.accounts, cdrs: records.cdrs, exclusion: records.exclusion },
      ...{
        networkOf: rateNetwork,
        works: true,
        held: () => false,
        clock,
        log: silentLog,
        metrics: NO_METRICS,
        ...keys,
      },
      post: undefined,
    });
    mute.raise({ alert: 'carrier_open', carrier: 'mute' });
    await mute.lookOnce();
    await mute.desk.changeOfUser(anna, { addresses: ['new@example.org'], topics: [] }, LOCAL);
    assert.equal(await mute.desk.try('x@example.org', anna, LOCAL, null), false);
    assert.equal(mute.desk.sends, false);
    await stage.lookOnce();
    assert.deepEqual(letters(), []);
  });
});
