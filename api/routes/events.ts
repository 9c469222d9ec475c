import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LedgerEvent } from '../../gateway/fax/event.ts';
import { type App, customerOf, endOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { waiting } from '../plugins/long-waits.ts';
import { recheck } from '../plugins/principal.ts';
import { EventPage, EventQuery, StreamQuery } from '../schemas/index.ts';
import { sealedOrigin } from '../transport/inner-request.ts';
import { writeChunk } from '../transport/outgoing.ts';
import { eventView } from '../views/event-view.ts';
import { viewOf } from './account-lookup.ts';

/** Between two slices of a wait the caller's right is checked again, so that a revocation cuts it within 5 s. Milliseconds. */
const SLICE = 2_000;
/** Proxies close a silent stream after 30 s to 60 s. Milliseconds. */
const HEARTBEAT = 15_000;
const tags = ['events'];

/** The account's ledger: by cursor, by long-poll, and as server-sent events on plain HTTPS. */
export function eventRoutes(app: App, context: ApiContext): void {
  const { gateway } = context;

  /** Waits in slices; throws when the caller's right has ended, answers nothing when the caller has gone. */
  const waitFor = async (
    request: FastifyRequest,
    query: { readonly after: number; readonly limit: number; readonly wait: number },
    end: AbortSignal,
  ): Promise<LedgerEvent[]> => {
    const { account } = customerOf(request);
    const deadline = gateway.clock.monotonic() + query.wait;
    for (;;) {
      const left = deadline - gateway.clock.monotonic();
      const slice = Math.max(0, Math.min(SLICE, left));
      const events = await viewOf(context, request).events.wait(account.id, query.after, query.limit, slice, end);
      if (request.principal?.session?.ended.aborted) throw new ApiError('session_ended');
      if (events.length > 0 || left <= SLICE || end.aborted) return events;
      await recheck(context, request);
    }
  };

  app.route({
    method: 'GET',
    url: '/v1/events',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'Events after a cursor; with `wait`, as soon as there is one',
      querystring: EventQuery,
      response: { 200: EventPage },
    },
    handler: async (request, reply) => {
      const { after, limit, wait } = request.query;
      const { account } = customerOf(request);
      if (after === 'latest') return { items: [], next: await viewOf(context, request).events.head(account.id) };
      const events =
        wait === 0
          ? await viewOf(context, request).events.read(account.id, after, limit)
          : await waiting(context, request, () =>
              waitFor(request, { after, limit, wait: wait * 1_000 }, endOf(request, reply)),
            );
      return { items: events.map(eventView), next: events.at(-1)?.seq ?? after };
    },
  });

  const stream = async (request: FastifyRequest, reply: FastifyReply, from: number): Promise<void> => {
    const end = endOf(request, reply);
    let after = from;
    while (!end.aborted) {
      const events = await waitFor(request, { after, limit: 100, wait: HEARTBEAT }, end);
      const text = events.length === 0 ? ': still here\n\n' : events.map(eventText).join('');
      after = events.at(-1)?.seq ?? after;
      if (!end.aborted) await writeChunk(reply.raw, Buffer.from(text));
    }
  };

  app.route({
    method: 'GET',
    url: '/v1/events/stream',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'Events as server-sent events; plain HTTPS only',
      querystring: StreamQuery,
      produces: ['text/event-stream'],
    },
    handler: async (request, reply) => {
      if (sealedOrigin(request.raw) !== undefined)
        throw new ApiError('stream_not_sealed', 'use long-poll in a sealed session');
      const last = Number(request.headers['last-event-id']);
      const after = request.query.after ?? (Number.isSafeInteger(last) && last >= 0 ? last : 0);
      await waiting(context, request, async () => {
        reply.hijack();
        reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        try {
          await stream(request, reply, after);
          reply.raw.end();
        } catch {
          reply.raw.destroy();
        }
      });
    },
  });
}

/** One event in the HTML Living Standard's event stream format, §9.2.5. */
function eventText(event: LedgerEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(eventView(event))}\n\n`;
}
