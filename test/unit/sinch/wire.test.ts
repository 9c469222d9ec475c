import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HttpClient, HttpRequest, HttpResult } from '../../../carrier-adapters/http/index.ts';
import { base64Octets } from '../../../carrier-adapters/http/index.ts';
import { addressesOf, sinchConfigSchema } from '../../../carrier-adapters/sinch/config.ts';
import { callbackUrl, isTimely, refusalOf } from '../../../carrier-adapters/sinch/webhook.ts';
import { readEvent, readLabels, readToken, SinchApi } from '../../../carrier-adapters/sinch/wire.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';
import { callbackTo } from '../../emulators/sinch/callbacks.ts';

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const answer = (status: number, value: unknown): HttpResult => ({ ok: true, status, headers: {}, body: encode(value) });

/** An API that always answers the same, and what it was asked. */
function answering(result: HttpResult) {
  const asked: HttpRequest[] = [];
  const http: HttpClient = {
    async exchange(request) {
      asked.push(request);
      return result;
    },
  };
  return { api: new SinchApi(http, 'project'), asked };
}

const ORDER = {
  to: parseE164('+15550100001'),
  from: null,
  serviceId: undefined,
  reference: 'a1b2',
  pages: 2,
  yDpi: 98,
  callbackUrl: undefined,
};

describe('an order', () => {
  test('is JSON whose file is never a string here', async () => {
    const { api, asked } = answering(answer(200, { id: '01X' }));
    const image = base64Octets(new Uint8Array([0x49, 0x49, 42, 0]));
    await api.send(ORDER, image);
    const body = asked[0]?.body;
    assert.ok(body?.type === 'octets' && body.pieces.includes(image));
    assert.deepEqual(JSON.parse(Buffer.concat(body.pieces).toString()), {
      to: '+15550100001',
      labels: { sealfax: 'a1b2', pages: '2' },
      maxRetries: 0,
      headerText: '',
      headerPageNumbers: false,
      imageConversionMethod: 'MONOCHROME',
      resolution: 'FINE',
      files: [{ fileType: 'TIF', file: 'SUkqAA==' }],
    });
  });

  for (const [what, value] of [
    ['a fax', { id: '01X', status: 'QUEUED', brandNew: [1] }],
    ['a list of one', [{ id: '01X' }]],
    ['faxes of which there is one', { faxes: [{ id: '01X' }] }],
  ] as const) {
    test(`is answered with ${what}`, async () => {
      const told = await answering(answer(201, value)).api.send(ORDER, new Uint8Array(0));
      assert.equal(told.is === 'value' && told.value.id, '01X');
    });
  }

  for (const value of [
    null,
    {},
    [],
    { id: '' },
    { id: '../x' },
    { id: 7 },
    [{ id: 'a' }, { id: 'b' }],
    { faxes: [] },
  ]) {
    test(`is not known to be taken when the answer is ${JSON.stringify(value)}`, async () => {
      const told = await answering(answer(200, value)).api.send(ORDER, new Uint8Array(0));
      assert.deepEqual(told, { is: 'unknown', sent: true, detail: 'HTTP 200' });
    });
  }

  for (const details of [
    { fieldViolations: [{ field: 'to', description: 'no number' }] },
    [{ fieldViolations: [{ field: 'to' }] }],
  ]) {
    test(`that is refused tells the field: ${JSON.stringify(details)}`, async () => {
      const told = await answering(answer(422, { code: '422', details })).api.send(ORDER, new Uint8Array(0));
      assert.deepEqual(told, { is: 'refused', status: 422, codes: ['to'] });
    });
  }

  for (const body of [null, 'no', { details: 7 }, { details: { fieldViolations: [{}] } }]) {
    test(`that is refused with ${JSON.stringify(body)} is refused all the same`, async () => {
      const told = await answering(answer(400, body)).api.send(ORDER, new Uint8Array(0));
      assert.deepEqual(told, { is: 'refused', status: 400, codes: [] });
    });
  }
});

describe('a fax as the carrier shows it', () => {
  const fax = async (value: object) => {
    const told = await answering(answer(200, { id: '01X', ...value })).api.fax('01X');
    return told.is === 'value' ? told.value : undefined;
  };

  test('may have fields that are not known, and known ones in another shape', async () => {
    assert.deepEqual(await fax({ errorCode: '17', hasFile: 'true', labels: 7, status: 3, price: {} }), {
      ...{ id: '01X', errorCode: 17, hasFile: true, labels: null, status: null },
    });
    assert.equal((await fax({ hasFile: 'perhaps' }))?.hasFile, null);
    assert.equal((await fax({ errorCode: -1 }))?.errorCode, null);
  });

  test('is one of ours by its labels', () => {
    assert.deepEqual(readLabels({ id: 'X', labels: { sealfax: 'abc', pages: '3' } }), { reference: 'abc', pages: 3 });
    for (const labels of [null, undefined, {}, { sealfax: 'abc' }, { sealfax: '', pages: '3' }, { pages: '3' }]) {
      assert.equal(readLabels({ id: 'X', labels }), undefined);
    }
    for (const pages of ['0', '-1', '1.5', 'x', '1e9']) {
      assert.equal(readLabels({ id: 'X', labels: { sealfax: 'a', pages } }), undefined);
    }
  });
});

