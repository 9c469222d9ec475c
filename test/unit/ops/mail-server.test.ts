import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ConfigError, readConfig } from '../../../ops/config.ts';
import { mailerOf } from '../../../ops/mail/server.ts';

const FROM = { SEALFAX_MAIL_FROM: 'fax@example.org' };

describe('the server for mails', () => {
  const directory = mkdtempSync(join(tmpdir(), 'sealfax-mail-'));
  after(() => rmSync(directory, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };

  test('is read from its address', () => {
    const read = (SEALFAX_SMTP_URL: string) => readConfig({ SEALFAX_SMTP_URL }).smtpUrl;
    const user = null;
    assert.deepEqual(read('smtps://mail.example.org'), {
      host: 'mail.example.org',
      port: 465,
      implicitTls: true,
      user,
    });
    assert.deepEqual(read('smtp://mail.example.org'), {
      host: 'mail.example.org',
      port: 587,
      implicitTls: false,
      user,
    });
    assert.deepEqual(read('smtp://fax%40example.org@[::1]:2525/'), {
      ...{ host: '::1', port: 2_525, implicitTls: false, user: 'fax@example.org' },
    });
  });

  for (const wrong of [
    'mail.example.org',
    'https://mail.example.org',
    'smtps://user:password@mail.example.org',
    'smtps://mail.example.org/path',
    'smtps://mail.example.org?tls=off',
    'smtps://',
  ]) {
    test(`"${wrong}" is none`, () =>
      assert.throws(() => readConfig({ SEALFAX_SMTP_URL: wrong }), /SEALFAX_SMTP_URL is not smtps:\/\//));
  }

  test('a sender is one address', () => {
    for (const SEALFAX_MAIL_FROM of ['Fax <fax@example.org>', 'fax', 'a@example.org,b@example.org', ''])
      assert.throws(() => readConfig({ SEALFAX_MAIL_FROM }), /SEALFAX_MAIL_FROM is not a mail address/);
  });

  const lacking: [title: string, settings: Record<string, string>, variable: string][] = [
    ['a sender without a server', FROM, 'SEALFAX_SMTP_URL'],
    ['a server without a sender', { SEALFAX_SMTP_URL: 'smtps://mail.example.org' }, 'SEALFAX_MAIL_FROM'],
    [
      'a user without a password',
      { ...FROM, SEALFAX_SMTP_URL: 'smtps://fax@mail.example.org' },
      'SEALFAX_SMTP_PASSWORD_FILE',
    ],
    [
      'a password that cannot be read',
      {
        ...{ ...FROM, SEALFAX_SMTP_URL: 'smtps://fax@mail.example.org' },
        SEALFAX_SMTP_PASSWORD_FILE: join(directory, 'missing'),
      },
      'SEALFAX_SMTP_PASSWORD_FILE',
    ],
    [
      'an empty password',
      {
        ...{ ...FROM, SEALFAX_SMTP_URL: 'smtps://fax@mail.example.org' },
        SEALFAX_SMTP_PASSWORD_FILE: file('empty', '\n'),
      },
      'SEALFAX_SMTP_PASSWORD_FILE',
    ],
  ];
  for (const [title, settings, variable] of lacking) {
    test(`${title} stops the start`, () =>
      assert.throws(
        () => mailerOf(readConfig(settings)),
        (error: unknown) => error instanceof ConfigError && error.variable === variable,
      ));
  }

  test('nothing set is no server, everything set is one', () => {
    assert.equal(mailerOf(readConfig({})), undefined);
    const whole = {
      ...{ ...FROM, SEALFAX_SMTP_URL: 'smtps://fax@mail.example.org' },
      SEALFAX_SMTP_PASSWORD_FILE: file('password', 'a secret\n'),
    };
    assert.ok(mailerOf(readConfig(whole)));
  });
});
