import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Grey } from '../../../../gateway/imaging/raster/grey.ts';
import { thresholdGrey } from '../../../../gateway/imaging/raster/threshold.ts';
import { surveyTiles } from '../../../../gateway/imaging/raster/tiles.ts';

/** Pixels of every kind: grain, edges, hairs and rules of every level, from a seeded generator (Marsaglia's xorshift). */
function scribbled(width: number, rows: number, seed: number): Grey {
  let state = seed;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const data = new Uint8Array(width * rows);
  for (let i = 0; i < data.length; i++) data[i] = 255 - random(40);
  for (let n = 0; n < 400; n++) {
    const [left, top, level] = [random(width), random(rows), random(256)];
    const [right, bottom] = n % 2 === 0 ? [left + 1 + random(3), top + random(60)] : [left + random(60), top + 1];
    for (let y = top; y < Math.min(rows, bottom); y++) {
      data.fill(level, y * width + left, y * width + Math.min(width, right));
    }
  }
  return { width, rows, data };
}

/** The same pixels at an address at which they cannot be read as words. */
function misaligned({ width, rows, data }: Grey): Grey {
  const room = new Uint8Array(data.length + 1);
  room.set(data, 1);
  return { width, rows, data: room.subarray(1) };
}

describe('four pixels compared at a time', () => {
  for (const bias of [-72, 0, 20, 72]) {
    test(`print what they do one by one, at contrast ${bias}`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const grey = scribbled(256, 96, seed * 77_777);
        const tiles = surveyTiles(grey);
        const words = thresholdGrey(grey, tiles, bias);
        const pixels = thresholdGrey(misaligned(grey), tiles, bias);
        assert.ok(words.data.some((byte) => byte !== 0));
        assert.deepEqual(words.data, pixels.data, `seed ${seed}`);
      }
    });
  }

  test('agree with a limit at every level', () => {
    const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const grey = { width: 256, rows: 1, data: levels };
    for (let limit = 8; limit <= 250; limit++) {
      const tiles = { ...surveyTiles(grey), limits: new Uint8Array(8).fill(limit) };
      const { data } = thresholdGrey(grey, tiles);
      for (let level = 0; level < 256; level++) {
        const black = ((data[level >> 3] ?? 0) & (0x80 >> (level & 7))) !== 0;
        assert.equal(black, level < limit, `level ${level}, limit ${limit}`);
      }
    }
  });
});

describe('the survey of tiles', () => {
  test('finds the same in pixels that cannot be read as words', () => {
    const grey = scribbled(200, 130, 4711);
    assert.deepEqual(surveyTiles(misaligned(grey)), surveyTiles(grey));
  });

  test('takes a tile of one column or one row', () => {
    for (const [width, rows] of [
      [33, 33],
      [1, 1],
      [32, 1],
      [1, 40],
    ] as const) {
      const grey = { width, rows, data: new Uint8Array(width * rows).fill(0) };
      const { data } = thresholdGrey(grey, surveyTiles(grey));
      const black = data.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      assert.equal(black, width * rows);
    }
  });
});
