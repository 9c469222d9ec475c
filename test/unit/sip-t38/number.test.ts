import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readNumber } from '../../../carrier-adapters/sip-t38/number.ts';

describe('numbers that a trunk names', () => {
  for (const [user, prefix, number] of [
    ['+49301234567', '+', '+49301234567'],
    ['0049301234567', '+', '+49301234567'],
    ['49301234567', '+', '+49301234567'],
    ['0301234567', '+49', '+49301234567'],
    ['1234567', '+4930', '+49301234567'],
    ['+49301234567', '+1', '+49301234567'],
    ['5550123', '+', '+5550123'],
    ['anonymous', '+', null],
    ['', '+', null],
    ['123', '+', null],
    ['+0301234567', '+', null],
    ['49 30 1234567;x', '+', null],
    [`+49${'1'.repeat(60)}`, '+', null],
  ] as const) {
    test(`"${user}" behind ${prefix} is ${number ?? 'none'}`, () => assert.equal(readNumber(user, prefix), number));
  }
});
