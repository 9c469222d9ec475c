import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallEnd, Ending } from '../../../carrier-adapters/sip-t38/call/call-io.ts';
import { lineReport, resultOf } from '../../../carrier-adapters/sip-t38/result.ts';
import { createLadder } from '../../../gateway/fax/ladder.ts';

const LINE = {
  modem: { modulation: 'V.17', rate: 14_400 },
  compression: 'MMR',
  ecm: true,
  frameSize: 256,
  retrains: 2,
  badFrames: 3,
} as const;

const end = (ending: Ending, change: Partial<CallEnd> = {}): CallEnd => ({
  ending,
  pagesConfirmed: 1,
  pageInFlight: false,
  pageWhole: false,
  remote: { id: '+49 30 1', subaddress: null },
  line: LINE,
  ladder: createLadder().ladder(),
  ...change,
});
const bye = (by: 'remote' | 'network', cause: number | null = null): Ending => ({
  by: 'hang_up',
  ended: { type: 'ended', call: 'a', by, status: null, cause, detail: 'BYE' },
});

describe('results of calls', () => {
  for (const [what, ending, cause] of [
    ['a procedure', { by: 'procedure', outcome: 'training_failed' }, 'training_failed'],
    ['no answer within the time that it may ring', { by: 'ring_time' }, 'no_answer'],
    ['an answer without fax', { by: 'silence' }, 'no_fax'],
    ['a fax machine without T.38', { by: 'media', detail: 'the trunk refuses T.38 (488)' }, 'negotiation_failed'],
    ['a wish', { by: 'wish', why: 'canceled' }, 'canceled'],
    ['a fence', { by: 'wish', why: 'stopped' }, 'gateway_stopped'],
    ['a stop', { by: 'wish', why: 'cut' }, 'line_lost'],
    ['BYE of the far side', bye('remote', 16), 'hung_up'],
    ['a network that is gone', bye('network'), 'line_lost'],
  ] as const) {
    test(`${what} is ${cause}`, () => assert.equal(resultOf(end(ending)).cause, cause));
  }

  test('who left between a whole page and its confirmation leaves us unsure', () => {
    for (const by of ['remote', 'network'] as const) {
      const inFlight = { pageInFlight: true };
      assert.notEqual(resultOf(end(bye(by), inFlight)).cause, 'uncertain');
      assert.equal(resultOf(end(bye(by), { ...inFlight, pageWhole: true })).cause, 'uncertain');
      assert.equal(resultOf(end(bye(by), { ...inFlight, pageWhole: true })).pageInFlight, true);
    }
  });

  test('the result keeps who was there, the line and the ladder', () => {
    const result = resultOf(end({ by: 'procedure', outcome: 'ok' }));
    assert.equal(result.remoteId, '+49 30 1');
    assert.deepEqual(result.line, {
      rate: 14_400,
      modulation: 'V.17',
      compression: 'MMR',
      ecm: true,
      t38: true,
      retrains: 2,
      badRows: 3,
    });
    assert.deepEqual(result.ladder, { steps: [], left: 0, cut: 0 });
    assert.equal(lineReport(LINE, 4).badRows, 7);
  });

  test('the detail names Q.850, and no number', () => {
    assert.equal(resultOf(end(bye('remote', 38))).detail, 'BYE, Q.850 38: BYE');
  });
});
