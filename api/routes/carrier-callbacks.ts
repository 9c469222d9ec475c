import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';

/** Callbacks that are worked on at once: whoever sends them has shown no right to it yet. */
const AT_ONCE = 16;

const Params = z.object({ name: z.string().max(40), '*': z.string().max(512) });

/**
 * Where HTTP carriers tell what has become of a fax, and that one has come: `/carriers/NAME/…`. Who speaks is the adapter's
 * to find out, by the signature over the octets of the body; so they are handed on as they came. How long they may be
 * is the adapter's to say, too: some carriers put the fax into the callback.
 */
export function carrierCallbackRoutes(app: App, { gateway }: ApiContext): void {
  let running = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, body: Readable) => {
    const { name } = Params.pick({ name: true }).parse(request.params);
    return read(body, gateway.carriers.callbackLimit(name, headOf(request)), request.headers['content-length']);
  });

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    if (running >= AT_ONCE) throw new ApiError('busy');
    running++;
    try {
      const { name } = request.params as z.infer<typeof Params>;
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
      const answer = await gateway.carriers.callback(name, { ...headOf(request), body });
      if (answer === undefined) throw new ApiError('route_not_found');
      const { status, contentType = 'text/plain; charset=utf-8', body: text = '' } = answer;
      return await reply.status(status).header('content-type', contentType).send(text);
    } finally {
      running--;
    }
  };

  app.route({
    method: ['GET', 'POST'],
    url: '/carriers/:name/*',
    config: { access: 'open' },
    schema: { hide: true, params: Params },
    handler,
  });
}

function headOf(request: FastifyRequest): Omit<CarrierCallback, 'body'> {
  return {
    method: request.method,
    path: request.url,
    headers: singleHeaders(request),
    source: addressOf(request),
  };
}

/** A header that came twice is none: nobody knows which one was signed. */
function singleHeaders({ headers }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
}

/** The whole body, which may have `limit` octets. @throws ApiError body_too_large */
async function read(body: Readable, limit: number, announced: string | undefined): Promise<Uint8Array> {
  if (Number(announced ?? 0) > limit) throw new ApiError('body_too_large');
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Kept open when it is too long: whoever sent it is answered.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw new ApiError('body_too_large');
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
    chunk.fill(0); // it may be a page
  }
  return whole;
}
