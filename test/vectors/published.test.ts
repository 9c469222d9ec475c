import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Crypto as PeculiarCrypto } from '@peculiar/webcrypto';
import { z } from 'zod';
import { concat, utf8 } from '../../crypto/bytes.ts';
import { type Curve, deriveShared, webCryptoCurve } from '../../crypto/curve.ts';
import { digestSha512, hkdfExtract } from '../../crypto/digest.ts';
import { deriveSession, transcriptHash } from '../../crypto/handshake/transcript.ts';
import {
  base64url,
  createHandshakeServer,
  fromBase64url,
  fromHex,
  hex,
  importRecipientKey,
  importSigningKey,
  issueStatement,
  type MessageSession,
  openObject,
  openRequest,
  openResponse,
  openSmall,
  readRequestHeader,
  SEAL_ERRORS,
  SealError,
  startHandshake,
  unwrapKey,
  unwrapWithPrivateKey,
  verifyReceipt,
  verifyTranscript,
} from '../../crypto/index.ts';
import { pointOf } from '../../crypto/public-key.ts';
import type { Subtle } from '../../crypto/subtle.ts';
import { nobleCurve, pemOfScalar, vectorBody } from './crypto/fixed-material.ts';
import { allVectors, fileText } from './crypto/generate.ts';
import { type ForeignSubtle, stranger } from './stranger.ts';

const folder = new URL('./crypto/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const files = new Map(names.map((name) => [name.slice(0, -5), readFileSync(new URL(name, folder), 'utf8')]));

const jwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-521'),
  x: z.string(),
  y: z.string(),
  d: z.string().optional(),
});
const sessionForm = z.object({ sid: z.string(), c2s: z.string(), s2c: z.string() });
const base = { note: z.string(), expect: z.string() };
const place = { session: sessionForm, suite: z.enum(['P521-HKDF512-A256GCM', 'P521-HKDF512-A128GCM']) };
const content = { head: z.unknown().optional(), body: z.string().optional(), body_length: z.number().optional() };

/** The form of every vector file, so that a file that is not run is an error and not a silence. */
const form = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('handshake'),
    ...base,
    pins: z.array(z.string()),
    aud: z.string(),
    now: z.number(),
    seen_seq: z.number(),
    client_ephemeral: jwk,
    ch: z.string(),
    answer: z.string(),
    server: z.unknown().optional(),
    ...{
      hj: z.string().optional(),
      sj: z.string().optional(),
      z: z.string().optional(),
      th: z.string().optional(),
      prk: z.string().optional(),
    },
    ...{
      c2s: z.string().optional(),
      s2c: z.string().optional(),
      fin: z.string().optional(),
      sid: z.string().optional(),
    },
  }),
  z.strictObject({ op: z.literal('hello'), ...base, hosts: z.array(z.string()), now: z.number(), ch: z.string() }),
  z.strictObject({
    op: z.literal('open-request'),
    ...base,
    ...place,
    ...content,
    seq: z.number().optional(),
    sealed: z.string().optional(),
    base: z.string().optional(),
    slices: z.array(z.tuple([z.number(), z.number()])).optional(),
  }),
  z.strictObject({
    op: z.literal('open-response'),
    ...base,
    ...place,
    ...content,
    request: z.object({ seq: z.number(), salt: z.string() }),
    sealed: z.string(),
  }),
  z.strictObject({
    op: z.literal('open-object'),
    ...base,
    ...{ dek: z.string(), fax: z.string(), object: z.string(), sealed: z.string() },
    ...{ plain: z.string().optional(), plain_length: z.number().optional() },
  }),
  z.strictObject({
    op: z.enum(['unwrap-key', 'open-small']),
    ...base,
    kek: z.string(),
    context: z.string(),
    plain: z.string().optional(),
    sealed: z.string(),
  }),
  z.strictObject({
    op: z.literal('unwrap-inbound'),
    ...base,
    private_key: jwk,
    context: z.string(),
    key: z.string(),
    sealed: z.string(),
  }),
  z.strictObject({ op: z.literal('verify-login'), ...base, public_key: jwk, th: z.string(), signature: z.string() }),
  z.strictObject({ op: z.literal('verify-receipt'), ...base, public_key: jwk, receipt: z.unknown(), jws: z.string() }),
]);
type Vector = z.infer<typeof form>;
type Of<Op extends Vector['op']> = Extract<Vector, { op: Op }>;

