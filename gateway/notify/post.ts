import type { IncomingMessage } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { ResolvedAddress } from './target.ts';

/** How much of an answer is read before the connection is dropped; its content does not matter. */
const ANSWER_LIMIT = 16_384;
const HEADER_LIMIT = 16_384;

/** Why no HTTP answer came. */
export type PostFailure = 'connect_failed' | 'tls_failed' | 'timeout' | 'answer_broken' | 'stopped';

/** What one POST came to: an HTTP status, or the reason for none. */
export type PostResult =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly status: null; readonly failure: PostFailure };

/** One POST to an address that has been checked. */
export interface Post {
  readonly url: URL;
  readonly address: ResolvedAddress;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Milliseconds for everything: connecting, sending, and as much of the answer as is read. */
  readonly timeout: number;
  /** Further certificate authorities (PEM), beside those of Node. */
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends `post` to the pinned address only: the name is not resolved again, but TLS still verifies the certificate
 * against it. Redirects are not followed; the connection is not kept. Never throws.
 */
export async function sendPost(post: Post): Promise<PostResult> {
  const timeout = AbortSignal.timeout(post.timeout);
  const signal = AbortSignal.any([timeout, post.signal]);
  try {
    const answer = await exchange(post, signal);
    await drain(answer).catch(() => undefined); // the status has decided already
    return { status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] };
  } catch (error) {
    if (post.signal.aborted) return { status: null, failure: 'stopped' };
    return { status: null, failure: timeout.aborted ? 'timeout' : failureOf(error) };
  }
}

function exchange(post: Post, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = post.url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? requestHttps : requestHttp)(
      post.url,
      {
        method: 'POST',
        agent: false,
        lookup: pinned(post.address),
        headers: { ...post.headers, 'content-length': String(post.body.length), connection: 'close' },
        maxHeaderSize: HEADER_LIMIT,
        signal,
        ...(post.ca === undefined ? {} : { ca: [...post.ca] }),
      },
      resolve,
    );
    outgoing.on('error', reject);
    outgoing.end(post.body);
  });
}

/** A resolver that knows one answer. Node asks for all addresses or for one, depending on its version and options. */
function pinned({ address, family }: ResolvedAddress): LookupFunction {
  return (_host, options, answer) => {
    if (options.all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
}

/** Reads a bounded part of the answer, so that a small one ends in good order, and drops the rest. */
async function drain(answer: IncomingMessage): Promise<void> {
  let read = 0;
  for await (const chunk of answer) {
    read += (chunk as Uint8Array).length;
    if (read > ANSWER_LIMIT) break;
  }
  answer.destroy();
}

function failureOf(error: unknown): PostFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(ERR_TLS|ERR_SSL|CERT_|EPROTO|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA)/.test(code))
    return 'tls_failed';
  if (/^(HPE_|ECONNRESET$)/.test(code)) return 'answer_broken';
  return 'connect_failed';
}
