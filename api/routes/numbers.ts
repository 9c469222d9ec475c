import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { NumberList } from '../schemas/index.ts';
import { numberView } from '../views/number-view.ts';
import { viewOf } from './account-lookup.ts';

/** The account's own fax numbers, and the subaddresses by which it receives on others. */
export function numberRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/numbers',
    config: { access: 'api', needs: 'any' },
    schema: {
      tags: ['numbers'],
      summary: 'Fax numbers of the account, and its subaddresses of shared ones',
      response: { 200: NumberList },
    },
    handler: async (request) => {
      const account = customerOf(request).account.id;
      const { accounts } = viewOf(context, request);
      const [numbers, subaddresses] = await Promise.all([
        accounts.numbers(account),
        accounts.subaddresses({ account }),
      ]);
      return { items: [...numbers, ...subaddresses].map(numberView) };
    },
  });
}
