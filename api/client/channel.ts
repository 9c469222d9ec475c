import type { MessageBody } from '../../crypto/client.ts';
import { openResponse, SealError, sealRequest, textBody } from '../../crypto/client.ts';
import { collect } from './bytes.ts';
import type { Credentials } from './credentials.ts';
import { currentCode, loginBody, proofFields, provenAgain } from './credentials.ts';
import { ApiProblem, ClientError } from './errors.ts';
import { pause } from './pause.ts';
import { problemOf } from './problem.ts';
import { refusalOf } from './refusal.ts';
import type { HandshakeTarget, SealedSession } from './sealed-session.ts';
import { openSession } from './sealed-session.ts';
import type { StepUp, StepUpProof } from './sign-in.ts';

/** Largest answer that is read whole (JSON), in bytes. Documents stream instead. */
const JSON_LIMIT = 16 * 1_048_576;
/** Largest unsealed refusal that is read. */
const REFUSAL_LIMIT = 65_536;
const OCTETS = 'application/octet-stream';
/** Pauses before the attempts after the first one, in milliseconds; each is lengthened by up to a half. */
const PAUSES: readonly number[] = [250, 1_000, 3_000, 8_000];
/** So many times a gateway that shows an older statement than another is asked again. */
const ROLLBACK_REPEATS = 2;
/** How long a log-out may take, in milliseconds. */
const LOG_OUT_LIMIT = 3_000;
/** A Retry-After beyond this is for the caller to wait, in milliseconds. */
const LONGEST_WAIT = 60_000;

/** One request to the API. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body; called once for each attempt, which seals it anew. */
  readonly body?: () => MessageBody;
  /** Whether carrying it out twice is harmless (GET, DELETE, or with an Idempotency-Key): then it is retried. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An authenticated answer with a status below 400. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks of at most 64 KiB, each zeroed when the next is asked for. The answer is whole only when this ends by itself. */
  readonly body: AsyncGenerator<Uint8Array>;
}

/** Sealed requests to one gateway as one user. Sessions are opened, renewed and left as needed. */
export interface Channel {
  /** @throws ApiProblem for a refusal of the gateway, ClientError for everything on the way */
  request(call: Call): Promise<Reply>;
  /** As `request`, with a JSON value in and out; undefined for an empty answer. */
  json(call: Omit<Call, 'body'>, value?: unknown): Promise<unknown>;
  /** Logs out and drops the keys. */
  close(): Promise<void>;
}

/** What a channel is made of. */
export interface ChannelParts extends HandshakeTarget {
  readonly credentials: Credentials;
  /** Whether another session follows one that has ended; yes when left out. */
  readonly renew?: boolean;
  /** Says anew who is there; the credentials do when it is left out. */
  readonly stepUp?: StepUp;
}

/** @see Channel */
export function createChannel(parts: ChannelParts): Channel {
  const closing = new AbortController();
  let current: SealedSession | undefined;
  let opening: Promise<SealedSession> | undefined;
  let proving: Promise<boolean> | undefined;
  /** Given so far: what was refused before the last one is sent again without another. */
  let proofs = 0;

  /** One handshake for all that wait for it. */
  async function session(signal: AbortSignal): Promise<SealedSession> {
    if (current?.usable) return current;
    opening ??= renew().finally(() => {
      opening = undefined;
    });
    return unlessAborted(opening, signal);
  }

  async function renew(): Promise<SealedSession> {
    if (current !== undefined && parts.renew === false) throw new ClientError('session_over', 'the session has ended');
    current?.retire();
    current = await openAndLogIn(parts, closing.signal);
    return current;
  }

  async function request(call: Call): Promise<Reply> {
    const signal = call.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, call.signal]);
    let proven = false;
    for (let attempt = 0; ; attempt++) {
      if (closing.signal.aborted) throw new ClientError('closed', 'the client has been closed');
      const before = proofs;
      try {
        return await exchange(parts, await session(signal), { ...call, signal });
      } catch (error) {
        if (!proven && isStepUp(error) && (proofs > before || (await stepUp(signal)))) {
          proven = true;
          continue;
        }
        const wait = pauseBefore(attempt, error, call);
        if (wait === null || !(await pause(wait, signal))) throw error;
      }
    }
  }

  /** One proof for all that wait for it; false when nobody gives one. @throws ApiProblem when it is refused */
  async function stepUp(signal: AbortSignal): Promise<boolean> {
    proving ??= prove().finally(() => {
      proving = undefined;
    });
    return unlessAborted(proving, signal);
  }

  async function prove(): Promise<boolean> {
    const { keys } = await session(closing.signal);
    const proof = await (parts.stepUp?.() ?? provenAgain(parts.credentials, keys.th));
    if (proof === null) return false;
    if (proof !== 'proven') await sendProof(proof);
    proofs++;
    return true;
  }

  async function sendProof(proof: StepUpProof): Promise<void> {
    const body = JSON.stringify(proof);
    const call: Call = { method: 'POST', path: '/v1/admin/me/step-up', headers: JSON_TYPE, body: () => textBody(body) };
    await whole(await exchange(parts, await session(closing.signal), { ...call, signal: closing.signal }));
  }

  async function json(call: Omit<Call, 'body'>, value?: unknown): Promise<unknown> {
    const sent = value === undefined ? undefined : JSON.stringify(value);
    const reply = await request({
      ...call,
      headers: { accept: 'application/json', ...call.headers, ...(sent === undefined ? {} : JSON_TYPE) },
      ...(sent === undefined ? {} : { body: () => textBody(sent) }),
    });
    return parsed(await whole(reply));
  }

  async function close(): Promise<void> {
    if (closing.signal.aborted) return;
    closing.abort();
    if (current?.usable) {
      const signal = AbortSignal.timeout(LOG_OUT_LIMIT);
      await exchange(parts, current, { method: 'DELETE', path: '/v1/session', signal })
        .then(whole)
        .catch(() => undefined);
    }
    current?.retire();
    parts.transport.close();
  }

  return { request, json, close };
}

