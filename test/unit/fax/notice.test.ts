import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMailAddress } from '../../../gateway/fax/notice.ts';

describe('mail addresses', () => {
  for (const [text, address] of [
    ['anna@example.org', 'anna@example.org'],
    ["o'neil+fax.desk@Clinic.Example.ORG", "o'neil+fax.desk@clinic.example.org"],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
  ] as const) {
    test(`${text} is one`, () => assert.equal(parseMailAddress(text), address));
  }

  const wrong = {
    'two of them': 'a@example.org,b@example.org',
    'a header line behind it': 'a@example.org\r\nBcc: b@example.org',
    'a line feed within': 'a@exam\nple.org',
    'a display name': 'Anna <anna@example.org>',
    'a quoted local part': '"a b"@example.org',
    'an address literal': 'a@[192.0.2.1]',
    'one label': 'a@localhost',
    'no domain': 'a@',
    'no local part': '@example.org',
    'two signs': 'a@b@example.org',
    'dots in a row': 'a..b@example.org',
    'a dot in front': '.a@example.org',
    'a hyphen at the end of a label': 'a@example-.org',
    'a number as top level': 'a@example.123',
    'a space': 'a b@example.org',
    'a letter beyond ASCII': 'ä@example.org',
    'a long local part': `${'a'.repeat(65)}@example.org`,
    'a long label': `a@${'b'.repeat(64)}.org`,
    'more than 254 octets': `a@${`${'b'.repeat(60)}.`.repeat(4)}${'c'.repeat(10)}`,
    'a semicolon': 'a;b@example.org',
  };
  for (const [what, text] of Object.entries(wrong)) {
    test(`${what} is none`, () => assert.equal(parseMailAddress(text), undefined));
  }
});
