import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CAUSE_OF_OUTCOME,
  refusalOf,
  verdictOfProcedure,
  verdictOfRefusal,
} from '../../../carrier-adapters/sip-t38/outcome.ts';
import type { EndedEvent } from '../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import { OUTCOMES, type Outcome } from '../../../carrier-adapters/sip-t38/t30/outcome.ts';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';

const refused = (status: number | null, cause: number | null = null, by: EndedEvent['by'] = 'remote'): EndedEvent => ({
  type: 'ended',
  call: 'a',
  by,
  status,
  cause,
  detail: 'as the far side says',
});

/** Status, Q.850 cause, and what they mean to a fax. */
const REFUSALS: readonly (readonly [number, number | null, Cause])[] = [
  [404, null, 'number_invalid'],
  [410, null, 'number_invalid'],
  [484, null, 'number_invalid'],
  [485, null, 'number_invalid'],
  [604, null, 'number_invalid'],
  [480, 1, 'number_invalid'],
  [500, 3, 'number_invalid'],
  [410, 22, 'number_invalid'],
  [480, 28, 'number_invalid'],
  [486, null, 'busy'],
  [600, null, 'busy'],
  [480, 17, 'busy'],
  [503, 17, 'busy'],
  [480, null, 'no_answer'],
  [408, null, 'no_answer'],
  [487, null, 'no_answer'],
  [480, 18, 'no_answer'],
  [480, 19, 'no_answer'],
  [480, 20, 'no_answer'],
  [504, 102, 'no_answer'],
  [403, null, 'rejected'],
  [603, null, 'rejected'],
  [403, 21, 'rejected'],
  [480, 21, 'rejected'],
  [418, null, 'rejected'],
  [699, null, 'rejected'],
  [502, 27, 'out_of_service'],
  [488, null, 'negotiation_failed'],
  [606, null, 'negotiation_failed'],
  [415, null, 'negotiation_failed'],
  // Asterisk says so of a call without common media.
  [488, 58, 'negotiation_failed'],
  [500, 65, 'negotiation_failed'],
  [500, 79, 'negotiation_failed'],
  [500, 88, 'negotiation_failed'],
  [500, null, 'carrier_unavailable'],
  [502, null, 'carrier_unavailable'],
  [503, null, 'carrier_unavailable'],
  [504, null, 'carrier_unavailable'],
  [302, null, 'carrier_unavailable'],
  [500, 34, 'carrier_unavailable'],
  [500, 38, 'carrier_unavailable'],
  [480, 41, 'carrier_unavailable'],
  [480, 42, 'carrier_unavailable'],
  [480, 44, 'carrier_unavailable'],
  [480, 47, 'carrier_unavailable'],
  [503, 58, 'carrier_unavailable'],
  [401, null, 'carrier_refused'],
  [402, null, 'carrier_refused'],
  [407, null, 'carrier_refused'],
  [413, null, 'carrier_refused'],
  [414, null, 'carrier_refused'],
  [420, null, 'carrier_refused'],
  [421, null, 'carrier_refused'],
  [422, null, 'carrier_refused'],
  // Normal clearing says nothing more than the status.
  [480, 16, 'no_answer'],
  [503, 31, 'carrier_unavailable'],
];

describe('causes of SIP and Q.850', () => {
  for (const [status, cause, meant] of REFUSALS) {
    test(`${status}${cause === null ? '' : ` with Q.850 ${cause}`} is ${meant}`, () => {
      const verdict = verdictOfRefusal(refused(status, cause));
      assert.equal(verdict.cause, meant);
      assert.match(verdict.detail, new RegExp(`SIP ${status}${cause === null ? '' : `, Q.850 ${cause}`}`));
    });
  }

  test('a trunk that does not answer at all is unavailable, not the receiver absent', () => {
    for (const status of [408, 503, null]) {
      assert.equal(verdictOfRefusal(refused(status, null, 'network')).cause, 'carrier_unavailable');
    }
  });

  test('every status of a refusal has a cause', () => {
    for (let status = 300; status < 700; status++) {
      for (const cause of [null, 16, 127]) assert.ok(verdictOfRefusal(refused(status, cause)).cause in CAUSES);
    }
  });
});

describe('causes of T.30', () => {
  const meant: Partial<Record<Outcome, Cause>> = {
    ok: 'ok',
    no_fax_heard: 'no_fax',
    training_failed: 'training_failed',
    no_answer_to_message: 'uncertain',
    dcn_in_page: 'hung_up',
    dcn_after_message: 'uncertain',
    page_refused: 'page_rejected',
    page_missing: 'image_lost',
    carrier_lost: 'line_lost',
  };

  for (const outcome of Object.keys(OUTCOMES) as Outcome[]) {
    test(`${outcome} has a cause and its own words`, () => {
      const verdict = verdictOfProcedure(outcome);
      assert.equal(verdict.cause, CAUSE_OF_OUTCOME[outcome]);
      assert.ok(verdict.cause in CAUSES);
      assert.ok(verdict.detail.includes(OUTCOMES[outcome]));
      if (meant[outcome] !== undefined) assert.equal(verdict.cause, meant[outcome]);
    });
  }

  test('ok is said of nothing else', () => {
    const ok = Object.entries(CAUSE_OF_OUTCOME).filter(([, cause]) => cause === 'ok');
    assert.deepEqual(
      ok.map(([outcome]) => outcome),
      ['ok'],
    );
  });
});

describe('refusals of calls that come in', () => {
  for (const [cause, status, q850] of [
    ['out_of_service', 404, 1],
    ['number_invalid', 404, 1],
    ['busy', 486, 17],
    ['rejected', 603, 21],
    ['negotiation_failed', 488, 65],
    ['carrier_unavailable', 503, 42],
    ['gateway_stopped', 503, 42],
    ['storage_full', 503, 42],
    ['receiver_not_ready', 480, 18],
  ] as const) {
    test(`${cause} is told as ${status}`, () => assert.deepEqual(refusalOf(cause), { status, cause: q850 }));
  }

  test('what is told is understood again, as far as SIP has a word for it', () => {
    for (const cause of ['busy', 'rejected', 'negotiation_failed', 'carrier_unavailable', 'number_invalid'] as const) {
      const { status, cause: q850 } = refusalOf(cause);
      assert.equal(verdictOfRefusal(refused(status, q850)).cause, cause);
    }
  });
});
