import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeLetter, judgeRules, wordAccuracy } from '../../../ops/bench/legibility.ts';
import { hasPeer, missingPeer } from '../../../ops/bench/peers.ts';

const skip = hasPeer('tesseract') ? false : missingPeer('tesseract');

describe('a letter can be read on its fax page', { skip }, () => {
  for (const [resolution, size, least] of [
    ['fine', 10, 0.99],
    ['fine', 6, 0.99],
    ['standard', 8, 0.99],
  ] as const) {
    test(`${size} point at ${resolution}: ${100 * least} % of the words, and not fewer than ghostscript's`, async () => {
      const { ours, ghostscript } = await judgeLetter(resolution, size);
      assert.ok(ours >= least, `${(100 * ours).toFixed(1)} % of the words were read`);
      assert.ok(ours >= (ghostscript ?? 0), `ghostscript's page: ${(100 * (ghostscript ?? 0)).toFixed(1)} %`);
    });
  }
});

describe('thin rules survive', () => {
  for (const resolution of ['standard', 'fine', 'superfine'] as const) {
    test(`a rule of 0.1 mm is unbroken and thin at ${resolution}, wherever it falls within a pixel`, async () => {
      const { unbroken, thickest } = await judgeRules(resolution);
      assert.equal(unbroken, 1);
      assert.ok(thickest <= 2, `${thickest} pixels thick`);
    });
  }
});

describe('the judge', () => {
  test('counts words that stand in order', () => {
    assert.equal(wordAccuracy('one two three four', 'one two three four'), 1);
    assert.equal(wordAccuracy('one two three four', 'one tvo three four'), 0.75);
    assert.equal(wordAccuracy('one two three four', 'four three two one'), 0.25);
    assert.equal(wordAccuracy('one two', ''), 0);
  });
});
