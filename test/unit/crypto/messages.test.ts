import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, u32, utf8 } from '../../../crypto/bytes.ts';
import type { RequestHead } from '../../../crypto/index.ts';
import {
  type MessageSession,
  newKey,
  openRequest,
  openResponse,
  randomBytes,
  readRequestHeader,
  type SealErrorCode,
  sealRequest,
  sealResponse,
  textBody,
} from '../../../crypto/index.ts';
import { encodeHeader, MESSAGE_HEADER_SIZE } from '../../../crypto/messages/header.ts';
import { messageSecrets, NO_REQUEST_SALT } from '../../../crypto/messages/message-secrets.ts';
import { RECORD_SIZE, SEALED_RECORD_SIZE, sealRecords } from '../../../crypto/stream/records.ts';
import { chunked, collect, flipBit, pattern, rejectsWith } from './material.ts';

const newSession = (): MessageSession => ({ sid: randomBytes(16), c2s: randomBytes(64), s2c: randomBytes(64) });
const session = newSession();
const head: RequestHead = { m: 'POST', p: '/v1/faxes?to=%2B4930', h: { 'content-type': 'application/pdf' } };
const ANY: readonly SealErrorCode[] = ['header', 'direction', 'binding', 'commit', 'record', 'truncated', 'head'];

async function receive(bytes: Uint8Array, by = session, step = 60_000) {
  const opened = await openRequest(by, await readRequestHeader(chunked(bytes, step)));
  return { head: opened.head, seq: opened.seq, salt: opened.salt, body: await collect(opened.body) };
}

const request = async (body: Uint8Array, seq = 0, by = session) => {
  const sealed = sealRequest(by, seq, head, [body]);
  return { ...sealed, octets: await collect(sealed.bytes) };
};

const answer = async (bytes: Uint8Array, to: { seq: number; salt: Uint8Array }, by = session) => {
  const opened = await openResponse(by, to, [bytes]);
  return { head: opened.head, body: await collect(opened.body) };
};

describe('sealed request', () => {
  for (const size of [0, 1, 1_000, RECORD_SIZE - 100, RECORD_SIZE, 3 * RECORD_SIZE]) {
    test(`with a body of ${size} octets comes back whatever the chunks`, async () => {
      const { octets, salt } = await request(pattern(size), 9);
      for (const step of [1, 95, 96, 97, 50_000, 1 << 20].filter((step) => step > 90 || size < 2_000)) {
        assert.deepEqual(await receive(octets, session, step), { head, seq: 9, salt, body: pattern(size) });
      }
    });
  }

  test('hides method, path, fields and body, and shows session and number', async () => {
    const { octets } = await request(utf8('page'), 3);
    const text = Buffer.from(octets);
    for (const secret of ['POST', '/v1/faxes', 'content-type', 'page']) assert.equal(text.indexOf(secret), -1);
    const { header } = await readRequestHeader([octets]);
    assert.deepEqual([header.sid, header.seq, header.type], [session.sid, 3, 'request']);
  });

  test('is sealed under a fresh key each time, also for one number', async () => {
    const [a, b] = await Promise.all([request(pattern(10)), request(pattern(10))]);
    assert.notDeepEqual(a.octets.subarray(32), b.octets.subarray(32));
  });

  test('of the 128-bit suite is not that of the 256-bit suite', async () => {
    const small = { ...session, suite: 'P521-HKDF512-A128GCM' } as const;
    const { octets } = await request(pattern(10), 0, small);
    assert.deepEqual((await receive(octets, small)).body, pattern(10));
    await rejectsWith('record', receive(octets));
  });

  test('lends its body in chunks that are zeroed after use, also when it is given up', async () => {
    const { octets } = await request(pattern(100_000).map((octet) => octet | 1));
    const whole = await openRequest(session, await readRequestHeader([octets]));
    const lent: Uint8Array[] = [];
    for await (const chunk of whole.body) lent.push(chunk);
    assert.ok(lent.length === 2 && lent.every((chunk) => chunk.every((octet) => octet === 0)));
    let closed = false;
    async function* source() {
      try {
        yield octets;
      } finally {
        closed = true;
      }
    }
    const givenUp = await openRequest(session, await readRequestHeader(source()));
    await givenUp.body.return(undefined);
    assert.ok(closed, 'closing a body that was never read closes its source');
  });

  test('closes its source when it is refused', async () => {
    for (const [at, code] of [
      [0, 'header'],
      [70, 'commit'],
      [100, 'record'],
    ] as const) {
      const { octets } = await request(pattern(10));
      let closed = false;
      async function* source() {
        try {
          yield flipBit(octets, at * 8);
        } finally {
          closed = true;
        }
      }
      await rejectsWith(
        code,
        readRequestHeader(source()).then((incoming) => openRequest(session, incoming)),
      );
      assert.ok(closed, code);
    }
  });

  test('with a head that the other side would refuse is not sealed', async () => {
    const heads = [
      { ...head, m: 'post' },
      { ...head, m: '' },
      { ...head, p: 'v1' },
      { ...head, p: '/a b' },
      { ...head, p: '/a\r\nx' },
      { ...head, h: { 'X-Upper': '1' } },
      { ...head, h: { a: 'b\r\nc' } },
      { ...head, h: { a: '\u0000' } },
      { ...head, h: Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`h${at}`, ''])) },
      { ...head, p: `/${'a'.repeat(17_000)}` },
    ];
    for (const wrong of heads) await rejectsWith('usage', collect(sealRequest(session, 0, wrong).bytes));
    for (const s of [99, 600, 200.5]) {
      await rejectsWith('usage', collect(sealResponse(session, 0, pattern(32), { s, h: {} })));
    }
    for (const seq of [-1, 2 ** 20, 0.5]) await rejectsWith('usage', collect(sealRequest(session, seq, head).bytes));
  });
});

