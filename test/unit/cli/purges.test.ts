import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CarrierPurge } from '../../../api/client/index.ts';
import { administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';
const KEPT: CarrierPurge = {
  ...{
    call: 'call_1',
    fax: 'fax_1',
    account: 'acc_1',
    carrier: 'telnyx',
    outcome: 'kept',
    detail: 'HTTP \u001b[31m500',
  },
  ...{ since: AT, answeredAt: AT, tries: 3, nextAt: null },
};

describe('sealfax purges', () => {
  const run = (argv: readonly string[], value: unknown) => administer(() => json(value), argv);

  test('lists what carriers keep, without what would steer a terminal', async () => {
    const done = await run(['purges', '--carrier', 'telnyx', '--limit', '5'], { items: [KEPT], next: null });
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.requests, ['GET /v1/admin/purges?carrier=telnyx&limit=5']);
    assert.match(done.out, /call_1 +telnyx +kept +3 .* none +HTTP .*500/);
    assert.ok(!done.out.includes('\u001b'));
  });

  test('lists all of them, as JSON a line each', async () => {
    const done = await run(['purges', '--all', '--json'], { items: [KEPT, KEPT], next: null });
    assert.deepEqual(done.requests, ['GET /v1/admin/purges?all=true&limit=50']);
    assert.deepEqual(
      done.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).call),
      ['call_1', 'call_1'],
    );
  });

  test('asks a carrier again', async () => {
    const done = await run(['purges', 'retry', 'call_1'], { ...KEPT, nextAt: AT });
    assert.deepEqual([done.status, done.requests], [0, ['POST /v1/admin/purges/call_1/retry']]);
    assert.match(done.out, /kept/);
    assert.equal((await run(['purges', 'retry'], KEPT)).status, 2);
  });
});
