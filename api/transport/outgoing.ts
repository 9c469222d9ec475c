import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { wipe } from '../../crypto/index.ts';
import { InnerResponse } from './inner-response.ts';

/** Writes one chunk and resolves when it has been used, so that the caller may zero it. Rejects when the other side has gone. */
export function writeChunk(raw: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('the caller has gone'));
    if (raw.destroyed) return gone();
    raw.once('close', gone);
    raw.write(chunk, (error) => {
      raw.off('close', gone);
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

/**
 * Answers with bytes as they come. The first chunk is waited for before the status goes out, so that what fails at
 * once is still a problem document; what fails later breaks the answer off. Chunks are zeroed after use.
 */
export async function sendBytes(
  reply: FastifyReply,
  source: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  const { raw } = reply;
  reply.hijack();
  try {
    raw.writeHead(200, { ...plainHeaders(reply), ...headers });
    for (let next = first; next.done !== true; next = await chunks.next()) {
      await writeChunk(raw, next.value);
      wipe(next.value);
    }
    raw.end();
  } catch (error) {
    await chunks.return?.();
    breakOff(raw, error);
  }
}

function plainHeaders(reply: FastifyReply): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) headers[name] = `${value}`;
  return headers;
}

/** Ends an answer so that nobody takes it for a whole one. */
function breakOff(raw: ServerResponse, error: unknown): void {
  const cause = error instanceof Error ? error : new Error('the answer broke off');
  if (raw instanceof InnerResponse) raw.fail(cause);
  else raw.destroy();
}
