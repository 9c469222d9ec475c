import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPassword, PASSWORD_LENGTH } from '../../../gateway/access/password-rules.ts';

const alone = { name: 'marta.klein', account: 'nordwind', totp: false };
const withCode = { ...alone, totp: true };
const weak = { code: 'password_weak', pointer: '/password' };

describe('passwords', () => {
  test('have 15 characters, or 8 beside a code, and say whether they may stand alone', () => {
    assert.deepEqual(checkPassword('nine zebras jog', alone), { text: 'nine zebras jog', alone: true });
    assert.throws(() => checkPassword('nine zebras jo', alone), weak);
    assert.deepEqual(checkPassword('nine zeb', withCode), { text: 'nine zeb', alone: false });
    assert.throws(() => checkPassword('nine ze', withCode), weak);
  });

  test('are counted in code points of their composed form, which is what is kept', () => {
    const decomposed = 'zu\u0308rich ka\u0308se x1';
    assert.equal([...decomposed].length, 16);
    assert.throws(() => checkPassword(decomposed, alone), weak, 'fourteen characters');
    assert.equal(checkPassword(`${decomposed}y`, alone).text, 'z\u00fcrich k\u00e4se x1y');
    assert.equal(
      checkPassword('\u{1f433}\u{1f98a}\u{1f427}\u{1f40c}\u{1f98b}\u{1f41d}\u{1f422}\u{1f409}', withCode).alone,
      false,
    );
  });

  test('have 1,024 octets or fewer', () => {
    const longest = Array.from({ length: PASSWORD_LENGTH.octets }, (_, at) => 'jvxkq'.charAt((at * at + at) % 5)).join(
      '',
    );
    assert.ok(checkPassword(longest, alone).alone);
    assert.throws(() => checkPassword(`${longest}x`, alone), weak);
    assert.throws(() => checkPassword(`\u00fc${longest.slice(1)}`, alone), weak);
  });

  test('are no API secrets', () => {
    assert.throws(() => checkPassword('sfk_jvxkqwmzptrsfg', alone), weak);
  });

  test('are refused when they are made of what everybody tries', () => {
    const common = [
      ...['passwordpassword', 'Password123456789', 'P4$$w0rd!P4$$w0rd!', 'qwertyuiopasdfgh', '123456789012345'],
      ...[
        'aaaaaaaaaaaaaaaaaaa',
        'abcabcabcabcabcabc',
        'letmeinletmeinletmein',
        'iloveyou iloveyou',
        'Summer2026Winter!',
      ],
      ...['1qaz2wsx3edc4rfv5tgb', 'zyxwvutsrqponmlkj', 'administrator2026', 'Passwort12345678', 'motdepasse123456'],
      ...[
        '19850412passwort19850412',
        'asdfghjklasdfghjkl',
        'changeme changeme',
        'Qwertz12345678901',
        '000000000000000000',
      ],
    ];
    for (const password of common) assert.throws(() => checkPassword(password, alone), weak, password);
    for (const password of ['password', 'Dragon12', 'Sommer26', '12345678', 'qwertzui', 'aaaaaaaa', 'Fax2026!'])
      assert.throws(() => checkPassword(password, withCode), weak, password);
  });

  test('are refused when they are made of the user, the account or the product', () => {
    for (const password of ['marta.klein.marta', 'NordwindNordwind!', 'Klein-Nordwind-2026', 'Sealfax-Gateway-2026'])
      assert.throws(() => checkPassword(password, alone), weak, password);
    assert.ok(checkPassword('marta wears odd socks', alone));
  });

  test('are taken when they are long and of one’s own, whatever they are made of', () => {
    const good = [
      ...['correct horse battery staple', 'three blind mice went out', 'k7#Vq2!mZx9&Lw4p', 'der Mond ist aufgegangen'],
      ...[
        'sonnenblumenfeld am hang',
        'дождь идёт в лесу',
        '雨が降る日は本を読む静かな午後',
        'owner password of a test',
      ],
    ];
    for (const password of good) assert.ok(checkPassword(password, alone).alone, password);
  });
});
