import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StatementRequest } from '../../../crypto/index.ts';
import {
  base64url,
  createHandshakeServer,
  fromBase64url,
  generateSigningKey,
  issueStatement,
  type SealErrorCode,
  signJws,
  startHandshake,
  webCryptoCurve,
} from '../../../crypto/index.ts';
import { jwkOfPoint, pointOf } from '../../../crypto/public-key.ts';
import { flipBit, pattern, rejectsWith } from './material.ts';

const now = Date.UTC(2026, 2, 1);
const seconds = now / 1000;
const DAY = 86_400;
const host = 'fax.example.org';
const A256 = 'P521-HKDF512-A256GCM';
const A128 = 'P521-HKDF512-A128GCM';

const [root, handshakeKey, stranger] = await Promise.all([
  generateSigningKey(),
  generateSigningKey(),
  generateSigningKey(),
]);

const says: StatementRequest = {
  seq: 7,
  hosts: ['other.example.org', host],
  keys: [{ publicKey: handshakeKey.publicSpki }],
  suites: [A256],
  ttl: DAY,
};
const statement = await issueStatement(says, root, now);
const server = createHandshakeServer({ handshakeKey, statement, hosts: says.hosts });
const client = (change: object = {}) => startHandshake({ pins: [root.pin], aud: host, now, ...change });

describe('handshake', () => {
  test('both sides hold the same keys, and the session says how long it lives', async () => {
    const handshake = await client({ seq: 7 });
    const { response, session, expires } = await server.hello(handshake.request, now);
    const mine = await handshake.finish(JSON.stringify(response));
    assert.deepEqual(
      [mine.sid, mine.c2s, mine.s2c, mine.th, mine.suite],
      [session.sid, session.c2s, session.s2c, session.th, session.suite],
    );
    assert.deepEqual([mine.sid.length, mine.c2s.length, mine.s2c.length, mine.th.length], [16, 64, 64, 64]);
    assert.notDeepEqual(mine.c2s, mine.s2c);
    assert.deepEqual([mine.life, mine.idle, mine.statementSeq, expires], [3_600, 900, 7, now + 3_600_000]);
  });

  test('two exchanges have nothing in common', async () => {
    const one = await client();
    const [a, b] = await Promise.all([server.hello(one.request, now), server.hello(one.request, now)]);
    assert.notDeepEqual(a.session.sid, b.session.sid);
    assert.notDeepEqual(a.session.c2s, b.session.c2s);
  });

  test('a handshake is finished once', async () => {
    const handshake = await client();
    const { response } = await server.hello(handshake.request, now);
    await handshake.finish(JSON.stringify(response));
    await rejectsWith('usage', handshake.finish(JSON.stringify(response)));
  });

  test('the second suite is agreed only where server, statement and client all name it', async () => {
    const both = createHandshakeServer(
      {
        handshakeKey,
        statement: await issueStatement({ ...says, suites: [A256, A128] }, root, now),
        hosts: says.hosts,
      },
      { suites: [A128, A256] },
    );
    const handshake = await client({ suites: [A128, A256] });
    const { response } = await both.hello(handshake.request, now);
    assert.equal((await handshake.finish(JSON.stringify(response))).suite, A128);
    await rejectsWith('hello_no_suite', server.hello((await client({ suites: [A128] })).request, now));
    const loose = createHandshakeServer({ handshakeKey, statement, hosts: says.hosts }, { suites: [A128] });
    const other = await client({ suites: [A256, A128] });
    const answer = await loose.hello(other.request, now);
    await rejectsWith('hello_suite', other.finish(JSON.stringify(answer.response)));
  });

  test('too many at once are told so at once', async () => {
    const narrow = createHandshakeServer(
      { handshakeKey, statement, hosts: says.hosts },
      { limits: { concurrent: 1, waiting: 2 } },
    );
    const { request } = await client();
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => narrow.hello(request, now)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'rejected'],
    );
  });

  test('a renewed handshake key is used from the next hello on', async () => {
    let current = { handshakeKey, statement, hosts: says.hosts };
    const renewing = createHandshakeServer(() => current);
    current = {
      handshakeKey: stranger,
      statement: await issueStatement({ ...says, keys: [{ publicKey: stranger.publicJwk }] }, root, now),
      hosts: says.hosts,
    };
    const handshake = await client();
    await handshake.finish(JSON.stringify((await renewing.hello(handshake.request, now)).response));
  });

  test('a client without pins, or with a host that no statement can name, does not start', async () => {
    await rejectsWith('usage', client({ pins: [] }));
    await rejectsWith('usage', client({ pins: ['abc'] }));
    for (const aud of ['Fax.example.org', 'fax.example.org:443', '', 'a b', 'fax.example.org.', '-a', 'a-']) {
      await rejectsWith('usage', client({ aud }));
    }
  });

  test('statements that no client could accept are not issued', async () => {
    const wrong: Partial<StatementRequest>[] = [
      { hosts: [] },
      { hosts: ['A'] },
      { keys: [] },
      { suites: [] },
      { seq: -1 },
      { seq: 0.5 },
      { ttl: 0 },
      { ttl: 31 * DAY },
      { keys: [{ publicKey: root.publicSpki, nbf: 5, exp: 5 }] },
    ];
    for (const change of wrong) await rejectsWith('usage', issueStatement({ ...says, ...change }, root, now));
  });
});

