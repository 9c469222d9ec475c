import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FaxError } from '../../../gateway/fax/errors.ts';
import { heardSubaddress, parseSubaddress } from '../../../gateway/fax/subaddress.ts';

describe('a subaddress', () => {
  test('is 1 to 20 digits, whatever spaces a person writes between them', () => {
    assert.equal(parseSubaddress(' 12 34 '), '1234');
    assert.equal(parseSubaddress('0'.repeat(20)), '0'.repeat(20));
  });

  for (const text of ['', ' ', '12a', '+12', '*1#', '1'.repeat(21), '٤٢', ' '.repeat(65)]) {
    test(`${JSON.stringify(text)} is none`, () => {
      assert.throws(
        () => parseSubaddress(text),
        (error) => error instanceof FaxError && error.code === 'number_invalid',
      );
      assert.equal(heardSubaddress(text), null);
    });
  }

  test('that a machine names is taken as it is', () => {
    assert.deepEqual(
      [heardSubaddress('0042'), heardSubaddress(null), heardSubaddress(undefined)],
      ['0042', null, null],
    );
  });
});