const vectors = new Map<string, Vector>([...files].map(([name, text]) => [name, form.parse(JSON.parse(text))]));

function only<Op extends Vector['op']>(op: Op): [string, Of<Op>][] {
  return [...vectors].filter((entry): entry is [string, Of<Op>] => entry[1].op === op);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(new Uint8Array(chunk));
  return concat(...chunks);
}

/** Runs one vector and compares what happened with what the file says. */
async function expectOutcome(vector: Vector, work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'accept',
    (failure: unknown) => (failure instanceof SealError ? failure.code : Promise.reject(failure)),
  );
  assert.equal(outcome, vector.expect);
}

const peculiar = new PeculiarCrypto().subtle as unknown as Subtle;

/** P-521 of a WebCrypto with the vector's ephemeral key. */
async function fixedCurve(subtle: Subtle, key: z.infer<typeof jwk>): Promise<Curve> {
  const privateKey = await subtle.importKey(
    'jwk',
    { ...key, d: key.d ?? '' },
    { name: 'ECDH', namedCurve: 'P-521' },
    false,
    ['deriveBits'],
  );
  const { d: _, ...open } = key;
  const ephemeral = { point: pointOf(open), derive: (peer: Uint8Array) => deriveShared(subtle, privateKey, peer) };
  return { ...webCryptoCurve(subtle), generate: async () => ephemeral };
}

const curves: Record<string, (key: z.infer<typeof jwk>) => Promise<Curve>> = {
  'WebCrypto of Node': (key) => fixedCurve(globalThis.crypto.subtle, key),
  '@peculiar/webcrypto': (key) => fixedCurve(peculiar, key),
  '@noble/curves': async (key) => nobleCurve(fromBase64url(key.d ?? '', 66)),
};

async function runHandshake(vector: Of<'handshake'>, curve: Curve): Promise<void> {
  const n = fromBase64url(JSON.parse(vector.ch).n);
  const { pins, aud, now, seen_seq: seq } = vector;
  const client = await startHandshake({ pins, aud, now, seq, curve, random: () => n });
  assert.equal(new TextDecoder().decode(client.request), vector.ch);
  const session = await client.finish(vector.answer);
  const found = { th: session.th, c2s: session.c2s, s2c: session.s2c, sid: session.sid };
  for (const [name, value] of Object.entries(found)) assert.equal(hex(value), Reflect.get(vector, name), name);
}

function sealedOctets(vector: Of<'open-request'>): Uint8Array {
  if (vector.sealed !== undefined) return fromBase64url(vector.sealed);
  const from = vectors.get(vector.base ?? '');
  assert.ok(from?.op === 'open-request' && from.sealed !== undefined);
  const octets = fromBase64url(from.sealed);
  return concat(...(vector.slices ?? []).map(([start, end]) => octets.subarray(start, end)));
}

function sessionOf(vector: Of<'open-request'> | Of<'open-response'>): MessageSession {
  const { sid, c2s, s2c } = vector.session;
  return { sid: fromHex(sid), c2s: fromHex(c2s), s2c: fromHex(s2c), suite: vector.suite };
}

function bodyOf(vector: { body?: string | undefined; body_length?: number | undefined }): Uint8Array {
  return vector.body_length === undefined ? utf8(vector.body ?? '') : vectorBody(vector.body_length);
}

async function runRequest(vector: Of<'open-request'>): Promise<void> {
  const opened = await openRequest(sessionOf(vector), await readRequestHeader([sealedOctets(vector)]));
  const body = await collect(opened.body);
  assert.deepEqual([opened.head, opened.seq, body], [vector.head, vector.seq, bodyOf(vector)]);
}

