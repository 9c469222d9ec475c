import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acceptedTotpStep, newTotpSecret, totpCode, totpSecretText, totpUri } from '../../../crypto/index.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
/** The secret of RFC 6238 appendix B (SHA-1) and of RFC 4226 appendix D. */
const SECRET = ascii('12345678901234567890');

describe('RFC 6238 appendix B', () => {
  // Eight digits there; six are the same number modulo 10^6.
  const vectors: readonly (readonly [number, string])[] = [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ];
  for (const [seconds, code] of vectors) {
    test(`at ${seconds} s the code is that of the table`, () => {
      const step = Math.floor(seconds / 30);
      assert.equal(totpCode(SECRET, step), code.slice(2));
      assert.equal(acceptedTotpStep(SECRET, code.slice(2), seconds * 1_000, 0), step);
    });
  }
});

test('RFC 4226 appendix D: the codes of the first ten counters', () => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  assert.deepEqual(
    codes.map((_, counter) => totpCode(SECRET, counter)),
    codes,
  );
});

describe('a code', () => {
  const now = 1_234_567_890_000;
  const current = Math.floor(now / 30_000);
  const accepted = (step: number, last = 0) => acceptedTotpStep(SECRET, totpCode(SECRET, step), now, last);

  test('is right one step early and one late, and not two', () => {
    assert.deepEqual(
      [-2, -1, 0, 1, 2].map((away) => accepted(current + away)),
      [null, current - 1, current, current + 1, null],
    );
  });

  test('is right once, and none before it is right afterwards', () => {
    assert.equal(accepted(current, current), null);
    assert.equal(accepted(current - 1, current), null);
    assert.equal(accepted(current + 1, current), current + 1);
  });

  test('of another form, or of another secret, is wrong', () => {
    const code = totpCode(SECRET, current);
    const wrong = [
      '',
      code.slice(1),
      `${code}0`,
      ` ${code.slice(1)}`,
      totpCode(ascii('12345678901234567891'), current),
    ];
    for (const one of wrong) assert.equal(acceptedTotpStep(SECRET, one, now, 0), null, one);
  });
});

describe('a secret', () => {
  test('has 160 random bits', () => {
    const secret = newTotpSecret();
    assert.equal(secret.length, 20);
    assert.notDeepEqual(secret, newTotpSecret());
  });

  test('RFC 4648 §10: is written in base32, here without padding', () => {
    const vectors = {
      '': '',
      f: 'MY',
      fo: 'MZXQ',
      foo: 'MZXW6',
      foob: 'MZXW6YQ',
      fooba: 'MZXW6YTB',
      foobar: 'MZXW6YTBOI',
    };
    for (const [text, base32] of Object.entries(vectors)) assert.equal(totpSecretText(ascii(text)), base32);
  });

  test('reaches an authenticator as an otpauth URI, whatever the name', () => {
    const uri = new URL(totpUri(SECRET, 'Sealfax', 'a b@c?d&e'));
    assert.deepEqual([uri.protocol, uri.host, uri.pathname], ['otpauth:', 'totp', '/Sealfax:a%20b%40c%3Fd%26e']);
    assert.deepEqual(Object.fromEntries(uri.searchParams), {
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Sealfax',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
