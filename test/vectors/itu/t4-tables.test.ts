import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  BLACK_MAKE_UP,
  BLACK_TERMINATING,
  EOL,
  EXTENDED_MAKE_UP,
  MODE_WORDS,
  WHITE_MAKE_UP,
  WHITE_TERMINATING,
} from '../../../gateway/imaging/t4-t6/codes.ts';
import { BLACK_DECODE, MODE_DECODE, WHITE_DECODE } from '../../../gateway/imaging/t4-t6/lookup.ts';

interface RunVectors {
  readonly white: Record<string, string>;
  readonly black: Record<string, string>;
}
const vectors = JSON.parse(readFileSync(new URL('t4-runs.json', import.meta.url), 'utf8')) as RunVectors;

const COLOURS = [
  { name: 'white', terminating: WHITE_TERMINATING, makeUp: WHITE_MAKE_UP, decode: WHITE_DECODE, own: vectors.white },
  { name: 'black', terminating: BLACK_TERMINATING, makeUp: BLACK_MAKE_UP, decode: BLACK_DECODE, own: vectors.black },
] as const;

/** Share of all bit strings that begin with one of the words, in 2^-13. */
function kraft(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + 2 ** (13 - word.length), 0);
}

function assertPrefixFree(words: readonly string[]): void {
  for (const word of words) {
    assert.deepEqual(
      words.filter((other) => other.startsWith(word)),
      [word],
    );
  }
}

describe('T.4 code tables', () => {
  for (const { name, terminating, makeUp, decode, own } of COLOURS) {
    const all = [...terminating, ...makeUp, ...EXTENDED_MAKE_UP];

    test(`name the same ${name} words as the table taken from another implementation`, () => {
      assert.equal(all.length, 104);
      assert.equal(Object.keys(own).length, 104);
      for (const [run, word] of Object.entries(own)) {
        const length = Number(run);
        assert.equal(all[length < 64 ? length : 63 + length / 64], word, `${name} run of ${run}`);
      }
    });

    test(`have ${name} words of which none begins another, nor EOL`, () => {
      assertPrefixFree([...all, EOL]);
    });

    test(`leave only strings of seven or more zeros without a ${name} word`, () => {
      assert.equal(terminating.length, 64);
      assert.equal(makeUp.length, 27);
      for (let bits = 0; bits < 1 << 13; bits++) {
        if (decode[bits] === 0) assert.ok(bits >> 6 === 0, bits.toString(2));
      }
      const coded = decode.filter((entry) => entry !== 0).length;
      assert.equal(coded, kraft(all));
    });
  }

  test('have nine modes of which none begins another, nor EOL', () => {
    const modes = Object.values(MODE_WORDS);
    assertPrefixFree([...modes, EOL]);
    // T.6 table 1 leaves 0000001xxx to extensions and zeros to EOL: two of 128 strings.
    assert.equal(MODE_DECODE.filter((entry) => entry === 0).length, 2);
    assert.deepEqual(MODE_WORDS, {
      pass: '0001',
      horizontal: '001',
      v0: '1',
      vr1: '011',
      vr2: '000011',
      vr3: '0000011',
      vl1: '010',
      vl2: '000010',
      vl3: '0000010',
    });
  });
});
