import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { AdminFaxView } from '../schemas/index.ts';
import { acceptFor } from '../submit/accept.ts';
import { adminFaxView } from '../views/fax-view.ts';
import { accountOf } from './account-lookup.ts';
import { acceptedFax } from './faxes.ts';

/** Sending for an account: its administrators do by hand what its programs do, and are named as who has sent it. */
export function faxSendingRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/faxes',
    config: { access: 'admin', role: 'operator', bound: 'path', upload: 'fax_for' },
    schema: {
      tags: ['admin'],
      summary: 'Send a document to one number for an account; with `review` it waits until its pages are released',
      params: z.object({ account: z.string() }),
      response: { 202: AdminFaxView },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const answer = await acceptFor(context, request, account);
      const { fax, channels } = await acceptedFax(context, request, answer, account.id);
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      const view = { ...adminFaxView(fax), channels };
      return reply.status(202).header('location', `/v1/admin/faxes/${fax.id}`).send(view);
    },
  });
}
