import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configPage, SETTINGS } from '../../ops/config.ts';

test('CONFIG.md is what the schema says', () => {
  const page = readFileSync(new URL('../../CONFIG.md', import.meta.url), 'utf8');
  assert.equal(page, configPage(), 'run `npm run config-page`');
});

test('every example in CONFIG.md is a value that its setting accepts', () => {
  for (const setting of Object.values(SETTINGS)) {
    const parsed = setting.schema.safeParse(setting.example);
    assert.ok(parsed.success, `${setting.variable}=${setting.example}`);
  }
});
