import type { ClientSession } from '../../crypto/client.ts';
import { MESSAGES_PER_SESSION, SealError, startHandshake, wipe } from '../../crypto/client.ts';
import { collect } from './bytes.ts';
import { ClientError } from './errors.ts';
import { refusalOf } from './refusal.ts';
import type { SequenceMemory } from './sequence-memory.ts';
import type { Transport } from './transport.ts';

/** Largest answer to a hello, in bytes. */
const HELLO_ANSWER_LIMIT = 65_536;
/** A session is left this long before the gateway ends it, in milliseconds, so that no request meets the end. */
const MARGIN = 20_000;
/** The gateway drops a session without a log-in after 30 s; after so many milliseconds none is begun in it. */
const LOG_IN_WITHIN = 20_000;

/** Whom to shake hands with. */
export interface HandshakeTarget {
  readonly pins: readonly string[];
  /** Host of the connection string. */
  readonly aud: string;
  readonly transport: Transport;
  readonly memory: SequenceMemory;
  /** Milliseconds since 1970; for the validity of the server's statement. */
  readonly now: () => number;
}

/**
 * One session with its keys. The keys are zeroed when it has been retired and no request is using it any more.
 */
export class SealedSession {
  readonly keys: ClientSession;
  /** SHA-256 of the TLS leaf certificate seen during the handshake, base64url, or null. */
  readonly tlsLeaf: string | null;
  readonly #born = performance.now();
  #lastUsed = this.#born;
  #seq = 0;
  #users = 0;
  #retired = false;

  constructor(keys: ClientSession, tlsLeaf: string | null) {
    this.keys = keys;
    this.tlsLeaf = tlsLeaf;
  }

  /** Whether another request may start under it. */
  get usable(): boolean {
    const now = performance.now();
    const alive = now - this.#born < this.keys.life * 1_000 - MARGIN;
    const awake = now - this.#lastUsed < this.keys.idle * 1_000 - MARGIN;
    return !this.#retired && alive && awake && this.#seq < MESSAGES_PER_SESSION;
  }

  /** Whether there is time left for the log-in. */
  get mayLogIn(): boolean {
    return performance.now() - this.#born < LOG_IN_WITHIN;
  }

  /** Takes the next sequence number and keeps the keys until `leave`. */
  enter(): number {
    this.#users += 1;
    this.#lastUsed = performance.now();
    return this.#seq++;
  }

  leave(): void {
    this.#users -= 1;
    this.#lastUsed = performance.now();
    this.#wipeWhenDone();
  }

  /** No request starts under it any more. */
  retire(): void {
    this.#retired = true;
    this.#wipeWhenDone();
  }

  #wipeWhenDone(): void {
    if (this.#retired && this.#users === 0) wipe(this.keys.c2s, this.keys.s2c);
  }
}

/**
 * A new session: hello, all checks of SPEC.md §4.3, keys. No secret has left the client yet.
 *
 * @throws ClientError `untrusted_server` (with the SealError code as reason), `busy`, `transport_rejected`, `unreachable`
 */
export async function openSession(target: HandshakeTarget, signal: AbortSignal | undefined): Promise<SealedSession> {
  const { pins, aud, transport, memory, now } = target;
  const seq = await memory.highest(pins);
  const handshake = await startHandshake({ pins, aud, now: now(), seq });
  const answer = await transport.post({
    path: '/sfx1/hello',
    contentType: 'application/json',
    body: once(handshake.request),
    signal,
  });
  const bytes = await collect(answer.body, HELLO_ANSWER_LIMIT);
  if (answer.status !== 200) throw refusalOf(answer.status, answer.retryAfter, bytes);
  const keys = await handshake.finish(bytes).catch((error: unknown) => {
    throw untrusted(error);
  });
  await memory.saw(pins, keys.statementSeq);
  return new SealedSession(keys, answer.tlsLeaf);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function untrusted(error: unknown): unknown {
  if (!(error instanceof SealError)) return error;
  const message = `this is not the gateway of the connection string: ${error.message}`;
  return new ClientError('untrusted_server', message, { reason: error.code, cause: error });
}
