import type { ZodType } from 'zod';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { encodeBody, type HttpBody } from './body.ts';
import { Endpoints } from './endpoints.ts';
import { exchange, type HttpAnswer, type HttpResult } from './exchange.ts';

/** Time for one exchange, ms, and the longest answer, octets, where a request does not say. */
const TIMEOUT = 30_000;
const LIMIT = 1_048_576;

/** Where a carrier's API is, and how it is spoken to. */
export interface HttpClientOptions {
  /** What paths are appended to, without a slash at its end. */
  readonly base: URL;
  /** Other addresses of the same API, of equal standing; see `Endpoints`. */
  readonly others?: readonly URL[];
  readonly clock: Clock;
  /** Hears of addresses that cannot be reached, and that can be again. */
  readonly log?: Pick<Log, 'warn' | 'info'>;
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
  /** The same API for all that concerns one call: of several addresses that which belongs to `key` is asked first. */
  at?(key: string): HttpClient;
}

/** Time in which a connection must stand where there is another address to go to, ms. */
const CONNECT = 10_000;

/** A client of one API. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { base, others = [] } = options;
  const endpoints = new Endpoints([base, ...others]);
  const at = (key: string | undefined): HttpClient => ({
    // A body that cannot be written is a fault of ours, and thrown before anything is asked.
    exchange: (request) => firstReached(options, endpoints, key, exchanging(options, request, others.length > 0)),
    at,
  });
  return at(undefined);
}

/** `http` for what concerns one call, where it tells the addresses of its API apart. */
export function clientAt(http: HttpClient, key: string): HttpClient {
  return http.at?.(key) ?? http;
}

/** The request goes to the next address only where nobody was reached, so that it cannot be carried out twice. */
async function firstReached(
  { clock, log }: HttpClientOptions,
  endpoints: Endpoints,
  key: string | undefined,
  exchangeAt: (base: URL) => Promise<HttpResult>,
): Promise<HttpResult> {
  const bases = endpoints.inOrder(key, clock.monotonic());
  for (const base of bases) {
    const result = await exchangeAt(base);
    const unreached = !result.ok && !result.sent && result.failure !== 'stopped';
    if (unreached && endpoints.failed(base, clock.monotonic())) {
      const { failure, detail } = result;
      log?.warn({ endpoint: base.host, failure, detail }, 'a carrier is not reached at this address');
    }
    if (!unreached && endpoints.reached(base)) log?.info({ endpoint: base.host }, 'a carrier is reached there again');
    if (!unreached || base === bases.at(-1)) return result;
  }
  throw new Error('an API without an address');
}

function exchanging(options: HttpClientOptions, request: HttpRequest, hurried: boolean) {
  const { clock, authorities } = options;
  const { method, path, query = [], headers, timeout, limit, signal } = request;
  const body = request.body === undefined ? null : encodeBody(request.body);
  return (base: URL) =>
    exchange({
      method,
      url: urlBelow(base, path, query),
      headers: { accept: 'application/json', 'user-agent': 'Sealfax/1', ...options.headers, ...headers },
      body,
      clock,
      timeout: timeout ?? options.timeout ?? TIMEOUT,
      limit: limit ?? options.limit ?? LIMIT,
      ...(hurried ? { connect: CONNECT } : {}),
      ...(authorities === undefined ? {} : { authorities }),
      ...(signal === undefined ? {} : { signal }),
    });
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