async function runResponse(vector: Of<'open-response'>): Promise<void> {
  const { seq, salt } = vector.request;
  const opened = await openResponse(sessionOf(vector), { seq, salt: fromHex(salt) }, [fromBase64url(vector.sealed)]);
  assert.deepEqual([opened.head, await collect(opened.body)], [vector.head, bodyOf(vector)]);
}

async function runObject(vector: Of<'open-object'>): Promise<void> {
  const { fax, object } = vector;
  const plain = await collect(openObject(fromHex(vector.dek), { fax, object }, [fromBase64url(vector.sealed)]));
  assert.deepEqual(
    plain,
    vector.plain_length === undefined ? fromHex(vector.plain ?? '') : vectorBody(vector.plain_length),
  );
}

async function runWrap(vector: Of<'unwrap-key' | 'open-small'>): Promise<void> {
  const [kek, sealed] = [fromHex(vector.kek), fromHex(vector.sealed)];
  const open =
    vector.op === 'unwrap-key' ? unwrapKey(kek, sealed, vector.context) : openSmall(kek, vector.context, sealed);
  assert.equal(hex(await open), vector.plain);
}

async function runInbound(vector: Of<'unwrap-inbound'>): Promise<void> {
  const key = await importRecipientKey(pemOfScalar(fromBase64url(vector.private_key.d ?? '', 66)));
  assert.equal(hex(await unwrapWithPrivateKey(key, fromHex(vector.sealed), vector.context)), vector.key);
}

async function runLogin(vector: Of<'verify-login'>): Promise<void> {
  const { d: _, ...key } = vector.public_key;
  if (!(await verifyTranscript(fromHex(vector.th), fromHex(vector.signature), key))) throw new SealError('signature');
}

describe('published vectors', () => {
  test('the files are exactly what their generator writes', async () => {
    const written = Object.entries(await allVectors()).map(([name, vector]) => [name, fileText(vector)] as const);
    assert.deepEqual(new Map([...written].sort()), new Map([...files].sort()));
  });

  test('every code that a peer can provoke has its file', () => {
    const covered = new Set([...vectors.values()].map(({ expect }) => expect));
    const internal = ['key', 'point', 'encoding', 'connection_string', 'password', 'busy', 'usage'];
    const missing = Object.keys(SEAL_ERRORS).filter((code) => !covered.has(code) && !internal.includes(code));
    assert.deepEqual(missing, []);
  });

  for (const [curveName, curveOf] of Object.entries(curves)) {
    for (const [name, vector] of only('handshake')) {
      test(`${name}: ${vector.note} → ${vector.expect} (${curveName})`, async () => {
        await expectOutcome(vector, runHandshake(vector, await curveOf(vector.client_ephemeral)));
      });
    }
  }

  test('a server answers the good hello and refuses the others as their files say', async () => {
    const scalarOf = (key: unknown) => fromBase64url(z.object({ d: z.string() }).parse(key).d, 66);
    const good = vectors.get('handshake');
    assert.ok(good?.op === 'handshake');
    const { root, handshake_key } = z.object({ root: z.unknown(), handshake_key: z.unknown() }).parse(good.server);
    const [rootKey, handshakeKey] = await Promise.all(
      [root, handshake_key].map((key) => importSigningKey(pemOfScalar(scalarOf(key)))),
    );
    assert.ok(rootKey !== undefined && handshakeKey !== undefined);
    const hosts = [good.aud];
    const keys = [{ publicKey: handshakeKey.publicSpki }];
    const statement = await issueStatement(
      { seq: 1, hosts, keys, suites: ['P521-HKDF512-A256GCM'], ttl: 60 },
      rootKey,
      good.now,
    );
    const server = createHandshakeServer({ handshakeKey, statement, hosts });
    assert.equal((await server.hello(utf8(good.ch), good.now)).session.c2s.length, 64);
    for (const [, vector] of only('hello')) await expectOutcome(vector, server.hello(utf8(vector.ch), vector.now));
  });

  test('the key schedule has the published intermediate values', async () => {
    for (const [, vector] of only('handshake').filter(([, { expect }]) => expect === 'accept')) {
      const th = await transcriptHash(utf8(vector.ch), vector.hj ?? '', vector.sj ?? '');
      assert.equal(hex(th), vector.th);
      const shared = fromHex(vector.z ?? '');
      assert.equal(shared.length, 66);
      assert.equal(hex(await hkdfExtract(th, shared)), vector.prk);
      const { c2s, s2c, fin } = await deriveSession(th, shared);
      assert.deepEqual([hex(c2s), hex(s2c), base64url(fin)], [vector.c2s, vector.s2c, vector.fin]);
      assert.ok(
        shared.every((octet) => octet === 0),
        'Z is zeroed',
      );
      assert.equal(
        JSON.parse(Buffer.from(vector.hj?.split('.')[1] ?? '', 'base64url').toString()).ch,
        base64url(await digestSha512(utf8(vector.ch))),
      );
    }
    const zeros = vectors.get('handshake-z-zeros');
    assert.ok(zeros?.op === 'handshake' && zeros.z?.startsWith('0000'));
  });

  const runs = [
    ...only('open-request').map(([name, vector]) => [name, vector, () => runRequest(vector)] as const),
    ...only('open-response').map(([name, vector]) => [name, vector, () => runResponse(vector)] as const),
    ...only('open-object').map(([name, vector]) => [name, vector, () => runObject(vector)] as const),
    ...only('unwrap-key').map(([name, vector]) => [name, vector, () => runWrap(vector)] as const),
    ...only('open-small').map(([name, vector]) => [name, vector, () => runWrap(vector)] as const),
    ...only('unwrap-inbound').map(([name, vector]) => [name, vector, () => runInbound(vector)] as const),
    ...only('verify-login').map(([name, vector]) => [name, vector, () => runLogin(vector)] as const),
    ...only('verify-receipt').map(([name, vector]) => {
      const run = async () => assert.deepEqual(await verifyReceipt(vector.jws, vector.public_key), vector.receipt);
      return [name, vector, run] as const;
    }),
  ];
  for (const [name, vector, run] of runs) {
    test(`${name}: ${vector.note} → ${vector.expect}`, () => expectOutcome(vector, run()));
  }

  test('no file is left out', () => {
    const run = runs.length + only('handshake').length + only('hello').length;
    assert.equal(run, files.size);
  });
});

