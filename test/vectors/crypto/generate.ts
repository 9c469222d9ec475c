import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { concat, u64, utf8 } from '../../../crypto/bytes.ts';
import { base64url, hex, type SealErrorCode, startHandshake, textBody } from '../../../crypto/client.ts';
import { parseClientHello } from '../../../crypto/handshake/client-hello.ts';
import { signTranscript } from '../../../crypto/handshake/login.ts';
import { createHandshakeServer } from '../../../crypto/handshake/server.ts';
import { issueStatement } from '../../../crypto/handshake/statement.ts';
import { issueSuccession } from '../../../crypto/handshake/succession.ts';
import { DEFAULT_SUITE } from '../../../crypto/handshake/suite.ts';
import { signJws } from '../../../crypto/jws.ts';
import { lab } from '../../../crypto/label.ts';
import type { RequestHead } from '../../../crypto/messages/head.ts';
import { encodeHeader } from '../../../crypto/messages/header.ts';
import { messageSecrets, NO_REQUEST_SALT } from '../../../crypto/messages/message-secrets.ts';
import { sealRequest } from '../../../crypto/messages/request.ts';
import { sealResponse } from '../../../crypto/messages/response.ts';
import type { MessageSession } from '../../../crypto/messages/session.ts';
import { signReceipt } from '../../../crypto/receipt.ts';
import { wrapToPublicKey } from '../../../crypto/recipient.ts';
import type { SigningKey } from '../../../crypto/signature.ts';
import { sealObject } from '../../../crypto/stream/object.ts';
import { SEALED_RECORD_SIZE, sealRecords } from '../../../crypto/stream/records.ts';
import {
  fixedRandom,
  fixedScalar,
  fixedSigningKey,
  jwkOfScalar,
  nobleCurve,
  pointOfScalar,
  sharedX,
  vectorBody,
} from './fixed-material.ts';

// Writes the published vectors: `node test/vectors/crypto/generate.ts`. crypto/SPEC.md §13 says how to read them, and
// test/vectors/published.test.ts compares the files with a new run and runs every one of them.

/** One vector file. */
export type VectorFile = Readonly<Record<string, unknown>> & { readonly op: string; readonly expect: string };

const HOST = 'fax.example.org';
const NOW = Date.UTC(2026, 0, 15, 12);
const SECONDS = NOW / 1000;
const A128 = 'P521-HKDF512-A128GCM';

const rootScalar = fixedScalar('root');
const keyScalar = fixedScalar('handshake key');
const strangerScalar = fixedScalar('stranger');
const serverScalar = fixedScalar('server ephemeral');
const [root, handshakeKey, stranger] = await Promise.all([rootScalar, keyScalar, strangerScalar].map(fixedSigningKey));
if (root === undefined || handshakeKey === undefined || stranger === undefined) throw new Error('no keys');

const statement = await issueStatement(
  { seq: 3, hosts: [HOST], keys: [{ publicKey: handshakeKey.publicSpki }], suites: [DEFAULT_SUITE], ttl: 86_400 },
  root,
  NOW,
);

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(new Uint8Array(chunk));
  return concat(...chunks);
}

/** A handshake with named ephemerals, and every intermediate value. */
async function handshake(name: string) {
  const clientScalar = fixedScalar(name);
  const client = await startHandshake({
    pins: [root?.pin ?? ''],
    aud: HOST,
    now: NOW,
    curve: nobleCurve(clientScalar),
    random: fixedRandom(`${name} n`),
  });
  const server = createHandshakeServer(
    { handshakeKey: handshakeKey as SigningKey, statement, hosts: [HOST] },
    { curve: nobleCurve(serverScalar), random: fixedRandom(`${name} server`) },
  );
  const { response, session } = await server.hello(client.request, NOW);
  const z = sharedX(clientScalar, pointOfScalar(serverScalar));
  const ch = new TextDecoder().decode(client.request);
  return { clientScalar, ch, response, session, z };
}

