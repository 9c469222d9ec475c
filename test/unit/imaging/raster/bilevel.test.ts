import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toBilevel } from '../../../../gateway/imaging/raster/bilevel.ts';
import type { Bitmap } from '../../../../gateway/imaging/raster/bitmap.ts';
import { type Grey, whiteGrey } from '../../../../gateway/imaging/raster/grey.ts';

const AUTO = { halftone: 'auto', contrast: 0 } as const;

const isBlack = (bitmap: Bitmap, x: number, y: number) =>
  ((bitmap.data[y * bitmap.stride + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0;

function blackIn(bitmap: Bitmap, left = 0, top = 0, right = bitmap.width, bottom = bitmap.rows): number {
  let count = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) count += isBlack(bitmap, x, y) ? 1 : 0;
  return count;
}

function fill(grey: Grey, left: number, top: number, right: number, bottom: number, level: number): void {
  for (let y = top; y < bottom; y++) grey.data.fill(level, y * grey.width + left, y * grey.width + right);
}

/** A photograph: waves of middle tones. */
function paintPhoto(grey: Grey, left: number, top: number, right: number, bottom: number): void {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) grey.data[y * grey.width + x] = 128 + 90 * Math.sin(x / 37) * Math.cos(y / 29);
  }
}

describe('a page of text and lines becomes black and white by threshold', () => {
  test('white paper stays white, black ink black', () => {
    const grey = whiteGrey(256, 128);
    fill(grey, 40, 30, 60, 90, 0);
    assert.equal(blackIn(toBilevel(grey, [], AUTO)), 20 * 60);
  });

  test('a rule of 0.4 pixels prints as one row, wherever it falls between two rows', () => {
    for (const [upper, lower] of [
      [153, 255],
      [204, 204],
      [230, 179],
      [179, 230],
    ] as const) {
      const grey = whiteGrey(256, 64);
      fill(grey, 16, 30, 240, 31, upper);
      fill(grey, 16, 31, 240, 32, lower);
      const bitmap = toBilevel(grey, [], AUTO);
      for (let x = 20; x < 236; x++) assert.equal(blackIn(bitmap, x, 28, x + 1, 34), 1, `${upper}/${lower} at ${x}`);
    }
  });

  test('a hair of 0.4 pixels prints as one column', () => {
    const grey = whiteGrey(256, 64);
    fill(grey, 100, 5, 101, 60, 204);
    fill(grey, 101, 5, 102, 60, 204);
    const bitmap = toBilevel(grey, [], AUTO);
    for (let y = 8; y < 57; y++) assert.equal(blackIn(bitmap, 98, y, 104, y + 1), 1);
  });

  test('the light tip of a stem prints no spur', () => {
    const grey = whiteGrey(256, 64);
    fill(grey, 100, 20, 102, 40, 0);
    fill(grey, 100, 40, 102, 41, 200);
    fill(grey, 100, 19, 101, 20, 200);
    assert.equal(blackIn(toBilevel(grey, [], AUTO)), 2 * 20);
  });

  test('noise of a scanner is no hairline', () => {
    const grey = whiteGrey(256, 128);
    for (let i = 0; i < grey.data.length; i++) grey.data[i] = 235 + ((i * 7919) % 16);
    assert.equal(blackIn(toBilevel(grey, [], AUTO)), 0);
  });

  test('the shadow along the edge of a scan does not print, beside white or at the end of the page', () => {
    for (const margin of [0, 22]) {
      const grey = whiteGrey(640, 640);
      for (let y = 0; y < grey.rows; y++) {
        for (let x = margin; x < grey.width; x++) {
          grey.data[y * grey.width + x] = 228 - 110 * Math.exp(-(x - margin) / 50) + ((x * 31 + y * 17) % 7);
        }
      }
      fill(grey, 300, 200, 310, 400, 60);
      assert.equal(blackIn(toBilevel(grey, null, AUTO)), 10 * 200, `margin of ${margin}`);
    }
  });

  test('a dark band along the edge keeps its light letters', () => {
    const grey = whiteGrey(640, 640);
    fill(grey, 0, 0, 640, 60, 120);
    for (let x = 40; x < 600; x += 20) fill(grey, x, 20, x + 5, 45, 255);
    const bitmap = toBilevel(grey, [], AUTO);
    assert.equal(isBlack(bitmap, 320, 10), true);
    assert.equal(isBlack(bitmap, 322, 30), false);
  });

  test('a light tint turns white under dark letters, a dark one black under light letters, both evenly', () => {
    for (const [ground, ink, printed] of [
      [200, 0, 'ink'],
      [153, 0, 'ink'],
      [76, 255, 'ground'],
      [30, 255, 'ground'],
    ] as const) {
      const grey = whiteGrey(512, 256);
      fill(grey, 64, 64, 448, 192, ground);
      for (let x = 100; x < 250; x += 12) fill(grey, x, 100, x + 3, 124, ink);
      const bitmap = toBilevel(grey, [], AUTO);
      const letters = 13 * 3 * 24;
      const expected = printed === 'ink' ? letters : 384 * 128 - letters;
      assert.ok(Math.abs(blackIn(bitmap) - expected) < expected * 0.03, `${ground}: ${blackIn(bitmap)} of ${expected}`);
    }
  });

  test('pale letters print whole', () => {
    const grey = whiteGrey(256, 64);
    for (let x = 40; x < 200; x += 12) fill(grey, x, 20, x + 2, 44, 166);
    assert.equal(blackIn(toBilevel(grey, [], AUTO)), 14 * 2 * 24);
  });

  test('contrast moves the threshold: darker prints more, lighter less', () => {
    const grey = whiteGrey(256, 64);
    for (let x = 0; x < 256; x += 8) fill(grey, x, 10, x + 4, 50, 40 + (x % 200));
    const counts = [-100, 0, 100].map((contrast) => blackIn(toBilevel(grey, [], { ...AUTO, contrast })));
    assert.ok((counts[0] ?? 0) < (counts[1] ?? 0) && (counts[1] ?? 0) < (counts[2] ?? 0), String(counts));
  });
});