describe('sealed response', () => {
  test('answers its request', async () => {
    const sent = await request(pattern(10), 4);
    const response = await collect(sealResponse(session, 4, sent.salt, { s: 202, h: { a: 'b' } }, textBody('{}')));
    assert.deepEqual(await answer(response, sent), { head: { s: 202, h: { a: 'b' } }, body: utf8('{}') });
  });

  test('does not answer another request, number or session', async () => {
    const [a, b, c] = [await request(pattern(1), 4), await request(pattern(1), 4), await request(pattern(1), 5)];
    const response = await collect(sealResponse(session, 4, a.salt, { s: 200, h: {} }));
    await rejectsWith('commit', answer(response, b));
    await rejectsWith('binding', answer(response, c));
    await rejectsWith('binding', answer(response, a, newSession()));
    await rejectsWith('commit', answer(response, a, { ...session, s2c: newKey() }));
  });

  test('and request are not taken for one another', async () => {
    const sent = await request(pattern(10));
    const response = await collect(sealResponse(session, 0, sent.salt, { s: 200, h: {} }));
    await rejectsWith('direction', answer(sent.octets, sent));
    await rejectsWith('direction', receive(response));
    const reflected = sent.octets.slice();
    reflected[4] = 2;
    await rejectsWith('commit', answer(reflected, sent));
  });
});

describe('a sealed message does not open', () => {
  test('with any bit of it turned over', async () => {
    const { octets, salt } = await request(utf8('body'), 1);
    for (let bit = 0; bit < octets.length * 8; bit++) await rejectsWith(ANY, receive(flipBit(octets, bit)));
    const response = await collect(sealResponse(session, 1, salt, { s: 200, h: {} }, textBody('body')));
    for (let bit = 0; bit < response.length * 8; bit++) {
      await rejectsWith(ANY, answer(flipBit(response, bit), { seq: 1, salt }));
    }
    assert.equal((await receive(octets)).body.length, 4);
  });

  test('cut at any octet', async () => {
    const { octets } = await request(utf8('body'), 1);
    for (let length = 0; length < octets.length; length++) {
      await rejectsWith(['truncated', 'record'], receive(octets.subarray(0, length)));
    }
  });

  test('of three records with an octet of any record border changed, cut or doubled', async () => {
    const { octets } = await request(pattern(2 * RECORD_SIZE + 500));
    const borders = [0, 1, 2, 3].map((at) => Math.min(MESSAGE_HEADER_SIZE + at * SEALED_RECORD_SIZE, octets.length));
    for (const border of borders) {
      for (let at = border - 18; at < Math.min(border + 18, octets.length); at++) {
        await rejectsWith(ANY, receive(flipBit(octets, at * 8 + (at % 8))));
        await rejectsWith(ANY, receive(octets.subarray(0, at)));
        await rejectsWith(ANY, receive(concat(octets.subarray(0, at), octets.subarray(at - 1))));
      }
    }
    assert.equal((await receive(octets)).body.length, 2 * RECORD_SIZE + 500);
  });

  test('with records cut, swapped, repeated or appended', async () => {
    const { octets } = await request(pattern(2 * RECORD_SIZE + 500));
    const header = octets.subarray(0, MESSAGE_HEADER_SIZE);
    const [a, b, c] = [...chunked(octets.subarray(MESSAGE_HEADER_SIZE), SEALED_RECORD_SIZE)];
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    for (const records of [[a], [a, b], [b, a, c], [a, c], [a, c, b], [a, a, b, c], [a, b, c, c], [b, c], [c]]) {
      await rejectsWith(ANY, receive(concat(header, ...records)));
    }
  });

  test('of a session with one other key or id', async () => {
    const { octets } = await request(pattern(10));
    await rejectsWith('commit', receive(octets, { ...session, c2s: randomBytes(64) }));
    await rejectsWith('binding', receive(octets, { ...session, sid: randomBytes(16) }));
    await rejectsWith('commit', receive(octets, { ...session, c2s: session.s2c }));
  });

  test('and each of these failures is one and the same to a peer', async () => {
    const { octets } = await request(utf8('body'), 1);
    const told = new Set<string>();
    for (const at of [0, 4, 9, 30, 40, 70, 100, octets.length - 1]) {
      told.add((await rejectsWith(ANY, receive(flipBit(octets, at * 8)))).peer);
    }
    told.add((await rejectsWith(ANY, receive(octets.subarray(0, 50)))).peer);
    assert.deepEqual([...told], ['sealed_message_rejected']);
  });
});

