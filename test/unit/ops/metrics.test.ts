import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../../../ops/metrics/catalogue.ts';
import { createMetrics } from '../../../ops/metrics/metrics.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const USE = /metrics\??\.(?:count|gauge|observe)\(\s*'([a-z_]+)'/g;

/** Names of the metrics that the code counts. */
function usedNames(): Set<string> {
  const names = new Set<string>();
  for (const folder of ['gateway', 'api', 'carrier-adapters', 'ops']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      for (const [, name] of readFileSync(join(ROOT, folder, file), 'utf8').matchAll(USE)) names.add(name ?? '');
    }
  }
  return names;
}

describe('metrics', () => {
  test('the catalogue and the code name the same series', () => {
    assert.deepEqual([...usedNames()].sort(), Object.keys(CATALOGUE).sort());
  });

  test('a series that is used differently never throws and keeps its labels', async () => {
    const metrics = createMetrics();
    metrics.count('calls_total', { cause: 'ok', direction: 'inbound' });
    metrics.count('calls_total', { carrier: 'loopback', cause: 'ok', direction: 'outbound', number: '+49' });
    metrics.count('no_such_series');
    metrics.observe('wipe_seconds', 0.01);
    const page = await metrics.page();
    assert.match(page, /sealfax_calls_total\{carrier="",cause="ok",direction="inbound"\} 1/);
    assert.match(page, /sealfax_calls_total\{carrier="loopback",cause="ok",direction="outbound"\} 1/);
    assert.match(page, /sealfax_wipe_seconds_count 1/);
    assert.doesNotMatch(page, /\+49|no_such/);
  });
});
