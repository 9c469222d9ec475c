import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { closedLetter, reopenedLetter } from '../../../gateway/mail/templates/accounts.ts';
import { ALERT_NAMES, alertLetter, topicOf } from '../../../gateway/mail/templates/alerts.ts';
import { afterFailuresLetter, interceptedLetter, newPlaceLetter } from '../../../gateway/mail/templates/log-ins.ts';
import { type ReportScene, reportFaultLetter, reportLetter } from '../../../gateway/mail/templates/report.ts';
import type { Scene } from '../../../gateway/mail/templates/scene.ts';
import { trialLetter } from '../../../gateway/mail/templates/trial.ts';
import {
  addressesLetter,
  CREDENTIAL_NAMES,
  credentialLetter,
  newAdministratorLetter,
  newUserLetter,
  standingLetter,
} from '../../../gateway/mail/templates/users.ts';
import type { Letter } from '../../../gateway/ports/mailer.ts';

const AT = Date.UTC(2026, 10, 22, 9, 14);
const ADMIN: Scene = {
  ...{ host: 'fax.example.org', user: 'ANNA', realm: 'admin', account: null },
  ...{ at: AT, address: '192.0.2.7', by: 'the user' },
};
const API: Scene = { ...ADMIN, user: 'ERP', realm: 'api', account: 'clinic', address: null, by: 'administrator BEN' };
const STANDING = { role: 'operator', account: 'clinic', disabled: false } as const;
const REPORT: ReportScene = {
  ...{ host: 'fax.example.org', name: 'failures', title: 'What failed', account: 'clinic' },
  ...{ at: AT, masked: false },
};
const SHEET = {
  ...{ from: '2026-11-21', to: '2026-11-22', timeZone: 'Europe/Berlin', counted: false },
  head: ['cause', 'records'],
  rows: [
    ['busy', '3'],
    ['no_answer', '12'],
  ],
};

/** Every letter that the gateway can write. */
const LETTERS: Readonly<Record<string, Letter>> = {
  'a new network': newPlaceLetter(ADMIN, ['network']),
  'a new network of an API user': newPlaceLetter(API, ['network', 'device']),
  'a new device': newPlaceLetter(ADMIN, ['device']),
  'a log-in after refused ones': afterFailuresLetter(ADMIN, 4),
  'intercepted TLS': interceptedLetter(API),
  'intercepted TLS, refused': interceptedLetter(API, true),
  'a new API user': newUserLetter(API),
  'a new administrator': newAdministratorLetter(ADMIN, STANDING),
  'other rights': standingLetter(ADMIN, { ...STANDING, account: null, disabled: true }),
  'other addresses': addressesLetter({ ...ADMIN }, 'the account clinic', 1),
  'no addresses': addressesLetter({ ...ADMIN }, 'administrator ANNA', 0),
  'a closed account': closedLetter({ ...ADMIN, account: 'clinic' }, AT),
  'a closed account without an end': closedLetter({ ...ADMIN, account: 'clinic' }, null),
  'an account that is open again': reopenedLetter({ ...ADMIN, account: 'clinic' }),
  'a trial': trialLetter(ADMIN, 'ANNA', AT),
  'a report': reportLetter(REPORT, SHEET),
  'a report that could not be made': reportFaultLetter(REPORT, 'ask for less time at once'),
  ...Object.fromEntries(CREDENTIAL_NAMES.map((name) => [`a change of ${name}`, credentialLetter(ADMIN, name)])),
  ...Object.fromEntries(
    ALERT_NAMES.map((name) => [
      `the alert ${name}`,
      alertLetter({ host: 'fax.example.org', at: AT, facts: [['Carrier', 'trunk']] }, name),
    ]),
  ),
};