/** The value of `promise`, which goes on for others when this one gives up. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new ClientError('aborted', 'the request was given up'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** Handshake, then the log-in as message 0: the client's key confirmation. */
async function openAndLogIn(parts: ChannelParts, signal: AbortSignal | undefined): Promise<SealedSession> {
  const { credentials } = parts;
  let session = await openSession(parts, signal);
  try {
    // Asked for when the gateway has proved itself; a person may need longer than it waits for the log-in.
    const code = await currentCode(credentials);
    if (!session.mayLogIn) {
      session.retire();
      session = await openSession(parts, signal);
    }
    const proven = await proofFields(credentials.proof, session.keys.th);
    const login = JSON.stringify(loginBody(credentials, session.tlsLeaf, proven, code));
    const call: Call = { method: 'POST', path: '/v1/session', headers: JSON_TYPE, body: () => textBody(login), signal };
    await whole(await exchange(parts, session, call));
    return session;
  } catch (error) {
    session.retire();
    throw error;
  }
}

/** One attempt under one session. */
async function exchange(parts: ChannelParts, session: SealedSession, call: Call): Promise<Reply> {
  const seq = session.enter();
  let handedOver = false;
  try {
    const head = { m: call.method, p: call.path, h: call.headers ?? {} };
    const sealed = sealRequest(session.keys, seq, head, call.body?.() ?? []);
    const post = { path: '/sfx1/m', contentType: OCTETS, body: sealed.bytes, signal: call.signal };
    const answer = await parts.transport.post(post);
    if (answer.status !== 200 || !answer.contentType.startsWith(OCTETS)) {
      if (answer.status === 400 || answer.status === 401) session.retire();
      throw refusalOf(answer.status, answer.retryAfter, await collect(answer.body, REFUSAL_LIMIT));
    }
    const opened = await openResponse(session.keys, sealed, answer.body);
    const { s: status, h: headers } = opened.head;
    if (status >= 400) {
      const problem = problemOf(status, headers, await collect(authentic(opened.body), JSON_LIMIT));
      if (isSessionEnd(problem)) session.retire();
      throw problem;
    }
    handedOver = true;
    return { status, headers, body: held(authentic(opened.body), session) };
  } catch (error) {
    throw sealFailure(error);
  } finally {
    if (!handedOver) session.leave();
  }
}

/** Keeps the session's keys while its answer is being read. */
async function* held(body: AsyncGenerator<Uint8Array>, session: SealedSession): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    session.leave();
  }
}

async function* authentic(body: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw sealFailure(error);
  }
}

function sealFailure(error: unknown): unknown {
  if (!(error instanceof SealError) || error.code === 'usage') return error;
  const message = 'the answer is not one of the gateway to this request';
  return new ClientError('answer_rejected', message, { reason: error.code, cause: error });
}

/** The whole body of a reply, at most 16 MiB. */
export async function whole(reply: Reply): Promise<Uint8Array> {
  return collect(reply.body, JSON_LIMIT);
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ClientError('answer_rejected', 'the answer is not JSON', { cause });
  }
}

/** Milliseconds until the next attempt, or null when there is none. */
function pauseBefore(attempt: number, error: unknown, call: Call): number | null {
  const pause = PAUSES[attempt];
  if (pause === undefined || !mayRepeat(error, call)) return null;
  if (isRollback(error) && attempt >= ROLLBACK_REPEATS) return null;
  const asked = error instanceof ClientError || error instanceof ApiProblem ? (error.retryAfter ?? 0) : 0;
  if (asked > LONGEST_WAIT) return null;
  return Math.max(pause * (1 + Math.random() / 2), asked);
}

/** The gateways behind one name renew their statement at the same moment, but not to the millisecond. */
function isRollback(error: unknown): boolean {
  return error instanceof ClientError && error.reason === 'statement_rollback';
}

/**
 * A request that was refused before it was carried out may always be sent again; one whose fate is unknown only when
 * carrying it out twice is harmless.
 */
function mayRepeat(error: unknown, call: Call): boolean {
  if (isSessionEnd(error)) return true;
  if (error instanceof ApiProblem)
    return call.repeatable === true && (error.status === 503 || error.code === 'idempotency_running');
  if (!(error instanceof ClientError)) return false;
  if (error.code === 'busy' || isRollback(error)) return true;
  return call.repeatable === true && ['unreachable', 'answer_rejected', 'transport_rejected'].includes(error.code);
}

/** The gateway wants to know again who is there; the request has not been carried out. */
function isStepUp(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'step_up_required';
}

/** The request met a session that is no more, or a number used twice: it has not been carried out. */
function isSessionEnd(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.code === 'session_ended' || error.code === 'login_required';
  const reasons = ['session_unknown', 'sequence_used'];
  return error instanceof ClientError && error.code === 'transport_rejected' && reasons.includes(error.reason ?? '');
}
