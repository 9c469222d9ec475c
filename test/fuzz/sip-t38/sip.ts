import assert from 'node:assert/strict';
import { createDigestClient } from '../../../carrier-adapters/sip-t38/sip/digest.ts';
import { createDigestServer } from '../../../carrier-adapters/sip-t38/sip/digest-server.ts';
import {
  contentType,
  createFramer,
  formatUri,
  nameAddrs,
  number,
  parseMessage,
  parseUri,
  q850Cause,
  type ReceivedMessage,
  rack,
  responseTo,
  retryAfter,
  STREAM_LIMIT,
  serialise,
  sessionExpires,
  tokens,
  vias,
} from '../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { type Hop, TransactionLayer } from '../../../carrier-adapters/sip-t38/sip/transaction/index.ts';
import { digestHash } from '../../../crypto/index.ts';
import { seeded } from '../../unit/imaging/pictures.ts';
import { ABOVE, INVALID, VALID } from '../../vectors/sip-t38/torture.ts';

/** The valid ones thrice: what is changed in them goes deepest. */
const SEEDS = [...VALID, ...VALID, ...VALID, ...INVALID, ...ABOVE].map(({ text }) => new TextEncoder().encode(text));
/** What breaks parsers: separators, quotes, line ends, controls, digits, halves of UTF-8. */
const EVIL = [
  ...[
    '\r\n',
    '\r\n ',
    '\r',
    '\n',
    '\u0000',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    ';',
    ',',
    ':',
    '=',
    '@',
    '%',
    '%4',
    '/',
    '[',
    ']',
  ],
  ...[' ', '\t', '(', ')', '*', '?', '99999999999999999999', '-1', 'SIP/2.0', 'z9hG4bK', ';tag=', ';branch=', ';rport'],
  ...['Via: ', 'v:', 'CSeq: 1 ACK\r\n', 'Content-Length: 5\r\n', 'l:0\r\n', 'Authorization: Digest ', '\r\n\r\n'],
].map((text) => Buffer.from(text, 'latin1'));
const HALVES = [[0xc3], [0xe2, 0x82], [0xff], [0xed, 0xa0, 0x80], [0xf0, 0x9f]].map((bytes) => Buffer.from(bytes));

const HOP: Hop = { transport: 'udp', address: '192.0.2.1', port: 5060, connection: null };
/** Server transactions that the layer under attack may hold. */
const MAX_SERVER = 64;

/** A message of RFC 4475 with one to four changes, at most as long as a message of a stream. */
export function mutated(random: () => number): Uint8Array {
  let bytes: Buffer = Buffer.from(pick(SEEDS, random));
  for (let count = 1 + (random() % 4) * (random() % 2); count > 0; count--) bytes = change(bytes, random);
  return bytes.subarray(0, STREAM_LIMIT);
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[random() % list.length] ?? assert.fail();
}

function change(bytes: Buffer, random: () => number): Buffer {
  const at = random() % (bytes.length + 1);
  const end = Math.min(bytes.length, at + (random() % 64));
  const around = (...middle: readonly Uint8Array[]) =>
    Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(end)]);
  switch (random() % 7) {
    case 0:
      return Buffer.concat([bytes.subarray(0, at), pick([...EVIL, ...HALVES], random), bytes.subarray(at)]);
    case 1:
      return around();
    case 2:
      return around(pick(EVIL, random));
    case 3:
      return around(...Array(random() % 200).fill(bytes.subarray(at, end)));
    case 4:
      return around(pick(SEEDS, random).subarray(0, random() % 400));
    case 5:
      return bytes.subarray(0, random() % 8 === 0 ? at : bytes.length);
    default:
      if (at < bytes.length) bytes[at] = random() & 0xff;
      return bytes;
  }
}

