import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { FaxError } from '../../../gateway/fax/errors.ts';
import type { AccountId } from '../../../gateway/fax/ids.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import { type AccountPolicy, DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { SubmitRequest } from '../../../gateway/gateway.ts';
import { canonical, requestHash } from '../../../gateway/intake/request-hash.ts';
import { INTAKE_LIMITS, resolveTerms } from '../../../gateway/intake/resolve.ts';

const NOW = Date.UTC(2026, 10, 21);
const OWN = ['+49301111111', '+49301111112'] as E164[];

function account(policy: Partial<AccountPolicy> = {}): Account {
  return {
    id: 'acc_0' as AccountId,
    name: 'acme',
    title: '',
    disabled: false,
    paused: false,
    pausedReason: null,
    closedAt: null,
    eraseAt: null,
    erasedAt: null,
    policy: { ...DEFAULT_POLICY, ...policy },
    cidrs: [],
    createdAt: 0,
  };
}

const request = (change: Partial<SubmitRequest> = {}): SubmitRequest => ({
  to: ['+49302222222' as E164],
  from: null,
  page: {},
  tags: {},
  scheduledAt: null,
  deadline: null,
  retries: null,
  retryInterval: null,
  priority: 5,
  uncertain: null,
  batch: false,
  ...change,
});

const resolve = (change: Partial<SubmitRequest> = {}, policy: Partial<AccountPolicy> = {}) =>
  resolveTerms(account(policy), OWN, request(change), NOW, INTAKE_LIMITS);

describe('the terms of a fax', () => {
  test('take from the account what the sender leaves open', () => {
    const terms = resolve({}, { senderName: 'Acme', timeZone: 'Europe/Berlin', retries: 7, uncertain: 'resend_rest' });
    assert.equal(terms.from, OWN[0]);
    assert.equal(terms.retries, 7);
    assert.equal(terms.policy.uncertain, 'resend_rest');
    assert.deepEqual(
      [terms.options.senderName, terms.options.timeZone, terms.options.header, terms.options.csid],
      ['Acme', 'Europe/Berlin', '', OWN[0]],
    );
    assert.equal(resolve({}, { header: false }).options.header, null);
    assert.equal(resolve({ page: { header: null } }).options.header, null);
    assert.equal(resolve({ page: { csid: 'ACME 1' } }, { csid: 'X' }).options.csid, 'ACME 1');
  });

  test('mean now by a schedule that lies a minute back or less', () => {
    assert.equal(resolve({ scheduledAt: NOW - 60_000 }).notBefore, null);
    assert.equal(resolve({ scheduledAt: NOW + 1 }).notBefore, NOW + 1);
  });

  test('are refused with a code and the field at fault', () => {
    const day = 86_400_000;
    const cases: readonly [Partial<SubmitRequest>, string, string][] = [
      [{ to: [] }, 'number_invalid', '/to'],
      [{ to: ['+49302222222', '+49302222223', '+49302222222'] as E164[] }, 'number_invalid', '/to/2'],
      [{ to: Array.from({ length: 1_001 }, (_, n) => `+4930${100_000 + n}` as E164) }, 'option_invalid', '/to'],
      [{ from: '+49309999999' as E164 }, 'number_unknown', '/from'],
      [{ scheduledAt: NOW - 60_001 }, 'schedule_in_past', '/scheduledAt'],
      [{ scheduledAt: NOW + 91 * day }, 'option_invalid', '/scheduledAt'],
      [{ deadline: NOW }, 'deadline_invalid', '/deadline'],
      [{ scheduledAt: NOW + 2 * day, deadline: NOW + day }, 'deadline_invalid', '/deadline'],
      [{ retries: 21 }, 'option_invalid', '/retries'],
      [{ retryInterval: 4 }, 'option_invalid', '/retryInterval'],
      [{ priority: 10 }, 'option_invalid', '/priority'],
      [{ priority: 1.5 }, 'option_invalid', '/priority'],
      [{ page: { contrast: 101 } }, 'option_invalid', '/contrast'],
      [{ page: { csid: 'longer than twenty characters' } }, 'option_invalid', '/csid'],
      [{ page: { csid: 'a\nb' } }, 'option_invalid', '/csid'],
    ];
    for (const [change, code, pointer] of cases) {
      assert.throws(
        () => resolve(change),
        (error) => error instanceof FaxError && error.code === code && error.pointer === pointer,
        JSON.stringify(change).slice(0, 80),
      );
    }
  });
});

describe('the hash that Idempotency-Keys are compared by', () => {
  const key = new Uint8Array(32).fill(1);
  const digest = (byte: number) => new Uint8Array(32).fill(byte);

  test('does not depend on the order of members, but on everything else', () => {
    const hashes = [
      requestHash(key, request({ tags: { a: '1', b: '2' } }), [digest(1), digest(2)]),
      requestHash(key, request({ tags: { a: '1', b: '3' } }), [digest(1), digest(2)]),
      requestHash(key, request({ tags: { a: '1', b: '2' } }), [digest(2), digest(1)]),
      requestHash(key, request({ tags: { a: '1', b: '2' } }), [digest(1)]),
      requestHash(new Uint8Array(32), request({ tags: { a: '1', b: '2' } }), [digest(1), digest(2)]),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
    assert.equal(requestHash(key, request({ tags: { b: '2', a: '1' } }), [digest(1), digest(2)]), hashes[0]);
  });

  test('is over JSON in one form', () => {
    assert.equal(canonical({ b: [1, { d: null, c: 'x' }], a: undefined }), '{"b":[1,{"c":"x","d":null}]}');
  });
});
