import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import {
  AccountChange,
  CdrSummaryQuery,
  EventQuery,
  LeaseBody,
  ReplayBody,
  SubmitFax,
} from '../../../api/schemas/index.ts';
import { Paging, Whole, WholeText } from '../../../api/schemas/shape.ts';

/** What looks like a number to whoever converts without looking. */
const NONE: readonly unknown[] = [
  null,
  '',
  ' ',
  true,
  false,
  [],
  [5],
  {},
  ' 5',
  '5 ',
  '5.0',
  '5e0',
  '0x5',
  '+5',
  '٥',
  5.5,
];

describe('whole numbers', () => {
  test('of a JSON body are numbers: nothing else is made one', () => {
    for (const value of [...NONE, '5'])
      assert.equal(Whole(0, 9).safeParse(value).success, false, JSON.stringify(value));
    assert.equal(Whole(0, 9).parse(5), 5);
    for (const value of [-1, 10, Number.NaN, Number.POSITIVE_INFINITY])
      assert.ok(!Whole(0, 9).safeParse(value).success);
  });

  test('of a query or a form are decimal digits, or numbers already', () => {
    for (const value of NONE) assert.equal(WholeText(0, 9).safeParse(value).success, false, JSON.stringify(value));
    assert.deepEqual([WholeText(0, 9).parse('5'), WholeText(0, 9).parse(5), WholeText(-9, 9).parse('-5')], [5, 5, -5]);
    assert.ok(!WholeText(0, Number.MAX_SAFE_INTEGER).safeParse('9'.repeat(17)).success);
    assert.deepEqual(Paging.parse({}), { limit: 50 });
  });

  test('that are cleared by null are refused and not taken for 0', () => {
    for (const field of ['retries', 'inboundHold', 'channels', 'maxQueued']) {
      assert.equal(AccountChange.safeParse({ policy: { [field]: null } }).success, false, field);
    }
    assert.equal(AccountChange.parse({ policy: { cdrRetentionDays: null } }).policy?.cdrRetentionDays, null);
    assert.equal(LeaseBody.safeParse({ seconds: null }).success, false);
    assert.equal(ReplayBody.safeParse({ after: null }).success, false);
    assert.equal(SubmitFax.safeParse({ to: '+49301', retries: null }).success, false);
    assert.equal(SubmitFax.parse({ to: '+49301', retries: '3' }).retries, 3);
  });

  test('are integers with their limits in the API description', () => {
    const limits = { type: 'integer', minimum: 1, maximum: 5 };
    for (const shape of [Whole(1, 5), WholeText(1, 5)]) {
      const { $schema, ...described } = z.toJSONSchema(shape, { io: 'input' });
      assert.deepEqual(described, limits);
    }
    assert.equal(EventQuery.parse({ after: '12', wait: '25' }).after, 12);
    assert.equal(CdrSummaryQuery.parse({ top: '7' }).top, 7);
  });
});
