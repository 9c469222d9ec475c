import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictOfRefusal } from '../../../carrier-adapters/sip-t38/outcome.ts';
import { codesOf } from '../../../gateway/fax/signalling.ts';

describe('the codes of a call’s signalling', () => {
  const codes = (detail: string) => {
    const { sipStatus, q850 } = codesOf(detail);
    return [sipStatus, q850];
  };

  test('are those that a trunk’s refusal named', () => {
    for (const status of [null, 302, 404, 486, 503, 603]) {
      for (const cause of [null, 1, 17, 102, 127]) {
        const ended = { type: 'ended', call: 'a', by: 'remote', status, cause, detail: 'SIP 999: Q.850 1' } as const;
        const { detail } = verdictOfRefusal(ended);
        assert.deepEqual(codes(detail), [status, cause], detail);
      }
    }
  });

  test('are those of an answered call’s end', () => {
    assert.deepEqual(codes('BYE, Q.850 16: normal call clearing'), [null, 16]);
    assert.deepEqual(codes('Q.850 41: the network went away'), [null, 41]);
  });

  test('are not looked for in a stranger’s words', () => {
    for (const detail of [
      '',
      'busy',
      'BYE, SIP 486',
      'T.30: SIP 486: no',
      'x SIP 486: y',
      'SIP 4862: y',
      'Q.850 1234: y',
    ])
      assert.deepEqual(codes(detail), [null, null], detail);
  });
});
