import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlendMode, PDFDocument, rgb } from 'pdf-lib';
import { greyPage } from '../../../../ops/bench/pages.ts';

/** A page of 100 × 100 points with a rectangle in the middle of red and, over it, one of `blend`. */
async function blended(blend: BlendMode): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const page = pdf.addPage([100, 100]);
  page.drawRectangle({ x: 20, y: 20, width: 60, height: 60, color: rgb(1, 0, 0) });
  page.drawRectangle({ x: 20, y: 20, width: 60, height: 60, color: rgb(0, 1, 1), blendMode: blend });
  return pdf.save();
}

test('colours are blended before they become grey: red and cyan multiply to black, and add to white', async () => {
  for (const [mode, level] of [
    [BlendMode.Multiply, 0],
    [BlendMode.Screen, 255],
  ] as const) {
    const grey = await greyPage(await blended(mode), 0, 100, 100);
    assert.equal(grey.data[50 * 100 + 50], level, mode);
  }
});
