import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MOST_MONEY, moneyText, parseMoney } from '../../../gateway/fax/money.ts';

describe('an amount of money', () => {
  for (const [text, micros] of [
    ['0', 0],
    ['12', 12_000_000],
    ['12.5', 12_500_000],
    ['0.0145', 14_500],
    ['0.000001', 1],
    ['1000000000', MOST_MONEY],
  ] as const) {
    test(`${text} is ${micros} millionths`, () => assert.equal(parseMoney(text), micros));
  }

  for (const text of [
    '',
    ' 1',
    '1 ',
    '-1',
    '+1',
    '1.',
    '.5',
    '1,5',
    '1e3',
    '0.0000001',
    '1000000000.000001',
    '0x10',
    '١',
  ]) {
    test(`${JSON.stringify(text)} is none`, () => assert.equal(parseMoney(text), undefined));
  }

  for (const [micros, text] of [
    [0, '0.00'],
    [1, '0.000001'],
    [14_500, '0.0145'],
    [12_500_000, '12.50'],
    [-1_250_000, '-1.25'],
  ] as const) {
    test(`${micros} millionths are shown as ${text}`, () => assert.equal(moneyText(micros), text));
  }

  test('what is shown is read back as the same amount', () => {
    for (let micros = 1; micros < MOST_MONEY; micros = micros * 7 + 3) {
      assert.equal(parseMoney(moneyText(micros)), micros);
    }
  });
});
