import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { rateNetwork } from '../../gateway/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';
import { sendBytes } from '../transport/outgoing.ts';

/** 32 octets in base64url; whatever else a path may hold is none of ours. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** Files that are made at once: each is a child with decrypted pages. */
const AT_ONCE = 8;
/** Misses of one network in this time, ms, after which it is not looked for any more. */
const MISSES = 20;
const MISS_TIME = 600_000;
/** Networks remembered at once. */
const NETWORKS = 10_000;

const Params = z.object({ token: z.string(), name: z.string() });

/**
 * Where carriers that cannot take a file fetch one: `/media/TOKEN/NAME`. The token is the only credential, and works once;
 * whatever is wrong with it, the answer is that of a route that does not exist.
 */
export function mediaRoutes(app: App, { gateway }: ApiContext): void {
  const misses = new Misses(gateway.clock);
  let running = 0;

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { token } = request.params as z.infer<typeof Params>;
    const address = addressOf(request);
    if (!TOKEN.test(token) || misses.tooMany(address)) throw missed(address);
    const source = address === 'unknown' ? null : address;
    if (request.method === 'HEAD') return head(reply, await gateway.media.look(token, source), address);
    const file = await gateway.media.fetch(token, source);
    if (file === undefined) throw missed(address);
    try {
      await sendBytes(reply, file.octets, { 'content-type': file.mediaType });
    } catch (error) {
      // A page that does not open is our fault, and no business of whoever asks.
      gateway.log.warn({ error: String(error) }, 'a carrier could not be given a fax');
      throw missed(address);
    }
  }

  function head(reply: FastifyReply, mediaType: string | undefined, address: string): void {
    if (mediaType === undefined) throw missed(address);
    void reply.header('content-type', mediaType).send();
  }

  function missed(address: string): ApiError {
    misses.note(address);
    return new ApiError('route_not_found');
  }

  app.route({
    method: ['GET', 'HEAD'],
    url: '/media/:token/:name',
    exposeHeadRoute: false,
    config: { access: 'open' },
    schema: { hide: true, params: Params },
    handler: async (request, reply) => {
      if (running >= AT_ONCE) throw new ApiError('busy');
      running++;
      try {
        await answer(request, reply);
      } finally {
        running--;
      }
      return reply;
    },
  });
}

/** How often each network asked for what there is not. */
class Misses {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #counts = new Map<string, { count: number; readonly since: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  tooMany(address: string): boolean {
    return (this.#current(rateNetwork(address))?.count ?? 0) >= MISSES;
  }

  note(address: string): void {
    const network = rateNetwork(address);
    const known = this.#current(network) ?? { count: 0, since: this.#clock.monotonic() };
    known.count++;
    this.#counts.set(network, known);
    for (const oldest of this.#counts.keys()) {
      if (this.#counts.size <= NETWORKS) break;
      this.#counts.delete(oldest);
    }
  }

  #current(network: string): { count: number; readonly since: number } | undefined {
    const known = this.#counts.get(network);
    if (known === undefined || this.#clock.monotonic() - known.since < MISS_TIME) return known;
    this.#counts.delete(network);
    return undefined;
  }
}
