import type { Clock } from '../../gateway/ports/clock.ts';
import { clientAt, type HttpClient, type HttpRequest, type HttpResult } from '../http/index.ts';
import { askToken, basic, bearer, type Key, readToken } from './wire.ts';

/** A token is not used in the last minute of its life, ms: the request has to arrive. */
const MARGIN = 60_000;

/** Requests with the key itself (RFC 7617). */
export function withKey(http: HttpClient, key: Key): HttpClient {
  const headers = { authorization: basic(key) };
  return {
    exchange: (request) => http.exchange({ ...request, headers: { ...request.headers, ...headers } }),
    at: (reference) => withKey(clientAt(http, reference), key),
  };
}

/**
 * Requests with tokens that the key buys (RFC 6749 §4.4). A request that is answered 401 was not carried out: it is sent
 * once more with a new token. Where no token can be had, the answer to that is the answer.
 */
export function withTokens(http: HttpClient, authority: HttpClient, key: Key, clock: Clock): HttpClient {
  return bearing(http, new Tokens(authority, key, clock));
}

function bearing(http: HttpClient, tokens: Tokens): HttpClient {
  return {
    async exchange(request) {
      const first = await send(http, tokens, request);
      if (!first.ok || first.status !== 401 || !tokens.forget()) return first;
      return send(http, tokens, request);
    },
    at: (reference) => bearing(clientAt(http, reference), tokens),
  };
}

async function send(http: HttpClient, tokens: Tokens, request: HttpRequest): Promise<HttpResult> {
  const token = await tokens.take();
  if (typeof token !== 'string') return token;
  return http.exchange({ ...request, headers: { ...request.headers, authorization: bearer(token) } });
}

class Tokens {
  readonly #authority: HttpClient;
  readonly #key: Key;
  readonly #clock: Clock;
  #token: { readonly text: string; readonly until: number } | null = null;
  #asking: Promise<string | HttpResult> | null = null;

  constructor(authority: HttpClient, key: Key, clock: Clock) {
    this.#authority = authority;
    this.#key = key;
    this.#clock = clock;
  }

  /** A token, or why there is none: nothing of the request itself was sent then. */
  async take(): Promise<string | HttpResult> {
    if (this.#token !== null && this.#clock.monotonic() < this.#token.until) return this.#token.text;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** The token is no longer taken; false: there was none. */
  forget(): boolean {
    const had = this.#token !== null;
    this.#token = null;
    return had;
  }

  async #ask(): Promise<string | HttpResult> {
    const answer = await this.#authority.exchange(askToken(this.#key));
    if (!answer.ok) return { ...answer, sent: false };
    const token = answer.status === 200 ? readToken(answer) : undefined;
    if (token !== undefined) {
      const until = this.#clock.monotonic() + Math.max(0, token.seconds * 1_000 - MARGIN);
      this.#token = { text: token.text, until };
      return token.text;
    }
    // A refusal of the key is one of everything; anything else only says that there is no token now.
    if (answer.status >= 400 && answer.status < 500) return answer;
    return { ok: false, sent: false, failure: 'answer_broken', detail: `no token: HTTP ${answer.status}` };
  }
}