describe('the server refuses a hello', () => {
  const good = async () => JSON.parse(new TextDecoder().decode((await client()).request));
  const point = pointOf(root.publicSpki);
  const encode = (octets: Uint8Array) => base64url(octets);
  const cases: [string, SealErrorCode, object][] = [
    ['of another version', 'hello_version', { v: 2 }],
    ['without a version', 'hello_version', { v: undefined }],
    ['with a version as text', 'hello_version', { v: '1' }],
    ['without suites', 'hello_malformed', { suites: [] }],
    ['with too many suites', 'hello_malformed', { suites: Array(9).fill(A256) }],
    ['with a suite that is no text', 'hello_malformed', { suites: [1] }],
    ['with unknown suites only', 'hello_no_suite', { suites: ['X'] }],
    ['for another host', 'hello_host', { aud: 'x.example.org' }],
    ['with a host in upper case', 'hello_malformed', { aud: host.toUpperCase() }],
    ['without a host', 'hello_malformed', { aud: undefined }],
    ['with a short nonce', 'hello_malformed', { n: encode(pattern(31)) }],
    ['with a padded nonce', 'hello_malformed', { n: `${encode(pattern(32))}=` }],
    [
      'with a compressed point',
      'hello_share',
      { epk: encode(Uint8Array.of(2 + ((point[132] ?? 0) & 1), ...point.subarray(1, 67))) },
    ],
    [
      'with a hybrid point',
      'hello_share',
      { epk: encode(Uint8Array.of(6 + ((point[132] ?? 0) & 1), ...point.subarray(1))) },
    ],
    ['with the point at infinity', 'hello_share', { epk: 'AA' }],
    ['with a zero point', 'hello_share', { epk: encode(Uint8Array.of(4, ...new Uint8Array(132))) }],
    ['with a point off the curve', 'hello_share', { epk: encode(flipBit(point, 132 * 8)) }],
    [
      'with a coordinate not below p',
      'hello_share',
      { epk: encode(Uint8Array.of(4, ...new Uint8Array(132).fill(0xff))) },
    ],
    ['with a trailing octet on the point', 'hello_share', { epk: encode(Uint8Array.of(...point, 0)) }],
    ['without a point', 'hello_share', { epk: null }],
  ];
  for (const [what, code, change] of cases) {
    test(what, async () => {
      const failure = await rejectsWith(
        code,
        server.hello(Buffer.from(JSON.stringify({ ...(await good()), ...change })), now),
      );
      assert.equal(failure.peer, 'hello_rejected');
    });
  }

  test('that is no JSON object in UTF-8, or larger than 2,048 octets', async () => {
    const padded = Buffer.from(JSON.stringify({ ...(await good()), pad: 'x'.repeat(2_048) }));
    for (const bytes of [Buffer.from('[]'), Buffer.from('{'), Buffer.from([0xff]), Buffer.alloc(0), padded]) {
      await rejectsWith('hello_malformed', server.hello(bytes, now));
    }
  });

  test('but ignores members of later versions, which the transcript covers', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...(await good()), later: 1 }));
    assert.equal((await server.hello(bytes, now)).session.sid.length, 16);
  });
});

