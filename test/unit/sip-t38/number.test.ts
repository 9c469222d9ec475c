import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sipT38ConfigSchema } from '../../../carrier-adapters/sip-t38/config.ts';
import { calledNumber, readNumber } from '../../../carrier-adapters/sip-t38/number.ts';

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

describe('the number that a call is for', () => {
  const login = { username: 'clinic-17', password: 'secret', register: true };
  const trunk = (change: Record<string, unknown>) => {
    const one = { name: 'telco', server: 'sip.example.net', ...change };
    const [made] = sipT38ConfigSchema.parse({ kind: 'sip-t38', name: 'sip', trunks: [one] }).trunks;
    if (made === undefined) throw new Error('no trunk');
    return made;
  };

  test('is the called user part', () => {
    assert.equal(calledNumber('0301234567', trunk({ inboundPrefix: '+49' })), '+49301234567');
  });

  test('is that of the trunk where the provider calls our Contact', () => {
    const own = trunk({ ...login, number: '+49301234567' });
    assert.equal(calledNumber('clinic-17', own), '+49301234567');
    assert.equal(calledNumber('+4940555010', own), '+4940555010');
    const named = trunk({ ...login, register: { contactUser: '17' }, number: '+49301234567' });
    assert.equal(calledNumber('17', named), '+49301234567');
    assert.equal(calledNumber('clinic-17', trunk(login)), null);
  });
});
