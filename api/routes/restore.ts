import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { RestoreView } from '../schemas/index.ts';
import { addressOf } from '../transport/address.ts';
import { restoreView } from '../views/restore-view.ts';

/** The hold after a restore from a backup: looked at and ended by an administrator. */
export function restoreRoutes(app: App, { gateway }: ApiContext): void {
  const tags = ['admin'];

  app.route({
    method: 'GET',
    url: '/v1/admin/restore',
    config: { access: 'admin', role: 'auditor' },
    schema: { tags, summary: 'Whether the gateway waits after a restore', response: { 200: RestoreView } },
    handler: async () => restoreView(await gateway.restore.hold()),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/restore/confirm',
    config: { access: 'admin', role: 'admin', stepUp: true },
    schema: {
      tags,
      summary: 'The lost gateway calls nobody any more: dial, answer and accept again, in every process',
      response: { 200: RestoreView },
    },
    handler: async (request) => {
      await gateway.restore.confirm({ who: principalOf(request).user.id, address: addressOf(request) });
      return restoreView(await gateway.restore.hold());
    },
  });
}
