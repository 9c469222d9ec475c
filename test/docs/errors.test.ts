import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { PROBLEMS } from '../../api/errors.ts';

describe('api/ERRORS.md', () => {
  test('has one row for each code of the table, with its status and title, and no other', async () => {
    const text = await readFile(new URL('../../api/ERRORS.md', import.meta.url), 'utf8');
    const rows = text.matchAll(/^\| `(\w+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$/gm);
    const written = [...rows].map(([, code, status, title]) => [code, Number(status), title]);
    const coded = Object.entries(PROBLEMS).map(([code, { status, title }]) => [code, status, title]);
    assert.deepEqual(written, coded);
  });
});