const main = await handshake('client ephemeral');
const session: MessageSession = main.session;

/** HKDF-Extract by its formula, with node:crypto alone. */
function hmacSha512(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha512', key).update(message).digest();
}

function handshakeInput(clientScalar: Uint8Array, ch: string) {
  return { pins: [root?.pin], aud: HOST, now: NOW, seen_seq: 0, client_ephemeral: jwkOfScalar(clientScalar), ch };
}

function handshakeVector(made: typeof main, note: string): VectorFile {
  return {
    op: 'handshake',
    note,
    expect: 'accept',
    ...handshakeInput(made.clientScalar, made.ch),
    answer: JSON.stringify(made.response),
    server: {
      root: jwkOfScalar(rootScalar),
      handshake_key: jwkOfScalar(keyScalar),
      ephemeral: jwkOfScalar(serverScalar),
    },
    hj: made.response.hello,
    sj: made.response.stmt,
    z: hex(made.z),
    prk: hex(hmacSha512(made.session.th, made.z)),
    th: hex(made.session.th),
    c2s: hex(made.session.c2s),
    s2c: hex(made.session.s2c),
    fin: made.response.fin,
    sid: hex(made.session.sid),
  };
}

/** Negative answers: every signature is right but for the one thing. */
interface Wrong {
  readonly stmt?: object;
  readonly stmtKey?: SigningKey;
  readonly hello?: object;
  readonly helloKey?: SigningKey;
  readonly fin?: string;
  readonly text?: string;
  readonly seen?: number;
  readonly now?: number;
}

const payload = (jws: string) => JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());

async function wrongAnswer(note: string, expect: SealErrorCode, wrong: Wrong): Promise<VectorFile> {
  const { response, clientScalar, ch } = main;
  const touched = wrong.stmt !== undefined || wrong.stmtKey !== undefined;
  const key = wrong.stmtKey ?? (root as SigningKey);
  const stmt = touched
    ? await signJws({ ...payload(response.stmt), ...wrong.stmt }, key, 'sfx-stmt+jws', { jwk: key.publicJwk })
    : response.stmt;
  const retouched = wrong.hello !== undefined || wrong.helloKey !== undefined;
  const signer = wrong.helloKey ?? (handshakeKey as SigningKey);
  const hello = retouched
    ? await signJws({ ...payload(response.hello), ...wrong.hello }, signer, 'sfx-hello+jws')
    : response.hello;
  const answer = wrong.text ?? JSON.stringify({ hello, stmt, fin: wrong.fin ?? response.fin });
  const input = { ...handshakeInput(clientScalar, ch), seen_seq: wrong.seen ?? 0, now: wrong.now ?? NOW };
  return { op: 'handshake', note, expect, ...input, answer };
}

const certified = (change: object) => ({
  kid: handshakeKey.kid,
  jwk: handshakeKey.publicJwk,
  nbf: SECONDS,
  exp: SECONDS + 86_400,
  ...change,
});

