import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';

/** A callback carries ids and states, never a page. Octets. */
const CALLBACK_LIMIT = 256 * 1024;
/** Callbacks that are worked on at once: whoever sends them has shown no right to it yet. */
const AT_ONCE = 16;

const Params = z.object({ name: z.string().max(40), '*': z.string().max(512) });

/**
 * Where HTTP carriers tell what has become of a fax, and that one has come: `/carriers/NAME/…`. Who speaks is the adapter's
 * to find out, by the signature over the octets of the body; so they are handed on as they came.
 */
export function carrierCallbackRoutes(app: App, { gateway }: ApiContext): void {
  let running = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: CALLBACK_LIMIT }, (_request, body, done) =>
    done(null, body),
  );

  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    if (running >= AT_ONCE) throw new ApiError('busy');
    running++;
    try {
      const { name } = request.params as z.infer<typeof Params>;
      const answer = await gateway.carriers.callback(name, {
        method: request.method,
        path: request.url,
        headers: singleHeaders(request),
        body: request.body instanceof Uint8Array ? request.body : new Uint8Array(0),
        source: addressOf(request),
      });
      if (answer === undefined) throw new ApiError('route_not_found');
      const { status, contentType = 'text/plain; charset=utf-8', body = '' } = answer;
      return await reply.status(status).header('content-type', contentType).send(body);
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

/** A header that came twice is none: nobody knows which one was signed. */
function singleHeaders({ headers }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : undefined]),
  );
}
