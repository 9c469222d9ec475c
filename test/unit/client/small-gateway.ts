import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import type { RequestHead, ServerSession } from '../../../crypto/index.ts';
import {
  createHandshakeServer,
  DEFAULT_SUITE,
  formatConnectionString,
  generateSigningKey,
  issueStatement,
  openRequest,
  readRequestHeader,
  SeqWindow,
  sealResponse,
  sha256,
} from '../../../crypto/index.ts';

/** One request as it was opened. */
export interface Opened {
  readonly head: RequestHead;
  readonly body: Uint8Array;
  readonly seq: number;
  readonly sid: string;
}

/** Status, headers and body that go back inside the seal. */
export interface SealedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** How a test bends the gateway. */
export interface Bends {
  /** Answers opened requests other than the log-in. */
  answer: (request: Opened) => SealedAnswer | Promise<SealedAnswer>;
  /** Takes over a sealed POST before it is opened; true when it has answered. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Changes the sealed bytes of an answer on their way. */
  tamper: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** Seconds. */
  life: number;
  statementSeq: number;
}

const root = await generateSigningKey();
const handshakeKey = await generateSigningKey();
const pem = await generate([{ name: 'commonName', value: 'localhost' }]);
const encoder = new TextEncoder();

/** `value` as the chunks of a JSON body. */
export function jsonBody(value: unknown): Uint8Array[] {
  return [encoder.encode(JSON.stringify(value))];
}

/**
 * The server side of the protocol and nothing behind it, over real TLS: for showing the client answers that a true
 * gateway never gives.
 */
export async function startSmallGateway(bends: Partial<Bends> = {}) {
  const sessions = new Map<string, { session: ServerSession; window: SeqWindow }>();
  const opened: Opened[] = [];
  const logins: Record<string, unknown>[] = [];
  const seen = { hellos: 0 };
  const statement = await issueStatement(
    {
      seq: bends.statementSeq ?? 5,
      hosts: ['localhost'],
      keys: [{ publicKey: handshakeKey.publicSpki }],
      suites: [DEFAULT_SUITE],
      ttl: 86_400,
    },
    root,
    Date.now(),
  );
  const handshakes = createHandshakeServer(
    { handshakeKey, statement, hosts: ['localhost'] },
    bends.life === undefined ? {} : { life: bends.life },
  );

  async function hello(request: IncomingMessage, response: ServerResponse): Promise<void> {
    seen.hellos += 1;
    const { response: answer, session } = await handshakes.hello(await bytesOf(request), Date.now());
    sessions.set(Buffer.from(session.sid).toString('hex'), { session, window: new SeqWindow() });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  async function message(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (bends.intercept?.(request, response)) return;
    const incoming = await readRequestHeader(request);
    const sid = Buffer.from(incoming.header.sid).toString('hex');
    const known = sessions.get(sid);
    if (known === undefined) return refuse(response, 401, 'session_unknown');
    const { head, body, seq, salt } = await openRequest(known.session, incoming);
    if (!known.window.mark(seq)) return refuse(response, 409, 'seq_used');
    const request_ = { head, body: await bytesOf(body), seq, sid };
    opened.push(request_);
    const answer = await reply(request_);
    const inner = { s: answer.status, h: answer.headers ?? {} };
    const sealed = sealResponse(known.session, seq, salt, inner, answer.body ?? []);
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    for await (const chunk of bends.tamper?.(sealed) ?? sealed) response.write(chunk);
    response.end();
  }

  async function reply(request: Opened): Promise<SealedAnswer> {
    if (request.head.p === '/v1/session' && request.head.m === 'POST') {
      const login = JSON.parse(Buffer.from(request.body).toString()) as Record<string, unknown>;
      logins.push(login);
      if (login.secret === 'wrong') return problem(401, 'access_denied');
      return { status: 200, body: jsonBody({ realm: login.realm }) };
    }
    return (await bends.answer?.(request)) ?? { status: 204 };
  }

  const server = createServer({ key: pem.private, cert: pem.cert }, (request, response) => {
    const handle = request.url === '/sfx1/hello' ? hello : message;
    handle(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 400, 'sealed_message_rejected');
      else response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connectionTo = (pin: string) =>
    formatConnectionString({ account: 'clinic', user: 'app', host: 'localhost', port, pins: [pin] });
  const leaf = Buffer.from(pem.cert.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return {
    bends,
    opened,
    logins,
    seen,
    sessions,
    connection: connectionTo(root.pin),
    strangerConnection: connectionTo(handshakeKey.pin),
    leaf: Buffer.from(sha256(leaf)).toString('base64url'),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A sealed refusal. */
export function problem(status: number, code: string, more: object = {}): SealedAnswer {
  const body = jsonBody({ type: 'about:blank', title: code, status, code, detail: `${code} happened`, ...more });
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ status, code }));
}

async function bytesOf(source: AsyncIterable<unknown>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