async function answers(): Promise<Record<string, VectorFile>> {
  const strange = stranger as SigningKey;
  const offCurve = pointOfScalar(serverScalar);
  offCurve[132] = (offCurve[132] ?? 0) ^ 1;
  const of = wrongAnswer;
  return {
    'answer-response_malformed': await of('fin is missing', 'response_malformed', {
      text: JSON.stringify({ hello: main.response.hello, stmt: statement }),
    }),
    'answer-root_not_pinned': await of('a right answer under another root', 'root_not_pinned', { stmtKey: strange }),
    'answer-statement_signature': await of(
      "jwk is the pinned root, the signature is another key's",
      'statement_signature',
      { stmtKey: { ...strange, publicJwk: (root as SigningKey).publicJwk } },
    ),
    'answer-statement_malformed': await of('hosts is a text', 'statement_malformed', { stmt: { hosts: HOST } }),
    'answer-statement_time': await of('read 301 seconds after the end', 'statement_time', {
      now: NOW + (86_400 + 301) * 1000,
    }),
    'answer-statement_rollback': await of('seq 4 was seen before', 'statement_rollback', { seen: 4 }),
    'answer-statement_version': await of('min_v is 2', 'statement_version', { stmt: { min_v: 2 } }),
    'answer-statement_host': await of('the statement is for another host', 'statement_host', {
      stmt: { hosts: ['other.example.org'] },
    }),
    'answer-hello_key': await of('the hello is signed by a key that is not certified', 'hello_key', {
      helloKey: strange,
    }),
    'answer-hello_key-expired': await of('the key ended 301 seconds ago', 'hello_key', {
      stmt: { keys: [certified({ nbf: SECONDS - 900, exp: SECONDS - 301 })] },
    }),
    'answer-hello_signature': await of("kid is certified, the signature is another key's", 'hello_signature', {
      helloKey: { ...strange, kid: (handshakeKey as SigningKey).kid },
    }),
    'answer-hello_payload': await of('sid has 15 octets', 'hello_payload', {
      hello: { sid: base64url(new Uint8Array(15)) },
    }),
    'answer-hello_binding': await of('ch is that of another hello', 'hello_binding', {
      hello: { ch: base64url(new Uint8Array(64)) },
    }),
    'answer-hello_audience': await of('aud is another host', 'hello_audience', { hello: { aud: 'other.example.org' } }),
    'answer-hello_suite': await of('a suite that was not offered', 'hello_suite', { hello: { suite: A128 } }),
    'answer-hello_point': await of('the share is off the curve', 'hello_point', {
      hello: { epk: base64url(offCurve) },
    }),
    'answer-hello_fin': await of('one bit of fin is wrong', 'hello_fin', { fin: flippedText(main.response.fin) }),
    'answer-hello_fin-share': await of('the share was replaced and signed again', 'hello_fin', {
      hello: { epk: base64url(pointOfScalar(strangerScalar)) },
    }),
  };
}

/** A client that pins a root which has handed over to the one that signs, and what it must not believe. */
async function successions(): Promise<Record<string, VectorFile>> {
  const [old, present] = [stranger as SigningKey, root as SigningKey];
  const genuine = await issueSuccession(present.publicJwk, old, NOW);
  const elsewhere = await issueSuccession((handshakeKey as SigningKey).publicJwk, old, NOW);
  const own = await issueSuccession(present.publicJwk, handshakeKey as SigningKey, NOW);
  const [head, , tail] = genuine.split('.');
  const forged = [head, elsewhere.split('.')[1], tail].join('.');
  const answer = (roots: readonly string[]) => JSON.stringify({ ...main.response, roots });
  const pins = [old.pin];
  const refused = async (note: string, roots: readonly string[]) => ({
    ...(await wrongAnswer(note, 'root_not_pinned', { text: answer(roots) })),
    pins,
  });
  const good = handshakeVector(main, 'the pinned root has handed over to the one that signs');
  return {
    'handshake-succession': { ...good, pins, answer: answer([genuine]) },
    'answer-root_not_pinned-elsewhere': await refused('the pinned root has handed over to another', [elsewhere]),
    'answer-root_not_pinned-stranger': await refused('a root that is not pinned hands over to the one that signs', [
      own,
    ]),
    'answer-root_not_pinned-forged': await refused('the payload of the succession is that of another', [forged]),
    'answer-root_not_pinned-many': await refused('nine successions, each of them genuine', Array(9).fill(genuine)),
  };
}

