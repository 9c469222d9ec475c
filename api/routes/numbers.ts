import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { NumberList } from '../schemas/index.ts';
import { numberView } from '../views/number-view.ts';

/** The account's own fax numbers. */
export function numberRoutes(app: App, { gateway }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/numbers',
    config: { access: 'api' },
    schema: { tags: ['numbers'], summary: 'Fax numbers of the account', response: { 200: NumberList } },
    handler: async (request) => {
      const numbers = await gateway.accounts.numbers(customerOf(request).account.id);
      return { items: numbers.map(numberView) };
    },
  });
}
