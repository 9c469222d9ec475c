import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Fax } from '../../gateway/fax/fax.ts';
import type { BatchId } from '../../gateway/fax/ids.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined, pathId } from '../fields.ts';
import { BatchView } from '../schemas/index.ts';
import { accept } from '../submit/accept.ts';
import { faxView } from '../views/fax-view.ts';
import { viewOf } from './account-lookup.ts';

const tags = ['batches'];

/** One document to many numbers, one result each. */
export function batchRoutes(app: App, context: ApiContext): void {
  const batchView = async (request: FastifyRequest, id: BatchId): Promise<BatchView> => {
    const account = customerOf(request).account.id;
    const view = viewOf(context, request);
    const faxes: Fax[] = [];
    let cursor: string | undefined;
    do {
      const page = await view.faxes.faxes(defined({ account, batch: id, limit: 500, cursor }));
      faxes.push(...page.items);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    if (faxes.length === 0) throw new ApiError('batch_not_found');
    const states: Record<string, number> = {};
    for (const { state } of faxes) states[state] = (states[state] ?? 0) + 1;
    return { id, states, faxes: faxes.map(faxView) };
  };

  app.route({
    method: 'POST',
    url: '/v1/batches',
    config: { access: 'api', needs: 'send', upload: 'batch' },
    schema: { tags, summary: 'Send a document to many numbers', response: { 202: BatchView } },
    handler: async (request, reply) => {
      const { batch, replayed } = await accept(context, request, 'batch');
      if (batch === null) throw new Error('an accepted batch has no id');
      if (replayed) reply.header('idempotency-replayed', 'true');
      const view = await batchView(request, batch);
      return reply.status(202).header('location', `/v1/batches/${batch}`).send(view);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/batches/:id',
    config: { access: 'api', needs: 'read' },
    schema: { tags, summary: 'One batch', params: z.object({ id: z.string() }), response: { 200: BatchView } },
    handler: async (request) => batchView(request, pathId('bat', request.params.id, 'batch_not_found')),
  });
}