describe('a head from a peer that holds the keys but is hostile', () => {
  /** Seals any octets as a request's plaintext. */
  async function sealedPlaintext(plaintext: Uint8Array): Promise<Uint8Array> {
    const place = { type: 'request', seq: 0, salt: randomBytes(32), rsalt: NO_REQUEST_SALT } as const;
    const secrets = await messageSecrets(session, place);
    const header = encodeHeader({ ...place, sid: session.sid, commit: secrets.commit });
    return concat(header, await collect(sealRecords(secrets, header, [plaintext])));
  }
  const json = (value: unknown) => {
    const octets = utf8(typeof value === 'string' ? value : JSON.stringify(value));
    return concat(u32(octets.length), octets);
  };
  const cases: [string, Uint8Array][] = [
    ['that is missing', new Uint8Array(0)],
    ['whose length is cut', new Uint8Array(3)],
    ['that is longer than the message', concat(u32(100), utf8('{}'))],
    ['longer than 16 KiB', json({ ...head, pad: 'x'.repeat(16_384) })],
    ['of 4 GiB', concat(u32(0xffffffff), new Uint8Array(1_000))],
    ['that is not JSON', json('{"m":')],
    ['that is a list', json([])],
    ['that is not UTF-8', concat(u32(2), Uint8Array.of(0xc3, 0x28))],
    ['without a method', json({ ...head, m: undefined })],
    ['with a line break in the path', json({ ...head, p: '/a\nb' })],
    ['with fields that are a list', json({ ...head, h: [] })],
    ['with a field that is no text', json({ ...head, h: { a: 1 } })],
    ['with a line break in a field', json({ ...head, h: { a: 'b\r\nset-cookie: x' } })],
    ['with a field name in upper case', json({ ...head, h: { Host: 'x' } })],
    ['that is a response head', json({ s: 200, h: {} })],
  ];
  for (const [what, plaintext] of cases) {
    test(`${what} is refused`, async () => {
      await rejectsWith('head', receive(await sealedPlaintext(plaintext)));
    });
  }

  test('with members we do not know loses them and keeps the rest', async () => {
    const opened = await receive(await sealedPlaintext(concat(json({ ...head, x: 1 }), utf8('body'))));
    assert.deepEqual([opened.head, opened.body], [head, utf8('body')]);
  });

  test('with a field named __proto__ changes no prototype', async () => {
    const opened = await receive(await sealedPlaintext(json('{"m":"GET","p":"/","h":{"__proto__":"x"}}')));
    assert.deepEqual(Object.keys(opened.head.h), ['__proto__']);
    assert.equal(Object.getPrototypeOf(opened.head.h), Object.prototype);
  });
});

describe('header', () => {
  test('numbers beyond 2^20 and reserved octets are refused before any key is used', async () => {
    const { octets } = await request(pattern(1));
    for (const at of [0, 3, 5, 6, 7, 24, 27, 28, 29])
      await rejectsWith('header', readRequestHeader([flipBit(octets, at * 8 + 7)]));
    await rejectsWith('truncated', readRequestHeader([octets.subarray(0, 95)]));
    await rejectsWith('truncated', readRequestHeader([]));
  });

  test('a salt of another length would move every later field, so none is written', async () => {
    await rejectsWith('usage', collect(sealRequest(session, 0, head, [], {}, () => new Uint8Array(31)).bytes));
    await rejectsWith('usage', collect(sealResponse(session, 0, new Uint8Array(33), { s: 200, h: {} })));
  });
});
