import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { PurgeList, PurgeQueryText, PurgeView } from '../schemas/index.ts';
import { purgeView } from '../views/purge-view.ts';
import { actorOf } from './account-lookup.ts';

const Params = z.object({ call: z.string() });
const tags = ['admin'];

/** What carriers keep of faxes, and asking them once more. */
export function purgeRoutes(app: App, { gateway: { purges } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/purges',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Copies of faxes that carriers keep still, the newest first',
      querystring: PurgeQueryText,
      response: { 200: PurgeList },
    },
    handler: async (request) => {
      const { carrier, all, limit, cursor } = request.query;
      const filter = { ...(carrier === undefined ? {} : { carrier }), ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await purges.list({ ...filter, outstanding: all === 'false', limit });
      return { items: items.map(purgeView), next };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/purges/:call/retry',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'Have a carrier erase its copy now; nothing happens when it is gone',
      params: Params,
      response: { 200: PurgeView },
    },
    handler: async (request) => {
      const call = pathId('call', request.params.call, 'call_not_found');
      const purge = await purges.retry(call, actorOf(request));
      if (purge === undefined) throw new ApiError('call_not_found');
      return purgeView(purge);
    },
  });
}
