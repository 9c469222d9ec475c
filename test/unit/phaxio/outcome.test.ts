import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failed, MEANING_OF_CONVERSION, MEANING_OF_ERROR, refused } from '../../../carrier-adapters/phaxio/outcome.ts';
import { inDoubt } from '../../../gateway/fax/call-result.ts';

/** Numbers on Phaxio's page of error messages, and those that its successor's SDK names besides. */
const CONVERSION = [4, 54, 55, 57, 69, 122, 128, 129, 130, 133];
const LINE = [11, 15, 16, 17, 19, 30, 32, 34, 43, 49, 50, 52, 73, 87, 88, 100, 110, 112, 115, 121];
const FAX = [
  6, 7, 8, 10, 12, 13, 14, 18, 20, 21, 22, 25, 26, 28, 29, 31, 38, 40, 41, 44, 46, 48, 53, 60, 63, 68, 75, 76, 77, 79,
  80, 82, 84, 113, 117, 119, 131, 132, 133,
];
const sorted = (numbers: readonly (number | string)[]) => numbers.map(Number).sort((one, other) => one - other);

describe('what Phaxio says of a fax that failed', () => {
  test('every error that it documents has a cause, and no other has one', () => {
    assert.deepEqual(sorted(Object.keys(MEANING_OF_CONVERSION)), sorted(CONVERSION));
    assert.deepEqual(sorted(Object.keys(MEANING_OF_ERROR)), sorted([...LINE, ...FAX]));
  });

  for (const [type, id, cause, doubt] of [
    ['lineError', 17, 'busy', false],
    ['lineError', 30, 'no_answer', false],
    ['faxError', 132, 'no_fax', false],
    ['faxError', 133, 'number_refused', false],
    ['documentConversionError', 133, 'document_rejected', false],
    ['faxError', 8, 'line_lost', true],
    ['faxError', 21, 'uncertain', true],
    ['generalError', 46, 'carrier_refused', false],
    ['generalError', 75, 'canceled', false],
  ] as const) {
    test(`${type} ${id} is ${cause}, ${doubt ? 'and pages may be on paper' : 'and leaves no doubt'}`, () => {
      const result = failed({ type, id, retries: 0 });
      assert.deepEqual([result.cause, inDoubt(result)], [cause, doubt]);
      assert.equal(result.detail, `Phaxio: ${type} ${id}`);
    });
  }

  for (const [type, id] of [
    ['faxError', 999],
    ['lineError', null],
    [null, null],
    ['+15551234567 said no', 5],
    ['documentConversionError', 17],
  ] as const) {
    test(`${type} ${id} is not known: nobody may say that nothing is on paper`, () => {
      const result = failed({ type, id, retries: 0 });
      assert.equal(result.cause, 'uncertain');
      assert.ok(inDoubt(result));
      assert.match(result.detail, /not known/);
      assert.doesNotMatch(result.detail, /\+1555/);
    });
  }

  test('a fax that Phaxio called for again by itself is in doubt, whatever the last call came to', () => {
    for (const id of [17, 38]) assert.ok(inDoubt(failed({ type: 'lineError', id, retries: 1 })));
    assert.ok(!inDoubt(failed({ type: 'documentConversionError', id: 4, retries: 1 })));
  });
});

describe('an order that Phaxio refuses', () => {
  for (const [status, cause] of [
    [200, 'carrier_refused'],
    [401, 'carrier_refused'],
    [422, 'carrier_refused'],
    [408, 'carrier_unavailable'],
    [429, 'carrier_unavailable'],
  ] as const) {
    test(`with ${status} ends the call as ${cause}`, () => {
      assert.deepEqual([refused(status).cause, inDoubt(refused(status))], [cause, false]);
    });
  }
});
