import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { hkdfExpand, hkdfExtract } from '../../../crypto/digest.ts';
import { createPageMark, newKey } from '../../../crypto/index.ts';
import { chunked, pattern } from './material.ts';

function markOf(dek: Uint8Array, page: Uint8Array, step: number): string {
  const mark = createPageMark(dek);
  for (const chunk of chunked(page, step)) mark.update(chunk);
  return mark.digest();
}

describe('page mark (SPEC.md §10)', () => {
  test('is HMAC-SHA-256 of the page under a key of the DEK, whatever the chunks', async () => {
    const [dek, page] = [newKey(), pattern(10_000)];
    const key = await hkdfExpand(await hkdfExtract(new Uint8Array(0), dek), Buffer.from('sfx1 page mark'), 32);
    const expected = createHmac('sha256', key).update(page).digest('hex');
    for (const step of [1_000, 20_000]) assert.equal(markOf(dek, page, step), expected);
  });

  test('says nothing without the DEK: one page under two keys has two marks', () => {
    assert.notEqual(markOf(newKey(), pattern(100), 100), markOf(newKey(), pattern(100), 100));
  });
});
