import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  authorization,
  download,
  FAX_RESULTS,
  readArrival,
  readImage,
  readStatus,
  submit,
} from '../../../carrier-adapters/etherfax/wire.ts';
import { parseE164 } from '../../../gateway/fax/number.ts';

const answer = (value: unknown, status = 200) => ({
  ok: true as const,
  status,
  headers: {},
  body: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
});

const arrival = (change: object) =>
  readArrival(answer({ FaxResult: 0, JobId: 'j', CalledNumber: '5551230000', ...change }), '+1');

describe('etherFAX on the wire: credentials', () => {
  test('a token is a bearer token (RFC 6750 §2.1)', () => {
    assert.equal(authorization({ token: 'abc' }), 'Bearer abc');
  });

  test('an account is account/user:password in base64 (RFC 7617 §2)', () => {
    const value = authorization({ account: 'acme', user: 'fax', password: 'p:ß' });
    assert.equal(value, `Basic ${Buffer.from('acme/fax:p:ß').toString('base64')}`);
  });
});

describe('etherFAX on the wire: a fax to be sent', () => {
  const order = { to: parseE164('+15550100001'), from: null, csid: 'A"B\\'.repeat(10), tag: 'r', pages: 1 };

  test('the body is JSON whatever is in the fields, with the image in base64', () => {
    const [request, image] = submit(order, Uint8Array.of(1, 2, 3, 251, 255));
    assert.ok(request.body?.type === 'octets');
    const value: unknown = JSON.parse(Buffer.concat(request.body.pieces).toString());
    const base64 = Buffer.from([1, 2, 3, 251, 255]).toString('base64');
    assert.deepEqual(value, {
      DialNumber: '+15550100001',
      LocalId: 'A"B\\'.repeat(5),
      Tag: 'r',
      TotalPages: 1,
      FaxImage: base64,
    });
    assert.equal(Buffer.from(image).toString(), base64);
  });

  test('the octets that are handed back are those that are sent, so that wiping them wipes the request', () => {
    const [request, image] = submit(order, Uint8Array.of(1, 2, 3));
    assert.ok(request.body?.type === 'octets' && request.body.pieces.includes(image));
  });
});

describe('etherFAX on the wire: a status', () => {
  for (const [name, code] of Object.entries(FAX_RESULTS)) {
    test(`${code}, "${code}" and "${name}" are ${name}`, () => {
      for (const FaxResult of [code, String(code), name]) {
        assert.deepEqual(readStatus(answer({ FaxResult }))?.result, { known: name });
      }
    });
  }

  test('a result that is not known is kept raw, by number or by name', () => {
    assert.deepEqual(readStatus(answer({ FaxResult: 4711 }))?.result, { raw: '4711' });
    assert.deepEqual(readStatus(answer({ FaxResult: 'LineOnFire' }))?.result, { raw: 'LineOnFire' });
    assert.deepEqual(readStatus(answer({ FaxResult: 'constructor' }))?.result, { raw: 'constructor' });
  });

  for (const FaxResult of [undefined, null, -1, 1.5, {}, [], true, '', '+49 30 1234567', 'x'.repeat(41), 123_456]) {
    test(`${JSON.stringify(FaxResult)} is no result`, () => {
      assert.equal(readStatus(answer({ FaxResult })), undefined);
    });
  }

  test('fields that only add to it do not spoil it', () => {
    const wrong = { JobId: { a: 1 }, PagesDelivered: 'many', ConnectTime: -1, ConnectSpeed: [], RemoteId: 7 };
    assert.deepEqual(readStatus(answer({ FaxResult: 0, ...wrong, New: {} })), {
      result: { known: 'Success' },
      jobId: null,
      pagesDelivered: null,
      connectTime: null,
      connectSpeed: null,
      remoteId: null,
    });
  });

  test('a job id that would change a query or a log is none', () => {
    for (const JobId of ['a&b=c', 'a b', 'ä', '', 'x'.repeat(65), '../x']) {
      assert.equal(readStatus(answer({ FaxResult: 2, JobId }))?.jobId, null);
    }
  });

  test('the far machine’s id has at most 20 printable characters', () => {
    const RemoteId = ` \u001b[31m${'é'}ABC${'x'.repeat(30)}`;
    assert.equal(readStatus(answer({ FaxResult: 0, RemoteId }))?.remoteId, `[31mABC${'x'.repeat(13)}`);
    assert.equal(readStatus(answer({ FaxResult: 0, RemoteId: '   ' }))?.remoteId, null);
  });

  test('what is no JSON is no status', () => {
    for (const text of ['', '<html>', '{', 'null', '[]', '2']) assert.equal(readStatus(answer(text)), undefined);
  });
});

describe('etherFAX on the wire: the inbox', () => {
  test('an empty inbox may say so in several ways', () => {
    assert.equal(readArrival(answer('', 204), '+1'), 'none');
    assert.equal(readArrival(answer('gone', 404), '+1'), 'none');
    assert.equal(readArrival(answer('null'), '+1'), 'none');
    assert.equal(readArrival(answer({ FaxResult: 103 }), '+1'), 'none');
  });

  test('anything else is not an empty inbox', () => {
    assert.equal(readArrival(answer({ FaxResult: 0 }), '+1'), undefined);
    assert.equal(readArrival(answer({ FaxResult: 103 }, 500), '+1'), undefined);
    assert.equal(readArrival(answer('<html>'), '+1'), undefined);
    assert.equal(readArrival(answer({ FaxResult: 0, JobId: 'a/b' }), '+1'), undefined);
  });

  for (const [written, number] of [
    ['5551230000', '+15551230000'],
    ['15551230000', '+15551230000'],
    ['+15551230000', '+15551230000'],
    ['(555) 123-0000', '+15551230000'],
    ['+493012345678', '+493012345678'],
    ['00493012345678', '+493012345678'],
    ['front desk', null],
    ['123', null],
    ['', null],
    ['1'.repeat(101), null],
  ] as const) {
    test(`"${written.slice(0, 20)}" is ${number ?? 'no number'}`, () => {
      const read = arrival({ CalledNumber: written, CallingNumber: written });
      assert.ok(typeof read === 'object');
      assert.deepEqual([read.to, read.from], [number, number]);
    });
  }

  test('a file is base64 as a whole, or none', () => {
    const image = readImage(answer({ FaxImage: 'SUkqAA==' }));
    assert.deepEqual([...(image ?? [])], [0x49, 0x49, 42, 0]);
    for (const FaxImage of [null, '', 'SUkqAA', 'SUk*AA==', '<a/>', 7, 'SUkqSUkq\u0000aaa']) {
      assert.equal(readImage(answer({ FaxImage })), undefined);
    }
    assert.equal(readImage(answer({ FaxImage: 'SUkqAA==' }, 500)), undefined);
  });

  test('an answer may be as long as the longest file in base64', () => {
    const limit = download('j', 1_000_000).limit ?? 0;
    assert.ok(limit >= 1_333_336 && limit < 1_500_000);
  });
});
