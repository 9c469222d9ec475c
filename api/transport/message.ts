import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import {
  copyBytes,
  type OpenedRequest,
  openRequest,
  readRequestHeader,
  SealError,
  scheduleCollection,
  sealResponse,
  wipe,
} from '../../crypto/index.ts';
import type { Session } from '../../gateway/ports/session-store.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError, problemOf } from '../errors.ts';
import { addressOf } from './address.ts';
import { bodyBytes, InnerRequest, sealedOrigin } from './inner-request.ts';
import { type InnerHead, InnerResponse } from './inner-response.ts';
import { writeChunk } from './outgoing.ts';
import { SealedBody } from './sealed-body.ts';

/** Headers, tags and the sealed head on top of the largest body. */
const OVERHEAD = 1024 * 1024;
/** Methods whose requests have no body here. */
const BODYLESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** The session's keys, copied: a session that ends zeroes its own while answers are still being sealed. */
type Keys = Pick<Session, 'sid' | 'c2s' | 's2c' | 'suite'>;

interface Received {
  readonly session: Session;
  readonly keys: Keys;
  readonly opened: OpenedRequest;
}

/** `POST /sfx1/m`: one sealed request in, one sealed response out, dispatched to the same routes as plain HTTPS. */
export async function messageRoute(app: App, context: ApiContext, router: App): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  const limit = context.settings.maxBody + OVERHEAD;
  const options = { config: { access: 'open' as const }, schema: { hide: true }, bodyLimit: limit };
  app.post('/sfx1/m', options, async (request, reply) => {
    if (sealedOrigin(request.raw) !== undefined) throw new ApiError('route_not_found');
    const received = await receive(context, bounded(bodyBytes(request.raw), limit)).catch(unsealed);
    try {
      await answer(router, context, received, addressOf(request), reply.raw, () => reply.hijack());
    } finally {
      wipe(received.keys.c2s, received.keys.s2c);
      // The answer to a log-out is sealed after the session has ended, and so after its own collection.
      if (received.session.ended.aborted) scheduleCollection();
      if (received.session.ended.aborted && !request.raw.complete) cut(request.raw.socket);
    }
  });
}

/** An upload whose session has ended would otherwise be read, and thrown away, for as long as its sender likes. */
function cut(socket: Socket): void {
  socket.destroySoon();
}

/** The server's order (SPEC.md §7): header, session, sequence number, commitment, record 0, mark. */
async function receive({ gateway }: ApiContext, source: AsyncGenerator<Uint8Array>): Promise<Received> {
  const { sessions } = gateway.access;
  const incoming = await readRequestHeader(source);
  const { sid, seq } = incoming.header;
  const found = await sessions.find(sid, seq, gateway.clock.now());
  if (found === undefined || found.session.ended.aborted) return refuse(source, 'session_unknown');
  if (found.used) return refuse(source, 'sequence_used');
  const { session } = found;
  const keys: Keys = { sid, c2s: copyBytes(session.c2s), s2c: copyBytes(session.s2c), suite: session.suite };
  try {
    const opened = await openRequest(keys, incoming);
    if (!(await sessions.mark(sid, seq))) return await refuseUnmarked(gateway, source, sid);
    return { session, keys, opened };
  } catch (error) {
    wipe(keys.c2s, keys.s2c);
    throw error;
  }
}

/** Whoever cannot mark a number has used it, or has lost its session in this moment. */
async function refuseUnmarked(
  { access, clock }: ApiContext['gateway'],
  source: AsyncGenerator<Uint8Array>,
  sid: Uint8Array,
): Promise<never> {
  const session = await access.sessions.get(sid, clock.now());
  return refuse(source, session === undefined ? 'session_unknown' : 'sequence_used');
}

async function refuse(source: AsyncGenerator<Uint8Array>, code: 'session_unknown' | 'sequence_used'): Promise<never> {
  await source.return(undefined);
  throw new ApiError(code);
}

/** Every cryptographic failure is the same answer, without a detail. */
function unsealed(error: unknown): never {
  if (error instanceof SealError && error.code !== 'busy') throw new ApiError('sealed_message_rejected');
  throw error;
}

/** @param hijack tells the router that the response is written here */
async function answer(
  app: App,
  { gateway }: ApiContext,
  { session, keys, opened }: Received,
  address: string,
  raw: ServerResponse,
  hijack: () => void,
): Promise<void> {
  const body = new SealedBody(opened.body, {
    clock: gateway.clock,
    ended: session.ended,
    recheck: async () => {
      if (session.login !== null) await gateway.access.authorize(session, address);
    },
  });
  const inner = dispatch(app, opened, body, { session, address });
  const leave = (): void => inner.response.abandon();
  raw.once('close', leave);
  try {
    const head = await inner.head;
    if (body.broken) throw new ApiError('sealed_message_rejected');
    hijack();
    // A session that ends after this point takes its running downloads with it; an answer that ended it still goes out.
    if (!session.ended.aborted) session.ended.addEventListener('abort', leave, { once: true });
    const sealed = sealResponse(
      keys,
      opened.seq,
      opened.salt,
      { s: head.status, h: head.headers },
      inner.response.body(),
    );
    await send(raw, sealed);
  } finally {
    raw.off('close', leave);
    session.ended.removeEventListener('abort', leave);
    body.close();
  }
}

interface Dispatched {
  readonly head: Promise<InnerHead>;
  readonly response: InnerResponse;
}

/** Hands the opened request to the router. A request without a body is verified to its end before that. */
function dispatch(
  app: App,
  { head }: OpenedRequest,
  body: SealedBody,
  origin: { readonly session: Session; readonly address: string },
): Dispatched {
  const request = new InnerRequest(head, origin, body.chunks());
  const response = new InnerResponse(asIncoming(request));
  const bodyless = BODYLESS.has(head.m) || head.h['content-type'] === undefined;
  const ready = bodyless ? body.expectNothing() : Promise.resolve();
  ready
    .then(() => app.routing(asIncoming(request), response))
    .catch((error: unknown) => answerProblem(response, error));
  return { head: response.head, response };
}

/** The router asks for an IncomingMessage but uses only what InnerRequest has. */
function asIncoming(request: InnerRequest): IncomingMessage {
  return request as unknown as IncomingMessage;
}

function answerProblem(response: InnerResponse, error: unknown): void {
  const { status, headers, body } = problemOf(error);
  response.writeHead(status, headers);
  response.end(JSON.stringify(body));
}

async function send(raw: ServerResponse, sealed: AsyncGenerator<Uint8Array>): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };
  try {
    const [header, first, second] = [await sealed.next(), await sealed.next(), await sealed.next()];
    if (header.done !== true && first.done !== true && second.done === true) {
      // Most answers are one record: they go as a whole, in one piece.
      const whole = Buffer.concat([header.value, first.value]);
      raw.writeHead(200, { ...headers, 'content-length': whole.length });
      raw.end(whole);
      return;
    }
    raw.writeHead(200, headers);
    for (const { value } of [header, first, second]) if (value !== undefined) await writeChunk(raw, value);
    for await (const chunk of sealed) await writeChunk(raw, chunk);
    raw.end();
  } catch {
    // Without its final record the message cannot be taken for a whole one.
    raw.destroy();
  }
}

async function* bounded(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limit) throw new ApiError('body_too_large');
    yield chunk;
  }
}
