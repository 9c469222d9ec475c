import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  createT4Encoder,
  decodeT4,
  decodeT6,
  encodeT6,
  type TiffFOptions,
  writeTiffF,
} from '../../../gateway/imaging/index.ts';
import { bilevelPage, CHARTS, chart, chartFile, firstStrip, NO_CHARTS, NO_LIBTIFF, throughTiffcp } from './charts.ts';

const hold = NO_CHARTS || NO_LIBTIFF;

describe('ITU-T charts', { skip: NO_CHARTS }, () => {
  for (const number of CHARTS) {
    test(`chart ${number} comes back from T.6, MH and MR as it went in`, () => {
      const bitmap = chart(number);
      const t6 = decodeT6(encodeT6(bitmap), { width: bitmap.width, maxRows: 5000 });
      assert.ok(t6.complete);
      assert.deepEqual(t6.bitmap, bitmap);
      for (const mode of ['MH', 'MR'] as const) {
        const encoder = createT4Encoder({ width: bitmap.width, mode, k: 4 });
        encoder.rows(bitmap.data, 0, bitmap.rows);
        const t4 = decodeT4(encoder.finish(), { width: bitmap.width, maxRows: 5000, mode });
        assert.ok(t4.complete);
        assert.equal(t4.badRows, 0);
        assert.deepEqual(t4.bitmap, bitmap);
      }
    });

    test(`chart ${number} is coded in T.6 to the very bytes of the published file`, () => {
      assert.deepEqual(encodeT6(chart(number)), new Uint8Array(firstStrip(readFileSync(chartFile(number)))));
    });
  }
});

/** libtiff's options beside ours; K is what libtiff takes at 200 lines an inch. */
const GROUP_3 = [
  { args: 'g3:1d', options: { mode: 'MH', eolAlign: false } },
  { args: 'g3:1d:fill', options: { mode: 'MH', eolAlign: true } },
  { args: 'g3:2d', options: { mode: 'MR', k: 4, eolAlign: false } },
  { args: 'g3:2d:fill', options: { mode: 'MR', k: 4, eolAlign: true } },
] as const;

describe('libtiff beside the codec', { skip: hold }, () => {
  for (const number of CHARTS) {
    test(`libtiff codes chart ${number} in Group 3 and 4 to the same bytes`, () => {
      const bitmap = chart(number);
      const file = readFileSync(chartFile(number));
      const group4 = throughTiffcp(file, ['-c', 'g4', '-r', '9999', '-f', 'msb2lsb']);
      assert.deepEqual(encodeT6(bitmap), new Uint8Array(firstStrip(group4)));
      for (const { args, options } of GROUP_3) {
        const theirs = firstStrip(throughTiffcp(file, ['-c', args, '-r', '9999', '-f', 'msb2lsb']));
        const encoder = createT4Encoder({ width: bitmap.width, ...options, rtc: false });
        encoder.rows(bitmap.data, 0, bitmap.rows);
        assert.deepEqual(encoder.finish(), new Uint8Array(theirs), args);
      }
    });

    test(`libtiff reads chart ${number} from our files as it is`, () => {
      const bitmap = chart(number);
      const page = { width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) };
      const kinds: TiffFOptions[] = [
        { compression: 'G4' },
        { compression: 'G3-1D' },
        { compression: 'G3-2D' },
        { profile: 'S' },
      ];
      for (const options of kinds) {
        assert.deepEqual(bilevelPage(throughTiffcp(writeTiffF([page], options), ['-c', 'none'])), bitmap);
      }
    });
  }
});
