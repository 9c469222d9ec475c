import { request as httpRequest } from 'node:http';
import {
  DEFAULT_SUITE,
  openResponse,
  type RequestHead,
  type Suite,
  sealRequest,
  startHandshake,
} from '../../../crypto/client.ts';
import type { ClientSession } from '../../../crypto/index.ts';

/** An answer of the HTTP layer. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An answer from inside the seal. */
export interface Opened {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  json(): Record<string, unknown>;
}

/** One HTTP request on a connection of its own. */
export function post(
  origin: string,
  path: string,
  type: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  extra: Record<string, string> = {},
  method = 'POST',
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers = { ...(type === '' ? {} : { 'content-type': type }), ...extra };
    const outgoing = httpRequest(`${origin}${path}`, { method, headers, agent: false }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('close', () => {
        if (!incoming.complete) reject(new Error('the answer broke off'));
        else resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) });
      });
    });
    outgoing.on('error', reject);
    write(outgoing, body).catch((error: Error) => outgoing.destroy(error));
  });
}

async function write(
  outgoing: ReturnType<typeof httpRequest>,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of body) {
    const copy = Buffer.from(chunk);
    if (!outgoing.write(copy)) await new Promise((resolve) => outgoing.once('drain', resolve));
  }
  outgoing.end();
}

/** The smallest client of the sealed protocol, from crypto's client door alone. */
export class SealedClient {
  readonly origin: string;
  readonly session: ClientSession;
  #seq = 0;

  constructor(origin: string, session: ClientSession) {
    this.origin = origin;
    this.session = session;
  }

  static async open(
    origin: string,
    pin: string,
    extra: Record<string, string> = {},
    suites: readonly Suite[] = [DEFAULT_SUITE],
  ): Promise<SealedClient> {
    const handshake = await startHandshake({ pins: [pin], aud: 'localhost', now: Date.now(), suites });
    const answer = await post(origin, '/sfx1/hello', 'application/json', [handshake.request], extra);
    if (answer.status !== 200) throw new Error(`hello answered ${answer.status} ${answer.body}`);
    return new SealedClient(origin, await handshake.finish(answer.body));
  }

  static async login(origin: string, pin: string, body: Record<string, unknown>): Promise<SealedClient> {
    const client = await SealedClient.open(origin, pin);
    const answer = await client.json('POST', '/v1/session', body);
    if (answer.status !== 200) throw new Error(`log-in answered ${answer.status} ${answer.body}`);
    return client;
  }

  nextSeq(): number {
    return this.#seq++;
  }

  /** The octets of a sealed request, for tests that harm them. */
  async bytes(head: RequestHead, body: Iterable<Uint8Array> = [], seq = this.nextSeq()): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of sealRequest(this.session, seq, head, body).bytes) parts.push(Buffer.from(part));
    return Buffer.concat(parts);
  }

  async send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
    outer: Record<string, string> = {},
  ): Promise<Opened> {
    const sealed = sealRequest(this.session, this.nextSeq(), { m: method, p: path, h: headers }, body);
    const answer = await post(this.origin, '/sfx1/m', 'application/octet-stream', sealed.bytes, outer);
    if (answer.status !== 200) throw new UnsealedAnswer(answer);
    const opened = await openResponse(this.session, sealed, [answer.body]);
    const parts: Buffer[] = [];
    for await (const part of opened.body) parts.push(Buffer.from(part));
    const whole = Buffer.concat(parts);
    const json = (): Record<string, unknown> => JSON.parse(whole.toString('utf8')) as Record<string, unknown>;
    return { status: opened.head.s, headers: opened.head.h, body: whole, json };
  }

  json(method: string, path: string, value?: unknown, headers: Record<string, string> = {}): Promise<Opened> {
    if (value === undefined) return this.send(method, path, headers);
    const body = [new TextEncoder().encode(JSON.stringify(value))];
    return this.send(method, path, { 'content-type': 'application/json', ...headers }, body);
  }
}

/** An answer that did not come from inside. */
export class UnsealedAnswer extends Error {
  readonly status: number;
  readonly code: string;

  constructor(answer: RawAnswer) {
    const problem = JSON.parse(answer.body.toString('utf8')) as { code: string };
    super(`unsealed ${answer.status} ${problem.code}`);
    this.status = answer.status;
    this.code = problem.code;
  }
}
