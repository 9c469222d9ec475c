import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { OUTCOMES } from '../../../../carrier-adapters/sip-t38/t30/outcome.ts';

const SCENARIOS = ['caller', 'answerer', 'pair']
  .map((name) => readFileSync(new URL(`${name}.test.ts`, import.meta.url), 'utf8'))
  .join('\n');

describe('outcomes of T.30', () => {
  for (const outcome of Object.keys(OUTCOMES)) {
    test(`${outcome} has a scenario that ends so`, () => {
      assert.ok(SCENARIOS.includes(`'${outcome}'`));
    });
  }
});
