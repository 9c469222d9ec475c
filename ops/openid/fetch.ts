import { isProviderUrl } from './config.ts';
import { OpenIdError } from './errors.ts';

/** Longest answer of a provider, octets: discovery documents, key sets and tokens are far below it. */
export const ANSWER_LIMIT = 512 * 1024;
/**
 * Time for one exchange, milliseconds. A question has at most four of them (metadata, refresh, keys, UserInfo): with the
 * time between two questions it stays below the minute that is promised.
 */
export const TIMEOUT = 5_000;

/** Options of the libraries that speak the protocol, as `fetch` takes them. */
interface FetchOptions {
  readonly method?: string;
  readonly headers?: Headers | Record<string, string>;
  readonly body?: RequestInit['body'];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks a provider: over TLS (or on this machine), without following where it points, no longer than `TIMEOUT` and no more
 * than `ANSWER_LIMIT`. A failing server is no answer, so that a moment of weakness is not read as a refusal.
 *
 * @throws OpenIdError
 */
export async function askProvider(address: string, options: FetchOptions): Promise<Response> {
  if (!URL.canParse(address) || !isProviderUrl(new URL(address)))
    throw new OpenIdError('address_refused', 'the provider names an address without TLS');
  const { method = 'GET', headers = {}, body = null } = options;
  const limit = AbortSignal.timeout(TIMEOUT);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const request: RequestInit = { method, headers, body, signal, redirect: 'manual' };
  const answer = await fetch(address, request).catch(() => {
    throw new OpenIdError('unreachable', 'the provider was not reached');
  });
  if (answer.status >= 300 && answer.status < 400) {
    await answer.body?.cancel();
    throw new OpenIdError('redirected', 'the provider points elsewhere');
  }
  if (answer.status >= 500 || answer.status === 429) {
    await answer.body?.cancel();
    throw new OpenIdError('failing', 'the provider is failing');
  }
  const content = await contentOf(answer);
  return new Response(content.length === 0 ? null : content, { status: answer.status, headers: answer.headers });
}

async function contentOf(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of answer.body ?? []) {
      length += piece.length;
      if (length > ANSWER_LIMIT) throw new OpenIdError('too_large', 'the provider answers more than it should');
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof OpenIdError) throw error;
    throw new OpenIdError('unreachable', 'the answer of the provider broke off');
  }
  return new Uint8Array(Buffer.concat(pieces));
}