/** A whole answer built by hand, so that each single thing can be wrong while every signature is right. */
interface Forgery {
  readonly stmt?: object;
  readonly stmtKey?: typeof root;
  readonly stmtTyp?: string;
  readonly embed?: boolean;
  readonly hello?: object;
  readonly helloKey?: typeof root;
  readonly helloTyp?: string;
  readonly change?: (answer: { hello: string; stmt: string; fin: string }) => object;
}

async function forge(forgery: Forgery, request: object = {}): Promise<Promise<unknown>> {
  const handshake = await client(request);
  const { response } = await server.hello(handshake.request, now);
  const payload = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
  const stmt =
    forgery.stmt === undefined &&
    forgery.stmtKey === undefined &&
    forgery.stmtTyp === undefined &&
    forgery.embed === undefined
      ? response.stmt
      : await signJws(
          { ...payload(response.stmt), ...forgery.stmt },
          forgery.stmtKey ?? root,
          forgery.stmtTyp ?? 'sfx-stmt+jws',
          forgery.embed === false ? {} : { jwk: (forgery.stmtKey ?? root).publicJwk },
        );
  const hello = await signJws(
    { ...payload(response.hello), ...forgery.hello },
    forgery.helloKey ?? handshakeKey,
    forgery.helloTyp ?? 'sfx-hello+jws',
  );
  const answer = { hello, stmt, fin: response.fin };
  return handshake.finish(JSON.stringify({ ...answer, ...forgery.change?.(answer) }));
}

