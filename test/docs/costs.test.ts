import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { moneyText } from '../../gateway/fax/money.ts';
import { carrierPolicySchema } from '../../gateway/routing/config.ts';
import { createTariffs } from '../../gateway/routing/tariffs.ts';

const PAGE = readFileSync(new URL('../../docs/operations/costs.md', import.meta.url), 'utf8');

describe('docs/operations/costs.md', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(PAGE) ?? [];
  const policies = carrierPolicySchema.parse(JSON.parse(example));
  const tariffs = createTariffs('USD', new Map(Object.entries(policies)));

  test('has worked its example right', () => {
    const [, seconds, pages, prefix, cost] =
      /A call of (\d+) seconds with (\w+) pages to (\+\d+) by the list above: .* so ([\d.]+)\./.exec(PAGE) ?? [];
    assert.equal(pages, 'two');
    const call = { carrier: 'telnyx', direction: 'outbound', billable: true, pages: 2 } as const;
    const charge = tariffs.charge({ ...call, to: `${prefix}5550100`, duration: Number(seconds) * 1_000 });
    assert.equal(moneyText(charge?.cost ?? 0), cost);
  });

  test('names the defaults as they are', () => {
    const [rate] = carrierPolicySchema.parse({ any: { rates: [{}] } }).any?.rates ?? [];
    const defaults = {
      direction: 'outbound',
      prefix: '+',
      perCall: 0,
      perMinute: 0,
      perPage: 0,
      minimum: 0,
      increment: 60,
    };
    assert.deepEqual(rate, defaults);
  });
});