describe('only photographs are diffused', () => {
  test('a scanned letter on grey paper, darker below and along its binding, stays white between its letters', () => {
    const grey = whiteGrey(1024, 1024);
    for (let i = 0; i < grey.data.length; i++) {
      const x = i % 1024;
      grey.data[i] = 220 - i / 32_768 + ((i * 7919) % 9) - 90 * Math.exp(-x / 40);
    }
    for (let x = 200; x < 900; x += 12) fill(grey, x, 400, x + 3, 424, 50);
    const page = { left: 0, top: 0, right: 1024, bottom: 1024 };
    for (const images of [null, [page]]) {
      const bitmap = toBilevel(grey, images, AUTO);
      assert.equal(blackIn(bitmap, 128, 0, 1024, 1024), 59 * 3 * 24);
    }
  });

  test('a photograph that fills its page is diffused to its edges', () => {
    const grey = whiteGrey(1024, 1024);
    paintPhoto(grey, 0, 0, 1024, 1024);
    const page = { left: 0, top: 0, right: 1024, bottom: 1024 };
    const whole = blackIn(toBilevel(grey, [], { halftone: 'photo', contrast: 0 }));
    for (const images of [null, [page]]) assert.equal(blackIn(toBilevel(grey, images, AUTO)), whole);
  });

  test('the mean level of a photograph is kept, the text beside it is untouched', () => {
    const grey = whiteGrey(512, 512);
    fill(grey, 20, 20, 24, 40, 0);
    paintPhoto(grey, 128, 128, 448, 448);
    const bitmap = toBilevel(grey, [{ left: 128, top: 128, right: 448, bottom: 448 }], AUTO);
    assert.equal(blackIn(bitmap, 0, 0, 120, 512), 4 * 20);
    const share = blackIn(bitmap, 128, 128, 448, 448) / (320 * 320);
    assert.ok(share > 0.3 && share < 0.6, `middle grey prints as ${share}`);
  });

  test('a photograph is found by its pixels when nothing else is known, and the text beside it is not', () => {
    const grey = whiteGrey(512, 512);
    for (let x = 20; x < 100; x += 9) fill(grey, x, 20, x + 3, 44, 0);
    paintPhoto(grey, 128, 128, 448, 448);
    const bitmap = toBilevel(grey, null, AUTO);
    const byThreshold = toBilevel(grey, null, { ...AUTO, halftone: 'text' });
    assert.equal(blackIn(bitmap, 0, 0, 512, 100), blackIn(byThreshold, 0, 0, 512, 100));
    assert.notEqual(blackIn(bitmap, 128, 128, 448, 448), blackIn(byThreshold, 128, 128, 448, 448));
  });

  test('an image of text is not diffused', () => {
    const grey = whiteGrey(512, 256);
    for (let y = 10; y < 240; y += 20) for (let x = 10; x < 500; x += 9) fill(grey, x, y, x + 3, y + 12, 0);
    const rect = { left: 0, top: 0, right: 512, bottom: 256 };
    assert.deepEqual(toBilevel(grey, [rect], AUTO).data, toBilevel(grey, [], AUTO).data);
  });

  test('white in a photograph stays free of dots, and a rectangle beyond the page does no harm', () => {
    const grey = whiteGrey(256, 256);
    paintPhoto(grey, 0, 0, 256, 128);
    const bitmap = toBilevel(grey, [{ left: -50, top: -50, right: 900, bottom: 900 }], AUTO);
    assert.equal(blackIn(bitmap, 0, 132, 256, 256), 0);
  });
});