describe('the client refuses an answer', () => {
  const skewed = 301;
  const cases: [string, SealErrorCode, Forgery, object?][] = [
    ['from a root that is not pinned', 'root_not_pinned', { stmtKey: stranger }],
    ['without the root key', 'root_not_pinned', { embed: false }],
    [
      'with a pinned root in front of another signature',
      'statement_signature',
      { stmtKey: { ...stranger, publicJwk: root.publicJwk } },
    ],
    ['with a statement of another typ', 'statement_signature', { stmtTyp: 'sfx-hello+jws' }],
    [
      'with a changed statement',
      'statement_signature',
      { change: ({ stmt }) => ({ stmt: withPayload(stmt, { seq: 8 }) }) },
    ],
    ['with a statement without keys', 'statement_malformed', { stmt: { keys: 1 } }],
    ['with a statement without times', 'statement_malformed', { stmt: { exp: undefined } }],
    ['with an expired statement', 'statement_time', { stmt: { exp: seconds - skewed } }],
    ['with a statement of the future', 'statement_time', { stmt: { iat: seconds + skewed } }],
    ['with a statement that was rolled back', 'statement_rollback', {}, { seq: 8 }],
    ['with a statement that demands version 2', 'statement_version', { stmt: { min_v: 2 } }],
    ['with a statement of version 2', 'statement_version', { stmt: { v: 2 } }],
    ['with a statement for other hosts', 'statement_host', { stmt: { hosts: ['other.example.org'] } }],
    ['with a hello key that is not certified', 'hello_key', { helloKey: stranger }],
    ['with a hello key that has expired', 'hello_key', { stmt: { keys: [certified({ exp: seconds - skewed })] } }],
    ['with a hello key of the future', 'hello_key', { stmt: { keys: [certified({ nbf: seconds + skewed })] } }],
    ['with a hello key that is no point', 'hello_key', { stmt: { keys: [certified({ jwk: { kty: 'EC' } })] } }],
    [
      'with a hello signed by another key of the same kid',
      'hello_signature',
      { helloKey: { ...stranger, kid: handshakeKey.kid } },
    ],
    ['with a hello of another typ', 'hello_signature', { helloTyp: 'sfx-stmt+jws' }],
    ['with a certified key off the curve', 'hello_signature', { stmt: { keys: [certified({ jwk: offCurve() })] } }],
    ['with a hello that lacks its session id', 'hello_payload', { hello: { sid: undefined } }],
    ['with a hello with a short session id', 'hello_payload', { hello: { sid: 'AAAA' } }],
    ['with a hello for another client hello', 'hello_binding', { hello: { ch: base64url(pattern(64)) } }],
    ['with a hello to another host', 'hello_audience', { hello: { aud: 'other.example.org' } }],
    ['with a suite that was not offered', 'hello_suite', { hello: { suite: A128 } }],
    [
      'with a suite that the statement does not name',
      'hello_suite',
      { hello: { suite: A128 } },
      { suites: [A256, A128] },
    ],
    ['with an unknown suite', 'hello_suite', { hello: { suite: 'toString' } }],
    ['with a hello of version 2', 'hello_suite', { hello: { v: 2 } }],
    ['with a share that is no point', 'hello_point', { hello: { epk: 'AAAA' } }],
    [
      'with a share off the curve',
      'hello_point',
      { hello: { epk: base64url(flipBit(pointOf(root.publicSpki), 132 * 8)) } },
    ],
    [
      'with keys it does not hold (signature right, share replaced)',
      'hello_fin',
      { hello: { epk: base64url(pointOf(stranger.publicSpki)) } },
    ],
    ['with a fin that is cut', 'hello_fin', { change: ({ fin }) => ({ fin: fin.slice(0, -2) }) }],
    ['with an empty fin', 'hello_fin', { change: () => ({ fin: '' }) }],
    ['without fin', 'response_malformed', { change: () => ({ fin: undefined }) }],
    ['with a hello that is no JWS', 'response_malformed', { change: () => ({ hello: 'a.b' }) }],
  ];
  for (const [what, code, forgery, request] of cases) {
    test(what, async () => {
      const failure = await rejectsWith(
        code,
        forge(forgery, request).then((finished) => finished),
      );
      assert.equal(failure.peer, 'untrusted_server');
    });
  }

  test('whose hello was re-signed, because fin covers the exact bytes', async () => {
    await rejectsWith(
      'hello_fin',
      forge({}).then((finished) => finished),
    );
  });

  test('that is not JSON or beyond every size', async () => {
    for (const text of ['', '[]', 'null', '{"hello":1}', 'x'.repeat(70_000)]) {
      await rejectsWith('response_malformed', (await client()).finish(text));
    }
  });

  test('made for another client of the same host', async () => {
    const [mine, theirs] = await Promise.all([client(), client()]);
    const { response } = await server.hello(theirs.request, now);
    await rejectsWith('hello_binding', mine.finish(JSON.stringify(response)));
  });

  test('with a bit of its text turned over, at several hundred places', async () => {
    // One ephemeral and nonce for all probes, so that each would be accepted if its bit did not matter.
    const ephemeral = await webCryptoCurve().generate();
    const curve = { ...webCryptoCurve(), generate: async () => ephemeral };
    const same = () => client({ curve, random: () => pattern(32) });
    const { response } = await server.hello((await same()).request, now);
    const text = Buffer.from(JSON.stringify(response));
    for (let bit = 0; bit < text.length * 8; bit += 53) {
      await assert.rejects((await same()).finish(flipBit(text, bit)), { name: 'SealError' }, `bit ${bit}`);
    }
    await (await same()).finish(text);
  });

  test("but not because the server's caller reuses the buffer of the hello meanwhile", async () => {
    const handshake = await client();
    const buffer = Buffer.from(handshake.request);
    const answering = server.hello(buffer, now);
    buffer.fill(0);
    await handshake.finish(JSON.stringify((await answering).response));
  });

  test('but accepts clocks that differ by five minutes', async () => {
    const late = await client({ now: now + (DAY + 299) * 1000 });
    await late.finish(JSON.stringify((await server.hello(late.request, now)).response));
    const early = await client({ now: now - 299_000 });
    await early.finish(JSON.stringify((await server.hello(early.request, now)).response));
  });
});

function certified(change: object): object {
  return { kid: handshakeKey.kid, jwk: handshakeKey.publicJwk, nbf: seconds, exp: seconds + DAY, ...change };
}

function offCurve(): object {
  return jwkOfPoint(flipBit(pointOf(handshakeKey.publicSpki), 132 * 8));
}

function withPayload(jws: string, change: object): string {
  const [head, body = '', tail] = jws.split('.');
  const payload = { ...JSON.parse(Buffer.from(fromBase64url(body)).toString()), ...change };
  return `${head}.${base64url(Buffer.from(JSON.stringify(payload)))}.${tail}`;
}
