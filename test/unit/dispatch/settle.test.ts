import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callReference } from '../../../gateway/dispatch/reference.ts';
import { type EndedCall, settle } from '../../../gateway/dispatch/settle.ts';
import type { CallResult } from '../../../gateway/fax/call-result.ts';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';
import type { Fax, FaxPolicy } from '../../../gateway/fax/fax.ts';
import { parseId } from '../../../gateway/fax/ids.ts';
import { DEFAULT_POLICY, FIRST_LINE_SETTINGS, type LineSettings } from '../../../gateway/fax/policy.ts';

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
    carrier: 'only',
    ways: { now: ['only'], ever: ['only'] },
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

/** A call over `carrier` that it failed by its own fault; `ways` as they were before. */
function failed(
  cause: Cause,
  carrier: string,
  now: string[],
  line: Partial<LineSettings> = {},
  attempts = 1,
): EndedCall {
  const call = ended({ cause }, {}, {}, attempts);
  const ways = { now, ever: ['a', 'b', 'c'] };
  return { ...call, fax: { ...call.fax, line: { ...FIRST_LINE_SETTINGS, ...line } }, carrier, ways };
}

describe('a carrier at fault', () => {
  for (const cause of ['carrier_unavailable', 'carrier_refused', 'carrier_unsuited', 'number_refused'] as const) {
    test(`${cause} moves the fax to the next carrier at once, and costs no retry`, () => {
      const { after } = settle(failed(cause, 'a', ['a', 'b', 'c']));
      assert.ok(after.state === 'queued');
      assert.equal(after.at, NOW);
      assert.equal(after.line.spared, 1);
      const list = cause === 'carrier_unavailable' ? after.line.avoid : after.line.refused;
      assert.deepEqual(list, ['a']);
    });
  }

  test('the last one of a round ends it: all begin anew after the interval, and it counts', () => {
    const { after } = settle(failed('carrier_unavailable', 'c', ['a', 'b', 'c'], { avoid: ['a', 'b'], spared: 2 }, 3));
    const line = { ...FIRST_LINE_SETTINGS, spared: 2 };
    assert.deepEqual(after, { state: 'queued', at: NOW + 120_000, line, keepImage: true });
  });

  test('of a round that is over only those that have refused stay away', () => {
    const { after } = settle(failed('carrier_unavailable', 'c', ['b', 'c'], { avoid: ['b'], refused: ['a'] }));
    assert.deepEqual(after.state === 'queued' && after.line, { ...FIRST_LINE_SETTINGS, refused: ['a'] });
  });

  test('a carrier that could take it later is not waited for at once', () => {
    const { after } = settle(failed('carrier_unavailable', 'a', ['a']));
    assert.equal(after.state === 'queued' && after.at, NOW + 120_000);
  });

  test('rounds are counted: with the retries used up the fax ends', () => {
    const last = { avoid: ['a', 'b'], spared: 8 };
    assert.equal(stateAfter(failed('carrier_unavailable', 'c', ['a', 'b', 'c'], last, 12)), 'failed');
    assert.equal(stateAfter(failed('carrier_unavailable', 'c', ['a', 'b', 'c'], last, 11)), 'queued');
  });

  test('when all have refused it there is nobody left', () => {
    assert.equal(stateAfter(failed('carrier_refused', 'c', ['c'], { refused: ['a', 'b'] })), 'failed');
    assert.equal(stateAfter(failed('carrier_refused', 'c', ['c'], { refused: ['a'] })), 'queued');
  });

  test('one that fails again in the same round is not followed at once by another', () => {
    const { after } = settle(failed('carrier_unavailable', 'a', ['a', 'b'], { avoid: ['a'] }));
    assert.equal(after.state === 'queued' && after.at, NOW + 120_000);
  });

  test('any row of faults ends, with every carrier asked once more than there are retries', () => {
    let line = FIRST_LINE_SETTINGS;
    const calls: string[] = [];
    for (let attempts = 1; attempts < 100; attempts++) {
      const carrier = ['a', 'b', 'c'].find((name) => !line.avoid.includes(name)) ?? 'a';
      calls.push(carrier);
      const { after } = settle(failed('carrier_unavailable', carrier, ['a', 'b', 'c'], line, attempts));
      if (after.state !== 'queued') break;
      line = after.line;
    }
    assert.equal(calls.join(''), 'abc'.repeat(4));
  });

  test('a busy line is not its fault: the carriers that failed before stay behind it', () => {
    const { after } = settle(failed('busy', 'b', ['a', 'b', 'c'], { avoid: ['a'], spared: 1 }, 2));
    const line = { ...FIRST_LINE_SETTINGS, avoid: ['a'], spared: 1 };
    assert.deepEqual(after, { state: 'queued', at: NOW + 120_000, line, keepImage: true });
  });

  test('calls that were spared do not move the ladder', () => {
    const first = settle(failed('training_failed', 'b', ['a', 'b', 'c'], { avoid: ['a'], spared: 1 }, 2));
    assert.equal(first.after.state === 'queued' && first.after.line.t38, true);
    const second = settle(failed('training_failed', 'b', ['a', 'b', 'c'], { avoid: ['a'], spared: 1 }, 3));
    assert.equal(second.after.state === 'queued' && second.after.line.t38, false);
  });

  test('nothing follows the deadline, and nothing an image that lives for one call', () => {
    const call = failed('carrier_unavailable', 'a', ['a', 'b']);
    assert.equal(stateAfter({ ...call, fax: { ...call.fax, deadline: NOW } }), 'failed');
    const policy = { ...call.fax.policy, imageLife: 'call' as const };
    assert.equal(stateAfter({ ...call, fax: { ...call.fax, policy } }), 'failed');
  });
});

test('each claim has a reference of its own', () => {
  const fax = parseId('fax', `fax_${'0'.repeat(26)}`);
  assert.ok(fax);
  assert.match(callReference(fax, 1), /^[0-9a-f]{32}$/);
  assert.equal(callReference(fax, 1), callReference(fax, 1));
  assert.notEqual(callReference(fax, 1), callReference(fax, 2));
});
