import type { IncomingMessage } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TLSSocket } from 'node:tls';
import { base64url, digestSha256 } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { Transport, TransportAnswer, TransportRequest } from './transport.ts';

/** A connection on which nothing moves for this long is given up, in milliseconds; long-polls take 25 s. */
const SILENCE_LIMIT = 120_000;

/** How the Node transport treats TLS. */
export interface NodeTransportOptions {
  /**
   * Whether the TLS certificate must also be one that Node trusts. Off by default: the pin authenticates the gateway
   * inside, and a self-signed certificate is usual.
   */
  readonly verifyTls?: boolean;
  /** Certificate authorities (PEM) for `verifyTls`. */
  readonly ca?: readonly string[];
}

/** HTTPS over node:https to `origin`, such as `https://fax.example.org:8443`. Uploads and downloads stream. */
export function nodeTransport(origin: string, options: NodeTransportOptions = {}): Transport {
  // Without cached sessions every connection shows its certificate.
  const agent = new Agent({
    keepAlive: true,
    maxCachedSessions: 0,
    rejectUnauthorized: options.verifyTls ?? false,
    ...(options.ca === undefined ? {} : { ca: [...options.ca] }),
  });
  return { post: (request) => post(new URL(request.path, origin), agent, request), close: () => agent.destroy() };
}

async function post(url: URL, agent: Agent, request: TransportRequest): Promise<TransportAnswer> {
  const { answer, leaf } = await exchange(url, agent, request).catch((error: unknown) => {
    throw transportError(error, request.signal);
  });
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers['content-type'] ?? '',
    retryAfter: answer.headers['retry-after'],
    body: bodyOf(answer, request.signal),
    tlsLeaf: leaf === null ? null : base64url(await digestSha256(leaf)),
  };
}

interface Exchanged {
  readonly answer: IncomingMessage;
  readonly leaf: Uint8Array | null;
}

function exchange(url: URL, agent: Agent, request: TransportRequest): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const outgoing = requestHttps(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': request.contentType },
      timeout: SILENCE_LIMIT,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    outgoing.on('timeout', () => outgoing.destroy(new ClientError('timeout', 'the gateway has gone silent')));
    outgoing.on('error', reject);
    // The gateway may answer, such as with 413, before the upload has ended; that answer counts.
    outgoing.on('response', (answer) => resolve({ answer, leaf: leafOf(answer) }));
    // Some records are sealed ahead, so that neither the sealing nor the line waits for the other.
    pipeline(Readable.from(request.body, { objectMode: true, highWaterMark: 8 }), outgoing).catch(reject);
  });
}

function leafOf(answer: IncomingMessage): Uint8Array | null {
  const { socket } = answer;
  return socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.raw ?? null) : null;
}

async function* bodyOf(answer: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array;
  } catch (error) {
    throw transportError(error, signal);
  } finally {
    answer.destroy();
  }
}

function transportError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new ClientError('aborted', 'the request was given up', { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (
    error instanceof ClientError ||
    !/^(E[A-Z]+|ERR_(TLS|SSL|STREAM_PREMATURE|HTTP)|CERT_|UNABLE_|DEPTH_|SELF_|HPE_)/.test(code)
  ) {
    return error;
  }
  return new ClientError('unreachable', `the gateway cannot be reached (${code})`, { reason: code, cause: error });
}
