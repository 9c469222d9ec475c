import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { EncodedBody } from './body.ts';

const HEADER_LIMIT = 16_384;

/** Why no whole answer came. */
export type HttpFailure = 'connect_failed' | 'tls_failed' | 'timeout' | 'answer_broken' | 'too_large' | 'stopped';

/** An answer, whatever its status; a redirect is one too and is never followed. */
export interface HttpAnswer {
  readonly ok: true;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** What one exchange came to. */
export type HttpResult =
  | HttpAnswer
  | {
      readonly ok: false;
      /** False: no connection was made, so the far side cannot have acted on the request. */
      readonly sent: boolean;
      readonly failure: HttpFailure;
      /** Code of the fault, never a header or a body. */
      readonly detail: string;
    };

/** One exchange, down to the address. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: EncodedBody | null;
  readonly clock: Clock;
  /** Milliseconds for everything: connecting, sending and the whole answer. */
  readonly timeout: number;
  /** Milliseconds in which a connection must stand; left out: as long as everything. */
  readonly connect?: number;
  /** Octets of the longest answer. */
  readonly limit: number;
  /** Connects there instead of resolving the name again. */
  readonly address?: { readonly address: string; readonly family: 4 | 6 };
  /** Further certificate authorities (PEM) in place of the public ones. */
  readonly authorities?: string;
  readonly signal?: AbortSignal;
}

/**
 * One request on a connection of its own. Node's request and not its fetch: fetch copies what it sends, and decrypted
 * pages in a copy could not be wiped; nor can it be bound to an address that was checked. Never throws.
 */
export async function exchange(order: Exchange): Promise<HttpResult> {
  const attempt = new Attempt(order);
  try {
    return await attempt.run();
  } catch (error) {
    return attempt.failed(error);
  } finally {
    attempt.close();
  }
}

class TooLarge extends Error {}

class Attempt {
  readonly #order: Exchange;
  readonly #abort = new AbortController();
  readonly #cancelTimer: () => void;
  readonly #cancelConnectTimer: () => void;
  readonly #onStop = () => this.#abort.abort();
  #timedOut = false;
  #connected = false;

  constructor(order: Exchange) {
    this.#order = order;
    const giveUp = () => {
      this.#timedOut = true;
      this.#abort.abort();
    };
    this.#cancelTimer = order.clock.after(order.timeout, giveUp);
    this.#cancelConnectTimer = order.connect === undefined ? () => {} : order.clock.after(order.connect, giveUp);
    if (order.signal?.aborted === true) this.#abort.abort();
    else order.signal?.addEventListener('abort', this.#onStop, { once: true });
  }

  close(): void {
    this.#cancelTimer();
    this.#cancelConnectTimer();
    this.#order.signal?.removeEventListener('abort', this.#onStop);
    this.#abort.abort();
  }

  async run(): Promise<HttpAnswer> {
    const message = await this.#request();
    const body = await readBody(message, this.#order.limit);
    return { ok: true, status: message.statusCode ?? 0, headers: headersOf(message), body };
  }

  failed(error: unknown): HttpResult {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { ok: false, sent: this.#connected, failure: this.#failure(error, code), detail: code };
  }

  #failure(error: unknown, code: string): HttpFailure {
    if (this.#timedOut) return 'timeout';
    if (this.#order.signal?.aborted === true) return 'stopped';
    if (error instanceof TooLarge) return 'too_large';
    if (this.#connected) return 'answer_broken';
    return TLS_CODES.test(code) ? 'tls_failed' : 'connect_failed';
  }

  #request(): Promise<IncomingMessage> {
    const { method, url, headers, body, address, authorities } = this.#order;
    const secure = url.protocol === 'https:';
    const content = body === null ? {} : { 'content-type': body.contentType, 'content-length': String(body.length) };
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? requestHttps : requestHttp)(
        url,
        {
          method,
          agent: false,
          headers: { ...headers, ...content, connection: 'close' },
          maxHeaderSize: HEADER_LIMIT,
          signal: this.#abort.signal,
          ...(address === undefined ? {} : { lookup: pinned(address) }),
          ...(authorities === undefined ? {} : { ca: authorities }),
        },
        resolve,
      );
      outgoing.on('socket', (socket: Socket) => {
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          this.#connected = true;
          this.#cancelConnectTimer();
        });
      });
      outgoing.on('error', reject);
      for (const piece of body?.pieces ?? []) outgoing.write(piece);
      outgoing.end();
    });
  }
}

const TLS_CODES = /^(ERR_TLS|ERR_SSL|CERT_|EPROTO|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA)/;

/** A resolver that knows one answer. Node asks for all addresses or for one, depending on its version and options. */
function pinned({ address, family }: { readonly address: string; readonly family: 4 | 6 }): LookupFunction {
  return (_host, options, answer) => {
    if (options.all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
}

async function readBody(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of message) {
    const octets = chunk as Uint8Array;
    length += octets.length;
    if (length > limit) throw new TooLarge('the answer is longer than its limit');
    chunks.push(octets);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
    chunk.fill(0); // it may be a page
  }
  return body;
}

function headersOf({ headers }: IncomingMessage): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]);
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}
