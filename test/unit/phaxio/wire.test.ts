import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HttpClient, HttpResult } from '../../../carrier-adapters/http/index.ts';
import { phaxioConfigSchema } from '../../../carrier-adapters/phaxio/config.ts';
import { PhaxioApi, readEvent, readFailure, readTags } from '../../../carrier-adapters/phaxio/wire.ts';

function answering(status: number, json: unknown): PhaxioApi {
  const body = new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
  const result: HttpResult = { ok: true, status, headers: {}, body };
  return new PhaxioApi({ exchange: async () => result } satisfies HttpClient);
}

describe('an answer of Phaxio', () => {
  const fax = { id: 7, status: 'success', tags: {}, barcodes: [], new_field: { a: 1 } };

  test('may hold fields that are not known; ids are text here', async () => {
    const told = await answering(200, { success: true, message: 'm', data: fax }).fax('7');
    assert.ok(told.is === 'value');
    assert.deepEqual([told.value.id, told.value.status], ['7', 'success']);
  });

  for (const [status, json, is] of [
    [200, { success: false, message: 'no' }, 'refused'],
    [422, { success: false, message: 'no' }, 'refused'],
    [429, '', 'refused'],
    [404, { success: false, message: 'no' }, 'absent'],
    [500, { success: false, message: 'no' }, 'unknown'],
    [200, '<html>', 'unknown'],
    [200, { success: true, data: { id: '' } }, 'unknown'],
    [200, { success: true, data: { id: -1 } }, 'unknown'],
    [301, '', 'unknown'],
  ] as const) {
    test(`${status} ${JSON.stringify(json)} is ${is}`, async () => {
      assert.equal((await answering(status, json).fax('7')).is, is);
    });
  }

  test('that is a file is one whatever it holds, but for a JSON that says no', async () => {
    assert.equal((await answering(200, '%PDF').file('7')).is, 'value');
    assert.equal((await answering(200, { success: false, message: 'gone' }).file('7')).is, 'refused');
  });

  test('ends a list when a page is not full', async () => {
    const page = { success: true, data: [fax], paging: { total: 2, per_page: 1, page: 1 } };
    const told = await answering(200, page).list('received', '', 1);
    assert.ok(told.is === 'value' && !told.value.last);
    const short = await answering(200, { ...page, paging: { per_page: 2 } }).list('received', '', 1);
    assert.ok(short.is === 'value' && short.value.last);
  });
});

describe('tags of a fax', () => {
  test('bring reference and pages back', () => {
    assert.deepEqual(readTags({ tags: { sealfax: 'abc', sealfax_pages: '3', more: 'x' } }), {
      reference: 'abc',
      pages: 3,
    });
  });

  for (const tags of [
    null,
    undefined,
    {},
    { sealfax: 'a' },
    { sealfax: 5, sealfax_pages: '1' },
    { sealfax: 'a', sealfax_pages: '-1' },
  ]) {
    test(`${JSON.stringify(tags)} are somebody else’s`, () => assert.equal(readTags({ tags }), undefined));
  }
});

test('why a fax failed stands at the fax, or at its receiver', () => {
  const recipients = [{ error_type: 'lineError', error_id: 17, retry_count: 2 }];
  assert.deepEqual(readFailure({ id: '1', recipients }), { type: 'lineError', id: 17, retries: 2 });
  assert.deepEqual(readFailure({ id: '1', error_type: 'faxError', error_id: 8, recipients }), {
    type: 'faxError',
    id: 8,
    retries: 2,
  });
});

describe('a callback’s fields', () => {
  const read = (fields: Record<string, string>) =>
    readEvent(new Map(Object.entries(fields).map(([name, value]) => [name, new TextEncoder().encode(value)])));

  test('name the event and the fax', () => {
    const told = read({ event_type: 'fax_completed', fax: '{"id":9,"direction":"received"}' });
    assert.deepEqual([told?.event, told?.fax.id], ['fax_completed', '9']);
  });

  for (const fax of ['', 'null', '[]', '{}', '{"id":"a b"}', '{"id":9,']) {
    test(`${fax} is no fax`, () => assert.equal(read({ fax }), undefined));
  }
});

describe('the settings of an account', () => {
  const least = { kind: 'phaxio', key: 'KEY', secret: 'SECRET' };

  test('need a key and a secret', () => {
    const config = phaxioConfigSchema.parse(least);
    assert.deepEqual(
      [config.name, config.longest, config.baseUrl.href],
      ['phaxio', 3_600, 'https://api.phaxio.com/v2.1'],
    );
  });

  for (const wrong of [
    { key: '' },
    { secret: 'a b' },
    { webhookUrl: 'http://fax.example/' },
    { from: '12345' },
    { longest: 7_200 },
    { baseUrl: 'http://api.phaxio.com' },
    { unknown: 1 },
  ]) {
    test(`${JSON.stringify(wrong)} is refused`, () => {
      assert.equal(phaxioConfigSchema.safeParse({ ...least, ...wrong }).success, false);
    });
  }
});
