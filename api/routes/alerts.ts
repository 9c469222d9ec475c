import { alertsOf } from '../alerts.ts';
import { type App, boundTo } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { AlertList } from '../schemas/index.ts';
import { isoTimeOrNull } from '../schemas/shape.ts';

/** What waits for a person: the same for the console, the command line and whoever watches. */
export function alertRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/alerts',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: {
      tags: ['admin'],
      summary: 'What waits for a person, the gravest first: of all accounts, or of the own one',
      response: { 200: AlertList },
    },
    handler: async (request) => {
      const alerts = await alertsOf(context, boundTo(request));
      return { items: alerts.map((alert) => ({ ...alert, since: isoTimeOrNull(alert.since) })) };
    },
  });
}
