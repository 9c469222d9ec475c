import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { endOf, failed, MEANINGS, refused } from '../../../carrier-adapters/sinch/outcome.ts';
import { inDoubt } from '../../../gateway/fax/call-result.ts';

const FACTS = '../shared/CARRIERS.md';

function facts(): string | undefined {
  try {
    return readFileSync(FACTS, 'utf8');
  } catch {
    return undefined;
  }
}

describe('what Sinch says of a fax that failed', () => {
  test('every type and code that it documents has a cause', (context) => {
    const text = facts();
    if (text === undefined) return context.skip('the facts on carriers are not here');
    const [, types = ''] = /errorType ([A-Z_, ]+) \+ errorCode/.exec(text) ?? [];
    assert.deepEqual(Object.keys(MEANINGS).sort(), types.split(', ').sort());
    const codes = (name: string) => new RegExp(`${name} ([0-9(),a-z]+)`).exec(text)?.[1]?.match(/[0-9]+/g) ?? [];
    assert.deepEqual(Object.keys(MEANINGS.CALL_ERROR ?? {}), codes('errorCode: call'));
    assert.deepEqual(Object.keys(MEANINGS.DOCUMENT_CONVERSION_ERROR ?? {}), codes('conversion'));
  });

  for (const [errorType, errorCode] of [
    ['FAX_ERROR', 9_999],
    ['CALL_ERROR', null],
    ['ERROR_OF_2031', 17],
    ['constructor', 1],
    ['__proto__', 1],
    ['+15551234567 said no', 1],
    [null, null],
    ['FATAL_ERROR', undefined],
    ['LINE_ERROR', 5],
  ] as const) {
    test(`${errorType} ${errorCode} is not known: nobody may say that nothing is on paper`, () => {
      const result = failed({ errorType, errorCode });
      assert.equal(result.cause, 'uncertain');
      assert.ok(inDoubt(result));
      assert.doesNotMatch(result.detail, /\+1555/);
    });
  }

  test('a document that could not be converted was never sent, whatever was wrong with it', () => {
    const result = failed({ errorType: 'DOCUMENT_CONVERSION_ERROR', errorCode: 777 });
    assert.deepEqual([result.cause, inDoubt(result)], ['document_rejected', false]);
    assert.equal(result.detail, 'Sinch: DOCUMENT_CONVERSION_ERROR 777');
  });

  test('one number means two things in two types', () => {
    assert.equal(failed({ errorType: 'FAX_ERROR', errorCode: 133 }).cause, 'number_refused');
    assert.equal(failed({ errorType: 'DOCUMENT_CONVERSION_ERROR', errorCode: 133 }).cause, 'document_rejected');
  });

  test('a type without codes of its own takes those of calls and faxes', () => {
    assert.equal(failed({ errorType: 'LINE_ERROR', errorCode: 17 }).cause, 'busy');
    assert.equal(failed({ errorType: 'GENERAL_ERROR', errorCode: 46 }).cause, 'carrier_refused');
  });

  test('a far machine that left after a whole page leaves that page in doubt', () => {
    for (const errorCode of [21, 53]) assert.ok(inDoubt(failed({ errorType: 'FAX_ERROR', errorCode })));
  });
});

describe('the end of a fax', () => {
  for (const status of ['QUEUED', 'IN_PROGRESS', 'DREAMING', null, undefined]) {
    test(`is not ${status}`, () => assert.equal(endOf({ id: 'X', status }, 2), undefined));
  }
});

describe('a request that Sinch refuses', () => {
  for (const [status, fields, cause] of [
    [401, [], 'carrier_refused'],
    [402, [], 'carrier_refused'],
    [422, ['to'], 'number_invalid'],
    [422, ['files', 'a b'], 'carrier_refused'],
    [408, [], 'carrier_unavailable'],
    [429, [], 'carrier_unavailable'],
  ] as const) {
    test(`with ${status} for ${fields.join(', ') || 'nothing in particular'} ends the call as ${cause}`, () => {
      const { cause: found, detail } = refused('the order', status, fields);
      assert.equal(found, cause);
      assert.equal(detail.includes('unreadable'), (fields as readonly string[]).includes('a b'));
    });
  }
});
