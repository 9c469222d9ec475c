import { parseE164 } from '../../gateway/fax/number.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { momentOf } from '../fields.ts';
import { RouteExplanationView, RouteList, RouteQuery } from '../schemas/index.ts';
import { carrierTermsView, explanationView, routeRuleView } from '../views/route-view.ts';
import { accountOf } from './account-lookup.ts';

const tags = ['admin'];

/** Which carriers calls go over, and why. */
export function routeRoutes(app: App, context: ApiContext): void {
  const { routes, budgets } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/routes',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'The rules by which calls find their carriers, and what may go over these',
      response: { 200: RouteList },
    },
    handler: async () => ({
      items: routes.rules().map(routeRuleView),
      carriers: routes.terms().map(carrierTermsView),
    }),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/routes/explain',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Which carrier a call would go over, which ones after it, and why not over the others',
      querystring: RouteQuery,
      response: { 200: RouteExplanationView },
    },
    handler: async (request) => {
      const { number, from, account, at } = request.query;
      const explanation = await routes.explain({
        to: parseE164(number, '/number'),
        from: from === undefined ? null : parseE164(from, '/from'),
        account: account === undefined ? null : await accountOf(context, account),
        at: at === undefined ? null : momentOf(at),
      });
      return explanationView(explanation, budgets.currency);
    },
  });
}