describe('the end of a listing', () => {
  const list = async (value: object, page: number) => {
    const told = await answering(answer(200, value)).api.list('OUTBOUND', page);
    return told.is === 'value' ? told.value.last : undefined;
  };
  const one = { faxes: [{ id: 'X' }] };

  test('is where the carrier says, or where a page is not full', async () => {
    assert.deepEqual(
      [await list({ ...one, totalPages: 2 }, 1), await list({ ...one, totalPages: 2 }, 2), await list(one, 1)],
      [false, true, true],
    );
    assert.deepEqual([await list({ faxes: [], totalPages: 9 }, 1), await list({ faxes: null }, 1)], [true, true]);
    assert.equal(await list({ faxes: Array.from({ length: 500 }, () => ({ id: 'X' })) }, 1), false);
  });
});

describe('a token', () => {
  test('is what the carrier sold', () => {
    const body = encode({ access_token: 'a.b.c', expires_in: '3599', token_type: 'bearer' });
    assert.deepEqual(readToken({ body }), { text: 'a.b.c', seconds: 3_599 });
  });

  for (const value of [
    {},
    { access_token: '', expires_in: 1 },
    { access_token: 'a\r\nb', expires_in: 1 },
    { access_token: 'a' },
  ]) {
    test(`is not ${JSON.stringify(value)}`, () => assert.equal(readToken({ body: encode(value) }), undefined));
  }
});

describe('a callback', () => {
  const content = {
    event: 'INCOMING_FAX',
    eventTime: '2030-01-01T00:00:00.5Z',
    fax: { id: '01X' },
    file: new Uint8Array([1]),
  };

  for (const type of ['application/json', 'multipart/form-data']) {
    test(`of ${type} is read`, () => {
      const { headers, body } = callbackTo('https://x.example/', content, type);
      assert.deepEqual(readEvent(headers['content-type'], body), {
        event: 'INCOMING_FAX',
        at: Date.UTC(2030, 0, 1) + 500,
        id: '01X',
        file: new Uint8Array([1]),
      });
      const bare = callbackTo('https://x.example/', { ...content, file: undefined, eventTime: 'noon' }, type);
      const read = readEvent(bare.headers['content-type'], bare.body);
      assert.deepEqual([read?.at, read?.file], [null, null]);
    });
  }

  test('shows its file as a view of the form, so that it can be wiped', () => {
    const { headers, body } = callbackTo('https://x.example/', content, 'multipart/form-data');
    assert.equal(readEvent(headers['content-type'], body)?.file?.buffer, body.buffer);
  });

  test('goes to an address that holds what it has to show', () => {
    const config = { token: 'T'.repeat(22), user: 'sinch', password: 'P'.repeat(22), sources: [] };
    const url = callbackUrl('sinch-eu', config, new URL('https://fax.example/base/'));
    assert.equal(url, `https://sinch:${'P'.repeat(22)}@fax.example/base/carriers/sinch-eu/${'T'.repeat(22)}`);
    const { path, headers } = callbackTo(url, content, 'application/json');
    assert.equal(refusalOf({ method: 'POST', path: `${path}?x=1`, headers, source: '192.0.2.1' }, config), null);
    const shorter = { method: 'POST', path: path.slice(0, -1), headers, source: '192.0.2.1' };
    assert.equal(refusalOf(shorter, config), 'wrong_path');
    assert.equal(refusalOf({ ...shorter, path }, undefined), 'unexpected');
  });

  test('may be four days old, as the carrier repeats it, and no more', () => {
    const now = Date.UTC(2030, 0, 10);
    for (const [at, timely] of [
      [now - 73 * 3_600_000, true],
      [now - 4 * 86_400_000 - 1, false],
      [now + 300_000, true],
      [now + 300_001, false],
      [null, true],
    ] as const) {
      assert.equal(isTimely(at, now), timely, `${at}`);
    }
  });
});

describe('the settings of a project', () => {
  const least = { kind: 'sinch', projectId: 'p-1', keyId: 'key', secret: 'secret' };
  const callback = { token: 'T'.repeat(22), password: 'P'.repeat(22) };

  test('need a project and a key only', () => {
    const { baseUrl, authUrl, name, auth } = sinchConfigSchema.parse(least);
    assert.deepEqual(
      [baseUrl.href, authUrl.href, name, auth],
      ['https://fax.api.sinch.com/v3', 'https://auth.sinch.com/', 'sinch', 'oauth2'],
    );
    assert.equal(sinchConfigSchema.parse({ ...least, callback }).callback?.user, 'sinch');
  });

  for (const [name, value] of [
    ['projectId', 'a/b'],
    ['keyId', 'a:b'],
    ['secret', 'a\nb'],
    ['auth', 'none'],
    ['from', '030123'],
    ['callback', { ...callback, token: 'short' }],
    ['callback', { ...callback, password: 'guess' }],
    ['callback', { ...callback, user: 'a:b' }],
    ['callback', { ...callback, sources: ['198.51.100.0/33'] }],
    ['callback', { ...callback, sources: ['example.com'] }],
    ['callback', { ...callback, sources: ['1.2.3.4/8/8'] }],
    ['baseUrl', 'http://fax.api.sinch.com/v3'],
    ['poll', 0],
    ['unknown', 1],
  ] as const) {
    test(`refuse ${name}: ${JSON.stringify(value)}`, () => {
      assert.equal(sinchConfigSchema.safeParse({ ...least, [name]: value }).success, false);
    });
  }

  test('name addresses and networks of both families', () => {
    const list = addressesOf(['192.0.2.1', '198.51.100.0/24', '2001:db8::/32', '::1']);
    assert.ok(list.check('192.0.2.1') && list.check('198.51.100.255') && list.check('2001:db8::9', 'ipv6'));
    assert.ok(!list.check('192.0.2.2') && !list.check('2001:db9::', 'ipv6'));
  });
});
