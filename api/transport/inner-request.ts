import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Session } from '../../gateway/ports/session-store.ts';
import { ApiError } from '../errors.ts';

/** What a sealed request brings along that no header may say. */
export interface SealedOrigin {
  readonly session: Session;
  readonly address: string;
}

/** The opened message as the router takes it. */
export interface OpenedHead {
  readonly m: string;
  readonly p: string;
  readonly h: Readonly<Record<string, string>>;
}

/** Header fields that mean something inside the seal. Everything else (forwarded-for, authorization, host) is dropped. */
const INNER_FIELDS = ['accept', 'content-type', 'idempotency-key', 'if-none-match', 'user-agent'];

/**
 * A request from inside a sealed message, shaped like the router's own. Its body can be read in two ways: as a stream
 * (small JSON; each chunk is copied) or through `direct`, the opened records themselves, each zeroed when the next is
 * asked for. One of the two, once.
 */
export class InnerRequest extends Readable {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly rawHeaders: string[] = [];
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly socket: { readonly remoteAddress: string; readonly encrypted: true };
  readonly connection: { readonly remoteAddress: string; readonly encrypted: true };
  readonly complete = true;
  readonly origin: SealedOrigin;
  readonly direct: AsyncGenerator<Uint8Array>;

  constructor(head: OpenedHead, origin: SealedOrigin, body: AsyncGenerator<Uint8Array>) {
    super({ highWaterMark: 0, autoDestroy: false });
    this.method = head.m;
    this.url = head.p;
    this.headers = { host: 'sealed' };
    for (const name of INNER_FIELDS) {
      const value = head.h[name];
      if (value !== undefined) this.headers[name] = value;
    }
    this.socket = { remoteAddress: origin.address, encrypted: true };
    this.connection = this.socket;
    this.origin = origin;
    this.direct = body;
    // The parser that reads this listens for errors itself; one that comes after it has stopped is nobody's.
    this.on('error', () => undefined);
  }

  override _read(): void {
    this.direct.next().then(
      (next) => this.push(next.done === true ? null : Buffer.from(next.value)),
      (error: Error) => this.destroy(error),
    );
  }
}

/** Where a request comes from when it was sealed; undefined for plain HTTPS. */
export function sealedOrigin(raw: IncomingMessage | InnerRequest): SealedOrigin | undefined {
  return raw instanceof InnerRequest ? raw.origin : undefined;
}

/**
 * The body of a request in chunks that may be zeroed after use. Whoever stops early leaves the connection open, so that
 * the answer which says why can still go out.
 */
export function bodyBytes(raw: IncomingMessage | InnerRequest): AsyncIterable<Uint8Array> {
  return raw instanceof InnerRequest ? raw.direct : received(raw);
}

async function* received(raw: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* raw.iterator({ destroyOnReturn: false });
  } catch {
    throw new ApiError('body_invalid', 'the body broke off');
  }
}