describe('a client written from SPEC.md alone', () => {
  const foreign: Record<string, ForeignSubtle> = {
    'WebCrypto of Node': globalThis.crypto.subtle as unknown as ForeignSubtle,
    '@peculiar/webcrypto': peculiar as unknown as ForeignSubtle,
  };
  const accepted = <T extends Vector>(list: [string, T][]) => list.filter(([, { expect }]) => expect === 'accept');
  for (const [runtime, subtle] of Object.entries(foreign)) {
    const theirs = stranger(subtle);

    test(`derives the keys of both handshakes (${runtime})`, async () => {
      for (const [, vector] of accepted(only('handshake'))) {
        const keys = await theirs.handshake(vector.ch, vector.answer, vector.client_ephemeral);
        for (const [name, value] of Object.entries(keys)) assert.equal(value, Reflect.get(vector, name), name);
      }
    });

    test(`opens every message and object (${runtime})`, async () => {
      for (const [, vector] of accepted(only('open-request'))) {
        const opened = await theirs.message(
          vector.session,
          vector.suite.includes('A128') ? 16 : 32,
          vector.sealed ?? '',
        );
        assert.deepEqual([opened.head, new Uint8Array(opened.body)], [vector.head, bodyOf(vector)]);
      }
      for (const [, vector] of accepted(only('open-response'))) {
        const opened = await theirs.message(vector.session, 32, vector.sealed, vector.request.salt);
        assert.deepEqual([opened.head, new Uint8Array(opened.body)], [vector.head, bodyOf(vector)]);
      }
      for (const [, vector] of accepted(only('open-object'))) {
        const plain = await theirs.object(vector.dek, vector.fax, vector.object, vector.sealed);
        const expected =
          vector.plain_length === undefined ? fromHex(vector.plain ?? '') : vectorBody(vector.plain_length);
        assert.deepEqual(new Uint8Array(plain), expected);
      }
    });
  }
});
