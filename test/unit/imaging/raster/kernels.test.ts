import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { KernelPage } from '../../../../gateway/imaging/raster/kernel-page.ts';
import { compileKernels } from '../../../../ops/compile-kernels.ts';

const CODE = new URL('../../../../gateway/imaging/raster/kernels-code.ts', import.meta.url);

test('the code of the kernels is what their source compiles to', async () => {
  assert.equal(await compileKernels(), readFileSync(CODE, 'utf8'));
});

test('of a page that was released nothing is left for the next one', () => {
  const grey = { width: 100, rows: 100, data: new Uint8Array(10_000).fill(77) };
  const first = new KernelPage(grey);
  first.threshold(new Uint8Array(16), new Uint8Array(16).fill(160), 0);
  first.release();
  // The same layout, and nothing taken in: what the kernels see is what is left.
  const next = new KernelPage({ ...grey, data: new Uint8Array(0) });
  const { all } = next.countLevels(0, 0, 1);
  assert.equal(all[1], all[256], 'zeros alone');
  next.release();
});
