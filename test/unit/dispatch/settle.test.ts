import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callReference } from '../../../gateway/dispatch/reference.ts';
import { type EndedCall, settle } from '../../../gateway/dispatch/settle.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';
import type { Fax, FaxPolicy } from '../../../gateway/fax/fax.ts';
import { parseId } from '../../../gateway/fax/ids.ts';
import { DEFAULT_POLICY, FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';

const NOW = 1_000_000;

function ended(
  result: Partial<CallResult>,
  fax: Partial<Pick<Fax, 'pagesConfirmed' | 'retries' | 'deadline' | 'pages'>> = {},
  policy: Partial<FaxPolicy> = {},
  attempts = 1,
): EndedCall {
  const pagesConfirmed = fax.pagesConfirmed ?? 0;
  const whole = {
    pages: 3,
    pagesConfirmed,
    retries: 3,
    retryInterval: 120,
    deadline: null,
    line: FIRST_LINE_SETTINGS,
    policy: { ...DEFAULT_POLICY, ...policy },
    ...fax,
  };
  const blank = {
    cause: 'ok',
    detail: '',
    pagesConfirmed: 0,
    pageInFlight: false,
    remoteId: null,
    line: null,
  } as const;
  return {
    fax: whole,
    firstPage: pagesConfirmed + 1,
    result: { ...blank, ...result },
    attempts,
    carriers: 1,
    now: NOW,
  };
}

const stateAfter = (call: EndedCall) => settle(call).after.state;

describe('settle', () => {
  test('every page confirmed is delivered, whatever the call died of', () => {
    for (const cause of Object.keys(CAUSES) as Cause[]) {
      assert.equal(stateAfter(ended({ cause, pagesConfirmed: 3 })), 'delivered');
      assert.equal(stateAfter(ended({ cause, pagesConfirmed: 1 }, { pagesConfirmed: 2 })), 'delivered');
    }
  });

  test('a retryable cause leads to another call after the interval, and keeps the image', () => {
    const { after } = settle(ended({ cause: 'busy' }));
    assert.deepEqual(after, { state: 'queued', at: NOW + 120_000, line: FIRST_LINE_SETTINGS, keepImage: true });
  });

  test('each cause is retried exactly when its row says so', () => {
    for (const [cause, { retryable }] of Object.entries(CAUSES) as [Cause, { retryable: boolean }][]) {
      if (cause === 'uncertain' || cause === 'canceled' || cause === 'ok') continue;
      assert.equal(stateAfter(ended({ cause })), retryable ? 'queued' : 'failed', cause);
      assert.equal(stateAfter(ended({ cause, pagesConfirmed: 1 })), retryable ? 'queued' : 'partial', cause);
    }
  });

  test('the last allowed call decides: failed, or partial when a page is on paper', () => {
    assert.equal(stateAfter(ended({ cause: 'busy' }, {}, {}, 4)), 'failed');
    assert.equal(stateAfter(ended({ cause: 'busy' }, { pagesConfirmed: 1 }, {}, 4)), 'partial');
  });

  test('a call that the gateway cut is made again at once and does not use up a retry', () => {
    const { after } = settle(ended({ cause: 'gateway_stopped' }, { retries: 0 }));
    assert.equal(after.state === 'queued' && after.at, NOW);
    assert.equal(stateAfter(ended({ cause: 'gateway_stopped' }, { retries: 0 }, {}, 11)), 'failed');
  });

  test('canceled is canceled, with a page in flight too', () => {
    assert.equal(stateAfter(ended({ cause: 'canceled', pageInFlight: true })), 'canceled');
  });

  test('no call is planned at or after the deadline', () => {
    assert.equal(stateAfter(ended({ cause: 'busy' }, { deadline: NOW + 120_000 })), 'failed');
    assert.equal(stateAfter(ended({ cause: 'busy' }, { deadline: NOW + 120_001 })), 'queued');
  });

  test('image_life “call” has nothing left to send', () => {
    assert.equal(stateAfter(ended({ cause: 'busy' }, {}, { imageLife: 'call' })), 'failed');
  });

  for (const [cause, doubt] of [
    ['line_lost', true],
    ['gateway_stopped', true],
    ['carrier_unavailable', true],
    ['uncertain', true],
    ['hung_up', false],
    ['page_rejected', false],
    ['image_lost', false],
  ] as const) {
    test(`a page in flight after ${cause} is ${doubt ? 'in doubt' : 'known not to be whole'}`, () => {
      assert.equal(stateAfter(ended({ cause, pageInFlight: true })) === 'uncertain', doubt);
    });
  }

  test('a doubt follows the policy: hold, the rest again, or all again', () => {
    const doubt = { cause: 'uncertain', pageInFlight: true } as const;
    assert.deepEqual(settle(ended(doubt)), { after: { state: 'uncertain' }, resendAll: false });
    assert.equal(stateAfter(ended(doubt, {}, { uncertain: 'resend_rest' })), 'queued');
    const all = settle(ended(doubt, {}, { uncertain: 'resend_all' }));
    assert.deepEqual(all, { after: { state: 'uncertain' }, resendAll: true });
    assert.equal(stateAfter(ended(doubt, {}, { uncertain: 'resend_rest' }, 4)), 'uncertain');
    assert.equal(settle(ended(doubt, {}, { uncertain: 'resend_all' }, 4)).resendAll, false);
  });
});

test('each claim has a reference of its own', () => {
  const fax = parseId('fax', `fax_${'0'.repeat(26)}`);
  assert.ok(fax);
  assert.match(callReference(fax, 1), /^[0-9a-f]{32}$/);
  assert.equal(callReference(fax, 1), callReference(fax, 1));
  assert.notEqual(callReference(fax, 1), callReference(fax, 2));
});