function flippedText(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

function hellos(): Record<string, VectorFile> {
  const good = JSON.parse(main.ch);
  const point = parseClientHello(utf8(main.ch)).epk;
  const changed = (at: number, value: number) =>
    base64url(Uint8Array.from(point, (octet, i) => (i === at ? value : octet)));
  const hello = (note: string, expect: SealErrorCode, change: object): VectorFile => {
    return { op: 'hello', note, expect, hosts: [HOST], now: NOW, ch: JSON.stringify({ ...good, ...change }) };
  };
  const parity = (point[132] ?? 0) & 1;
  return {
    'hello-hello_malformed': hello('n has 31 octets', 'hello_malformed', { n: base64url(new Uint8Array(31)) }),
    'hello-hello_malformed-size': hello('2,049 octets or more', 'hello_malformed', { pad: 'x'.repeat(2_048) }),
    'hello-hello_version': hello('v is 2', 'hello_version', { v: 2 }),
    'hello-hello_no_suite': hello('an unknown suite alone', 'hello_no_suite', { suites: ['P521-HKDF512-NONE'] }),
    'hello-hello_host': hello('another host', 'hello_host', { aud: 'other.example.org' }),
    'hello-hello_share-off-curve': hello('one bit of y is wrong', 'hello_share', {
      epk: changed(132, (point[132] ?? 0) ^ 1),
    }),
    'hello-hello_share-compressed': hello('the compressed form', 'hello_share', {
      epk: base64url(concat(Uint8Array.of(2 + parity), point.subarray(1, 67))),
    }),
    'hello-hello_share-hybrid': hello('the hybrid form', 'hello_share', { epk: changed(0, 6 + parity) }),
    'hello-hello_share-infinity': hello('the point at infinity', 'hello_share', { epk: base64url(Uint8Array.of(0)) }),
  };
}

const sessionHex = { sid: hex(session.sid), c2s: hex(session.c2s), s2c: hex(session.s2c) };
const HEAD: RequestHead = { m: 'POST', p: '/v1/session', h: { 'content-type': 'application/json' } };

async function sealedRequest(name: string, seq: number, body: Uint8Array, of: MessageSession = session) {
  const sealed = sealRequest(of, seq, HEAD, [body], {}, fixedRandom(name));
  return { salt: sealed.salt, octets: await collect(sealed.bytes) };
}

interface Message {
  readonly op: string;
  readonly note: string;
  readonly expect: string;
  readonly octets: Uint8Array;
  readonly more?: object;
}

function message({ op, note, expect, octets, more }: Message): VectorFile {
  return { op, note, expect, session: sessionHex, suite: DEFAULT_SUITE, ...more, sealed: base64url(octets) };
}

async function messages(): Promise<Record<string, VectorFile>> {
  const body = '{"account":"1001","user":"app"}';
  const request = await sealedRequest('request', 0, utf8(body));
  const response = await collect(
    sealResponse(session, 0, request.salt, { s: 201, h: {} }, textBody('{"ok":true}'), {}, fixedRandom('response')),
  );
  const three = await sealedRequest('three records', 1, vectorBody(140_000));
  const small = { ...session, suite: A128 } as const;
  const narrow = await sealedRequest('a128', 2, utf8(body), small);
  const request0 = { seq: 0, salt: hex(request.salt) };
  const ok = { expect: 'accept' } as const;
  return {
    'message-request': message({
      op: 'open-request',
      note: 'the first request of a session',
      ...ok,
      octets: request.octets,
      more: { seq: 0, head: HEAD, body },
    }),
    'message-response': message({
      op: 'open-response',
      note: 'the response to message-request',
      ...ok,
      octets: response,
      more: { request: request0, head: { s: 201, h: {} }, body: '{"ok":true}' },
    }),
    'message-three-records': message({
      op: 'open-request',
      note: 'body octet i is (31 i + 7 floor(i / 256) + 101) mod 256',
      ...ok,
      octets: three.octets,
      more: { seq: 1, head: HEAD, body_length: 140_000 },
    }),
    'message-a128': message({
      op: 'open-request',
      note: 'the 128-bit suite',
      ...ok,
      octets: narrow.octets,
      more: { suite: A128, seq: 2, head: HEAD, body },
    }),
    ...(await wrongRequests(request.octets, response)),
    ...wrongRecords(three.octets),
    ...(await wrongResponses(request, response)),
  };
}

function flip(octets: Uint8Array, at: number, bits = 1): Uint8Array {
  return Uint8Array.from(octets, (octet, i) => (i === at ? octet ^ bits : octet));
}

async function wrongRequests(good: Uint8Array, response: Uint8Array): Promise<Record<string, VectorFile>> {
  const of = (note: string, expect: SealErrorCode, octets: Uint8Array) =>
    message({ op: 'open-request', note, expect, octets });
  const plain = async (name: string, plaintext: Uint8Array) => {
    const place = { type: 'request', seq: 5, salt: fixedRandom(name)(32), rsalt: NO_REQUEST_SALT } as const;
    const secrets = await messageSecrets(session, place);
    const header = encodeHeader({ ...place, sid: session.sid, commit: secrets.commit });
    return concat(header, await collect(sealRecords(secrets, header, [plaintext])));
  };
  return {
    'request-header-magic': of('the first octet is wrong', 'header', flip(good, 0)),
    'request-header-type': of('type is 3', 'header', flip(good, 4, 2)),
    'request-header-reserved': of('a reserved octet is not zero', 'header', flip(good, 6)),
    'request-header-seq': of('seq is 2^20', 'header', concat(good.subarray(0, 24), u64(2 ** 20), good.subarray(32))),
    'request-direction': of('a response where a request belongs', 'direction', response),
    'request-binding': of("sid is another session's", 'binding', flip(good, 8)),
    'request-commit-seq': of('seq was changed', 'commit', flip(good, 31)),
    'request-commit-salt': of('the salt was changed', 'commit', flip(good, 40)),
    'request-commit': of('the commitment was changed', 'commit', flip(good, 95, 0x80)),
    'request-record': of('one bit of the ciphertext is wrong', 'record', flip(good, 100)),
    'request-record-tag': of('one bit of the tag is wrong', 'record', flip(good, good.length - 1)),
    'request-record-cut': of('the last octet is missing', 'record', good.subarray(0, -1)),
    'request-truncated-header': of('95 octets', 'truncated', good.subarray(0, 95)),
    'request-truncated-record': of('no record follows', 'truncated', good.subarray(0, 96)),
    'request-truncated-tag': of('15 octets follow', 'truncated', good.subarray(0, 111)),
    'request-head-length': of(
      'the head is longer than the message',
      'head',
      await plain('head 1', Uint8Array.of(0, 0, 1, 0, 0x7b, 0x7d)),
    ),
    'request-head-json': of('the head is not JSON', 'head', await plain('head 2', Uint8Array.of(0, 0, 0, 1, 0x7b))),
    'request-head-members': of(
      'the head has no method',
      'head',
      await plain('head 3', concat(Uint8Array.of(0, 0, 0, 16), utf8('{"p":"/","h":{}}'))),
    ),
  };
}

/** Records of message-three-records put together wrongly: `slices` are [from, to) of that file's octets. */
function wrongRecords(good: Uint8Array): Record<string, VectorFile> {
  const at = [0, 96, 96 + SEALED_RECORD_SIZE, 96 + 2 * SEALED_RECORD_SIZE, good.length] as const;
  const [header, a, b, c] = [
    [at[0], at[1]],
    [at[1], at[2]],
    [at[2], at[3]],
    [at[3], at[4]],
  ];
  const of = (note: string, slices: unknown[]): VectorFile => {
    return {
      op: 'open-request',
      note,
      expect: 'record',
      session: sessionHex,
      suite: DEFAULT_SUITE,
      base: 'message-three-records',
      slices,
    };
  };
  return {
    'records-last-cut': of('the last record is missing: the second lacks its final flag', [header, a, b]),
    'records-first-cut': of('the first record is missing', [header, b, c]),
    'records-middle-cut': of('the middle record is missing', [header, a, c]),
    'records-swapped': of('the first two records changed places', [header, b, a, c]),
    'records-repeated': of('the middle record stands twice', [header, a, b, b, c]),
    'records-appended': of('the last record stands twice', [header, a, b, c, c]),
  };
}

interface Sent {
  readonly salt: Uint8Array;
  readonly octets: Uint8Array;
}

async function wrongResponses(request: Sent, response: Uint8Array): Promise<Record<string, VectorFile>> {
  const request0 = { seq: 0, salt: hex(request.salt) };
  const of = (note: string, expect: SealErrorCode, octets: Uint8Array, to: object = request0) =>
    message({ op: 'open-response', note, expect, octets, more: { request: to } });
  return {
    'response-direction': of('the request sent back', 'direction', request.octets),
    'response-reflected': of('the request sent back with its type changed', 'commit', flip(request.octets, 4, 3)),
    'response-other-request': of('the answer to another request with the same seq', 'commit', response, {
      seq: 0,
      salt: hex(fixedRandom('other')(32)),
    }),
    'response-other-seq': of('the answer to another seq', 'binding', response, { ...request0, seq: 1 }),
    'response-other-session': of("sid is another session's", 'binding', flip(response, 8)),
    'response-record': of('one bit of the ciphertext is wrong', 'record', flip(response, 97)),
  };
}

const DEK = fixedRandom('dek')(32);
const WHERE = { fax: 'fax_01kdvdna0039q0ykc6y1f4b3rz', object: 'page/0' };

async function objects(): Promise<Record<string, VectorFile>> {
  const seal = (name: string, plain: Uint8Array) => collect(sealObject(DEK, WHERE, [plain], {}, fixedRandom(name)));
  const of = (note: string, octets: Uint8Array, more: object = {}): VectorFile => {
    return { op: 'open-object', note, expect: 'accept', dek: hex(DEK), ...WHERE, ...more, sealed: base64url(octets) };
  };
  const page = await seal('object page', utf8('a page'));
  const full = await seal('object full', vectorBody(65_536));
  const two = await seal('object two', vectorBody(65_537));
  return {
    'object-empty': of('no octets: one record of a tag alone', await seal('object empty', new Uint8Array(0)), {
      plain: '',
    }),
    'object-page': of('a short object', page, { plain: hex(utf8('a page')) }),
    'object-one-record': of('65,536 octets by the rule of message-three-records: one record', full, {
      plain_length: 65_536,
    }),
    'object-two-records': of('65,537 octets: two records', two, { plain_length: 65_537 }),
    'object-header': of('store version 2', flip(page, 4, 3), { expect: 'header' }),
    'object-commit-key': of('another data key', page, { expect: 'commit', dek: hex(fixedRandom('other dek')(32)) }),
    'object-commit-fax': of('another fax', page, { expect: 'commit', fax: 'fax_01kdvdna0039q0ykc6y1f4b3r0' }),
    'object-commit-object': of('another object of the fax', page, { expect: 'commit', object: 'page/1' }),
    'object-record': of('one bit of the ciphertext is wrong', flip(page, 73), { expect: 'record' }),
    'object-record-cut': of('cut at a record border', two.subarray(0, 72 + SEALED_RECORD_SIZE), { expect: 'record' }),
    'object-truncated': of('the header alone', page.subarray(0, 72), { expect: 'truncated' }),
  };
}

/** Wrapped keys and small records by the formula of SPEC.md §10, written with node:crypto alone. */
function wrapped(label: string, key: Uint8Array, context: string, plain: Uint8Array): Uint8Array {
  const nonce = fixedRandom(`nonce ${label}`)(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(concat(lab(label), Uint8Array.of(1), utf8(context)));
  return concat(Uint8Array.of(1), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

async function keys(): Promise<Record<string, VectorFile>> {
  const kek = fixedRandom('kek')(32);
  const recipient = fixedScalar('recipient');
  const sealed = await wrapToPublicKey(
    jwkOfPublic(recipient),
    DEK,
    WHERE.fax,
    nobleCurve(fixedScalar('inbound ephemeral')),
  );
  const wrap = (op: string, note: string, octets: Uint8Array, more: object = {}): VectorFile => {
    return { op, note, expect: 'accept', kek: hex(kek), context: WHERE.fax, ...more, sealed: hex(octets) };
  };
  const inbound = (note: string, octets: Uint8Array, more: object = {}): VectorFile => {
    const key = { private_key: jwkOfScalar(recipient), context: WHERE.fax, key: hex(DEK) };
    return { op: 'unwrap-inbound', note, expect: 'accept', ...key, ...more, sealed: hex(octets) };
  };
  const good = wrapped('wrap', kek, WHERE.fax, DEK);
  return {
    'wrap-key': wrap('unwrap-key', 'a data key under a KEK', good, { plain: hex(DEK) }),
    'wrap-small': wrap('open-small', 'a small record', wrapped('small', kek, WHERE.fax, utf8('slot')), {
      plain: hex(utf8('slot')),
    }),
    'wrap-context': wrap('unwrap-key', 'another context', good, { context: 'x', expect: 'wrap' }),
    'wrap-bit': wrap('unwrap-key', 'one bit is wrong', flip(good, 20), { expect: 'wrap' }),
    'inbound-key': inbound('a data key for a customer', sealed),
    'inbound-context': inbound('another fax', sealed, { context: 'x', expect: 'wrap' }),
    'inbound-bit': inbound('one bit of the ephemeral point is wrong', flip(sealed, 133), { expect: 'wrap' }),
  };
}

function jwkOfPublic(scalar: Uint8Array) {
  const { d: _, ...jwk } = jwkOfScalar(scalar);
  return jwk;
}

async function signatures(): Promise<Record<string, VectorFile>> {
  const user = await fixedSigningKey(fixedScalar('client key'));
  const { th } = main.session;
  const signature = await signTranscript(th, user);
  const login = (note: string, octets: Uint8Array, expect = 'accept'): VectorFile => {
    return { op: 'verify-login', note, expect, public_key: user.publicJwk, th: hex(th), signature: hex(octets) };
  };
  const receipt = { fax: WHERE.fax, objects: 1, sha256: createHash('sha256').update('a').digest('hex') };
  const jws = await signReceipt(receipt, user);
  const signed = (note: string, text: string, expect = 'accept'): VectorFile => {
    return { op: 'verify-receipt', note, expect, public_key: user.publicJwk, receipt, jws: text };
  };
  return {
    'login-signature': login('a client key signs the transcript of the handshake vector', signature),
    'login-bit': login('one bit of the signature is wrong', flip(signature, 60), 'signature'),
    'login-label': login('the transcript without its label', await user.sign(th), 'signature'),
    'receipt-signed': signed('a receipt', jws),
    'receipt-typ': signed('another typ', await signJws(receipt, user, 'sfx-hello+jws'), 'signature'),
    'receipt-form': signed('two parts', jws.slice(0, jws.lastIndexOf('.')), 'jws'),
  };
}

/** All files by name. */
export async function allVectors(): Promise<Record<string, VectorFile>> {
  // Ephemeral 79 is the first of its series whose Z starts with two zero octets; an implementation that strips them fails.
  const zeros = await handshake('client ephemeral 79');
  return {
    handshake: handshakeVector(main, 'a whole handshake'),
    'handshake-z-zeros': handshakeVector(zeros, 'Z starts with two zero octets, which belong to it'),
    ...(await answers()),
    ...(await successions()),
    ...hellos(),
    ...(await messages()),
    ...(await objects()),
    ...(await keys()),
    ...(await signatures()),
  };
}

/** A file's text. */
export function fileText(vector: VectorFile): string {
  return `${JSON.stringify(vector, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  for (const [name, vector] of Object.entries(await allVectors())) {
    writeFileSync(new URL(`./${name}.json`, import.meta.url), fileText(vector));
  }
}
