import { ClientError } from './errors.ts';
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts';

/**
 * HTTPS over the runtime's `fetch`, for browsers and workers. A browser keeps the sealed upload as a Blob before it is
 * sent, because request streams are not found everywhere; what it keeps is ciphertext. Downloads stream.
 */
export function fetchTransport(origin: string): Transport {
  return { post: (request) => post(new URL(request.path, origin), request), close: () => undefined };
}

async function post(url: URL, request: TransportRequest): Promise<TransportAnswer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of request.body) parts.push(new Uint8Array(chunk));
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': request.contentType },
      body: new Blob(parts),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      retryAfter: answer.headers.get('retry-after') ?? undefined,
      body: chunksOf(answer.body),
      tlsLeaf: null,
    };
  } catch (cause) {
    if (request.signal?.aborted) throw new ClientError('aborted', 'the request was given up', { cause });
    throw new ClientError('unreachable', 'the gateway cannot be reached', { cause });
  }
}

async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
