import type { ZodType } from 'zod';
import type { Clock } from '../../gateway/ports/clock.ts';
import { encodeBody, type HttpBody } from './body.ts';
import { exchange, type HttpAnswer, type HttpResult } from './exchange.ts';

/** Time for one exchange, ms, and the longest answer, octets, where a request does not say. */
const TIMEOUT = 30_000;
const LIMIT = 1_048_576;

/** Where a carrier's API is, and how it is spoken to. */
export interface HttpClientOptions {
  /** What paths are appended to, without a slash at its end. */
  readonly base: URL;
  readonly clock: Clock;
  /** Sent with every request, such as its authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** ms; default 30,000. */
  readonly timeout?: number;
  /** Octets of the longest answer; default 1 MiB. */
  readonly limit?: number;
  /** Certificate authorities (PEM) in place of the public ones. */
  readonly authorities?: string;
}

/** One request below the base. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; whatever is not ours in it is encoded by the caller (`encodeURIComponent`). */
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly timeout?: number;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** A carrier's API. */
export interface HttpClient {
  /** One request, sent once: what to do when no answer came is the adapter's decision. Never throws. */
  exchange(request: HttpRequest): Promise<HttpResult>;
}

/** A client of one API. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { clock, authorities } = options;
  return {
    exchange: ({ method, path, query = [], headers, body, timeout, limit, signal }) =>
      exchange({
        method,
        url: urlBelow(options.base, path, query),
        headers: { accept: 'application/json', 'user-agent': 'Sealfax/1', ...options.headers, ...headers },
        body: body === undefined ? null : encodeBody(body),
        clock,
        timeout: timeout ?? options.timeout ?? TIMEOUT,
        limit: limit ?? options.limit ?? LIMIT,
        ...(authorities === undefined ? {} : { authorities }),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

function urlBelow(base: URL, path: string, query: NonNullable<HttpRequest['query']>): URL {
  const url = new URL(`${base.href.replace(/\/+$/, '')}${path}`);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url;
}

const text = new TextDecoder('utf-8', { fatal: true });

/** The JSON of an answer as `schema` says; undefined: it is none, or of another shape. */
export function readAnswer<T>(schema: ZodType<T>, { body }: Pick<HttpAnswer, 'body'>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text.decode(body))).data;
  } catch {
    return undefined;
  }
}