describe('letters', () => {
  for (const [title, { subject, text }] of Object.entries(LETTERS)) {
    test(`${title} is calm, plain and of bounded width`, () => {
      assert.match(subject, /^\[fax\.example\.org\] \S.{3,100}$/);
      assert.doesNotMatch(subject + text, /[!\r\t]|undefined|null|NaN|\[object|https?:| {2}$/m);
      assert.match(text, /2026-11-2[12]/);
      assert.match(text, /written by the fax gateway\s+fax\.example\.org/);
      assert.ok(text.endsWith('yourself.\n'));
      // A command or an address is not broken; all else fits.
      for (const line of text.split('\n')) assert.ok(line.length <= 78, line);
      assert.doesNotMatch(text, /\+?\d{7,}/, 'a number of somebody');
      assert.doesNotMatch(text, /\b(hacked|attack|urgent|immediately|warning)\b/i);
    });
  }

  test('a log-in says who, when, from where and what to do', () => {
    assert.equal(
      newPlaceLetter(ADMIN, ['network']).text,
      `Administrator ANNA has logged in from a network that the gateway does
not know of this user.

  When  2026-11-22 09:14 UTC
  From  192.0.2.7
  By    the user

If it was you, or your server has moved, there is nothing to do.

If this is not what you expect, ask an owner of the gateway to disable
the user now, and look at the audit log together.

This message was written by the fax gateway fax.example.org. Answers to
it are not read. It holds no link: open the console yourself.
`,
    );
  });

  test('other rights say which', () => {
    assert.match(
      LETTERS['other rights']?.text ?? '',
      /Role {8}operator\n {2}For {9}all accounts\n {2}May log in {2}no\n/,
    );
  });

  test('a name that is not of the settings cannot make a line of the header', () => {
    const { subject } = alertLetter({ host: 'h.example', at: AT, facts: [['Reason', 'a b']] }, 'backup_failed');
    assert.equal(subject, '[h.example] A backup failed (a b)');
  });
});

describe('a report as a letter', () => {
  const fileOf = ({ attachments }: Letter) => new TextDecoder().decode(attachments?.[0]?.content);

  test('has its lines in columns, and as a file', () => {
    const letter = reportLetter(REPORT, SHEET);
    assert.match(letter.text, /\n {2}cause {6}records\n {2}busy {7}3\n {2}no_answer {2}12\n/);
    assert.equal(letter.attachments?.[0]?.name, 'failures-2026-11-21.csv');
    assert.equal(fileOf(letter), 'cause,records\r\nbusy,3\r\nno_answer,12\r\n');
  });

  test('has no cell that a spreadsheet takes for a formula, and numbers as they are', () => {
    const rows = [
      ['=1+1', '-2+3'],
      ['@SUM(A1)', '+49301234567'],
      ['\n=1', '-12'],
    ];
    assert.equal(
      fileOf(reportLetter(REPORT, { ...SHEET, head: ['cause', 'records'], rows })),
      `cause,records\r\n'=1+1,'-2+3\r\n'@SUM(A1),+49301234567\r\n"'\n=1",-12\r\n`,
    );
  });

  test('says when there was nothing', () => {
    const letter = reportLetter(REPORT, { ...SHEET, rows: [] });
    assert.match(letter.text, /There were no calls\./);
    assert.equal(fileOf(letter), 'cause,records\r\n');
  });

  test('shows the first lines, and says that there are more', () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => [`cause${index}`, '1']);
    const letter = reportLetter(REPORT, { ...SHEET, rows });
    assert.match(letter.text, /The first 40 of 2500 lines/);
    assert.match(letter.text, /The file ends after 2000 lines/);
    assert.ok(letter.text.includes('cause39 ') && !letter.text.includes('cause40 '));
    assert.equal(fileOf(letter).split('\r\n').length, 2_002);
  });

  test('ends its file where it would be too large to wait in the outbox', () => {
    const rows = Array.from({ length: 1_500 }, () => ['x'.repeat(900), 'ä'.repeat(50)]);
    const letter = reportLetter(REPORT, { ...SHEET, rows });
    const lines = Number(/The file ends after (\d+) lines/.exec(letter.text)?.[1]);
    assert.equal(fileOf(letter).split('\r\n').length, lines + 2);
    const size = letter.attachments?.[0]?.content.length ?? 0;
    assert.ok(size > 590 * 1024 && size <= 600 * 1024, `${size} octets`);
  });

  test('says that numbers are cut, and that records may be gone', () => {
    const { text } = reportLetter({ ...REPORT, masked: true }, { ...SHEET, counted: true });
    assert.match(text, /last four digits/);
    assert.match(text, /retention has taken away/);
  });

  test('gives a spreadsheet nothing to run', () => {
    const rows = [
      ['=cmd()', '-3.50'],
      ['+49 "x"', 'a,b'],
    ];
    assert.equal(
      fileOf(reportLetter(REPORT, { ...SHEET, rows })),
      `cause,records\r\n'=cmd(),-3.50\r\n"'+49 ""x""","a,b"\r\n`,
    );
  });
});

describe('alerts', () => {
  /** Nobody is told of these by mail, and why. */
  const UNTOLD: Readonly<Record<string, string>> = {
    mail_given_up: 'a mail about mails that do not arrive would not arrive',
    restore_unconfirmed: 'a gateway that waits for its operator sends nothing',
  };

  test('every alert of the log is mailed, or stands here with the reason why not', () => {
    const root = new URL('../../../', import.meta.url).pathname;
    const files = ['gateway', 'ops', 'api', 'carrier-adapters'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
        .map((name) => readFileSync(join(root, folder, name), 'utf8')),
    );
    const found = files.flatMap((text) => [...text.matchAll(/\balert: '([a-z_]+)'/g)].map(([, name = '']) => name));
    const told: readonly string[] = ALERT_NAMES;
    assert.ok(new Set(found).size >= 10);
    assert.deepEqual(
      [...new Set(found)].filter((name) => !told.includes(name) && !(name in UNTOLD)),
      [],
    );
    for (const name of ALERT_NAMES)
      assert.ok(name.startsWith('budget_') || found.includes(name), `${name} is never raised`);
    assert.equal(topicOf('carrier_open'), 'carriers');
  });
});
