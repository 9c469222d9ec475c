import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { NumberList } from '../schemas/index.ts';
import { numberView } from '../views/number-view.ts';

/** The account's own fax numbers, and the subaddresses by which it receives on others. */
export function numberRoutes(app: App, { gateway }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/numbers',
    config: { access: 'api' },
    schema: {
      tags: ['numbers'],
      summary: 'Fax numbers of the account, and its subaddresses of shared ones',
      response: { 200: NumberList },
    },
    handler: async (request) => {
      const account = customerOf(request).account.id;
      const [numbers, subaddresses] = await Promise.all([
        gateway.accounts.numbers(account),
        gateway.accounts.subaddresses({ account }),
      ]);
      return { items: [...numbers, ...subaddresses].map(numberView) };
    },
  });
}
