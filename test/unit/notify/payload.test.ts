import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LedgerEvent } from '../../../gateway/fax/event.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import { deliveryBody } from '../../../gateway/notify/payload.ts';

const id = (prefix: string) => `${prefix}_01hzzzzzzzzzzzzzzzzzzzzzzz`;
const event: LedgerEvent = {
  id: newId('evt', id),
  account: newId('acc', id),
  seq: 7,
  type: 'fax.delivered',
  fax: newId('fax', id),
  at: Date.UTC(2026, 0, 15, 12),
  data: {},
};
const bodyOf = (data: LedgerEvent['data']) =>
  JSON.parse(new TextDecoder().decode(deliveryBody({ ...event, data }))) as { data: Record<string, unknown> };

describe('the body of a delivery', () => {
  test('is {type, timestamp, data} with the ids of the entry', () => {
    assert.deepEqual(bodyOf({ pages: 3, cause: 'ok' }), {
      type: 'fax.delivered',
      timestamp: '2026-01-15T12:00:00.000Z',
      data: { pages: 3, cause: 'ok', event: event.id, account: event.account, seq: 7, fax: event.fax },
    });
  });

  test('lists of plain values stay', () => {
    assert.deepEqual(bodyOf({ pages: [1, 2] }).data.pages, [1, 2]);
  });

  const kept: readonly unknown[] = ['2026-01-15T12:00:00.000Z', 'fax_01hz', 12, true, null];
  for (const value of kept) {
    test(`${JSON.stringify(value)} stays`, () => assert.deepEqual(bodyOf({ value }).data.value, value));
  }
  const dropped: readonly unknown[] = [
    '+49301234567',
    '49301234567',
    'Dr. Who',
    'a@b.example',
    'x'.repeat(129),
    { a: 1 },
    ['+49301234567'],
  ];
  for (const value of dropped) {
    test(`${JSON.stringify(value).slice(0, 40)} is left out`, () =>
      assert.equal('value' in bodyOf({ value }).data, false));
  }

  test('data cannot replace the ids', () => {
    assert.equal(bodyOf({ fax: 'fax_other', seq: 1 }).data.fax, event.fax);
  });
});