/** What hostile messages are thrown at: a layer, a digest client and server that live through all of them. */
export class Target {
  readonly #layer = new TransactionLayer({ random: (bytes) => new Uint8Array(bytes), maxServer: MAX_SERVER });
  readonly #server = createDigestServer({ realm: 'r', hash: digestHash, mac: (text) => text, password: () => 'p' });
  readonly #client = createDigestClient({
    ...{ username: 'u', password: 'p', hash: digestHash },
    random: (bytes) => new Uint8Array(bytes),
  });
  #now = 0;
  /** Messages that could be read. */
  read = 0;

  /** Throws if anything throws or grows that must not. */
  take(bytes: Uint8Array, random: () => number): void {
    this.#frame(bytes, random);
    const parsed = parseMessage(bytes, STREAM_LIMIT);
    if ('error' in parsed) {
      if (parsed.answer !== null) assert.ok('message' in parseMessage(serialise(parsed.answer), 3 * STREAM_LIMIT));
      return;
    }
    this.read++;
    look(parsed.message);
    this.#authenticate(parsed.message);
    this.#run(parsed.message);
  }

  #frame(bytes: Uint8Array, random: () => number): void {
    const framer = createFramer();
    const cut = random() % (bytes.length + 1);
    const framed = [...framer.push(bytes.subarray(0, cut)), ...framer.push(bytes.subarray(cut))];
    const octets = framed.reduce((sum, frame) => sum + (frame.type === 'message' ? frame.bytes.length : 0), 0);
    assert.ok(octets <= bytes.length);
  }

  #authenticate(message: ReceivedMessage): void {
    if (message.kind === 'response') return;
    assert.ok('refused' in this.#server.verify(message, '192.0.2.1', this.#now));
    serialise(this.#client.authorize(message));
  }

  /** Each message at its own time, so that transactions end among those that begin. */
  #run(message: ReceivedMessage): void {
    this.#now += 50;
    const out = this.#layer.handle({ type: 'received', message, from: HOP }, this.#now);
    assert.ok(out.length <= 4);
    for (const event of out) {
      if (event.type !== 'request') continue;
      const response = responseTo(event.request, 486, { toTag: 't' });
      this.#layer.handle({ type: 'respond', server: event.server, response }, this.#now);
    }
    this.#layer.handle({ type: 'time' }, this.#now);
    // A CANCEL has a transaction beside that of its INVITE.
    assert.ok(this.#layer.counts.servers <= 2 * MAX_SERVER);
    assert.ok((this.#layer.deadline ?? Number.POSITIVE_INFINITY) > this.#now);
  }
}

/** Every view of a message; what is written of it says the same. */
export function look(message: ReceivedMessage): void {
  const { headers } = message;
  for (const key of ['contact', 'route', 'record-route', 'p-asserted-identity'] as const) {
    for (const { uri } of nameAddrs(headers, key) ?? []) lookAtUri(uri);
  }
  for (const key of ['allow', 'supported', 'require', 'privacy'] as const) tokens(headers, key);
  for (const key of ['expires', 'max-forwards', 'rseq'] as const) number(headers, key);
  for (const view of [vias, sessionExpires, retryAfter, q850Cause, rack, contentType]) view(headers);
  if (message.kind === 'request') lookAtUri(message.uri);
  const again = parseMessage(serialise(message), 3 * STREAM_LIMIT);
  assert.ok('message' in again, 'error' in again ? again.error : '');
  assert.deepEqual(gist(again.message), gist(message));
}

function lookAtUri(text: string): void {
  const uri = parseUri(text);
  if (uri !== undefined) assert.ok(parseUri(formatUri(uri)) !== undefined || formatUri(uri).length > 1_024, text);
}

function gist({ headers, body, ...rest }: ReceivedMessage) {
  const lines = headers.lines().filter(({ key }) => key !== 'content-length');
  return { ...rest, lines, body: Buffer.from(body) };
}

/** Throws `count` mutated messages at one target; answers how many of them could be read. */
export function attack(count: number, seed: number): number {
  const random = seeded(seed);
  const target = new Target();
  for (let n = 0; n < count; n++) {
    const bytes = mutated(random);
    try {
      target.take(bytes, random);
    } catch (cause) {
      throw new Error(`message ${n} of seed ${seed}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`, {
        cause,
      });
    }
  }
  return target.read;
}
