import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeSample, encodeSample, SILENCE } from '../../../../carrier-adapters/sip-t38/call/g711.ts';

const CODINGS = ['PCMU', 'PCMA'] as const;

describe('G.711', () => {
  for (const coding of CODINGS) {
    test(`${coding}: every octet is what its own sample is coded as`, () => {
      for (let octet = 0; octet < 256; octet++) {
        const sample = decodeSample(coding, octet);
        // µ-law has two zeros; the positive one is what a zero is coded as.
        if (coding === 'PCMU' && octet === 0x7f) assert.equal(Math.abs(sample), 0);
        else assert.equal(encodeSample(coding, sample), octet);
      }
    });

    test(`${coding}: a louder sample is never coded as a quieter one, and the error stays below 4 %`, () => {
      let before = Number.NEGATIVE_INFINITY;
      for (let sample = -31_000; sample <= 31_000; sample++) {
        const heard = decodeSample(coding, encodeSample(coding, sample));
        assert.ok(heard >= before);
        assert.ok(Math.abs(heard - sample) <= Math.max(16, 0.04 * Math.abs(sample)), `${sample} became ${heard}`);
        before = heard;
      }
    });

    test(`${coding}: what is louder than the loudest is clipped`, () => {
      assert.equal(encodeSample(coding, 32_767), encodeSample(coding, 32_700));
      assert.equal(encodeSample(coding, -32_768), encodeSample(coding, -32_700));
    });
  }

  test('the values of the recommendation: full scale and silence', () => {
    assert.equal(decodeSample('PCMU', 0x80), 32_124);
    assert.equal(decodeSample('PCMU', 0x00), -32_124);
    assert.equal(decodeSample('PCMA', 0xaa), 32_256);
    assert.equal(decodeSample('PCMA', 0x2a), -32_256);
    assert.deepEqual(SILENCE, { PCMU: 0xff, PCMA: 0xd5 });
    for (const coding of CODINGS) assert.equal(encodeSample(coding, 0), SILENCE[coding]);
  });
});
