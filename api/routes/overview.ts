import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, queryId } from '../fields.ts';
import { HostView, OverviewQuery, OverviewView, SettingsView } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';
import { viewOf } from './account-lookup.ts';

/** Milliseconds. */
const HOUR = 3_600_000;

/** What an operator looks at first: how it stands, and whether the host is as it should be. */
export function overviewRoutes(app: App, context: ApiContext): void {
  const { gateway, settings } = context;

  const tags = ['admin'];

  app.route({
    method: 'GET',
    url: '/v1/admin/overview',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Unfinished faxes by state, and what ended hour by hour',
      querystring: OverviewQuery,
      response: { 200: OverviewView },
    },
    handler: async (request) => {
      const { account, hours } = request.query;
      const now = gateway.clock.now();
      // The hour that runs is one of them.
      const since = now - (hours - 1) * HOUR;
      const seen = await viewOf(context, request).faxes.overview(since, queryId('acc', account, '/account'));
      const ended = seen.hours.map(({ start, ...sums }) => ({ start: isoTime(start), ...sums }));
      return { at: isoTime(now), states: defined(seen.states), hours: ended };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/settings',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Every setting of the process that this request met, and where its value was found; without secrets',
      response: { 200: SettingsView },
    },
    handler: async () => ({ items: [...settings.inForce] }),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/host',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'What answers, and the host report, of the process that this request met',
      response: { 200: HostView },
    },
    handler: async () => {
      const checks = Object.entries(await gateway.ready()).map(([name, { ok, detail }]) => ({ name, ok, detail }));
      return { version: settings.version, draining: gateway.draining, checks, findings: [...settings.host] };
    },
  });
}
