import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { HealthView, ReadyView } from '../schemas/index.ts';

/** For load balancers and supervisors. Neither answer says anything about customers. */
export function healthRoutes(app: App, { gateway }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/healthz',
    config: { access: 'open' },
    schema: { tags: ['health'], summary: 'The process answers', response: { 200: HealthView } },
    handler: async () => ({ status: 'ok' as const }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { access: 'open' },
    schema: {
      tags: ['health'],
      summary: 'Everything that a fax needs answers',
      response: { 200: ReadyView, 503: ReadyView },
    },
    handler: async (_request, reply) => {
      const checks = await gateway.ready();
      const ready = !gateway.draining && Object.values(checks).every((check) => check.ok);
      return reply.status(ready ? 200 : 503).send({ ready, checks });
    },
  });
}
