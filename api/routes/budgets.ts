import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { PayerList, PayerView } from '../schemas/index.ts';
import { payerView } from '../views/budget-view.ts';
import { accountOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const tags = ['admin'];

/** What calls have cost, and what they may. Budgets of accounts are policy; those of carriers are settings. */
export function budgetRoutes(app: App, context: ApiContext): void {
  const { budgets } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/budgets',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Accounts and carriers with a budget, and what they have spent today and this month',
      response: { 200: PayerList },
    },
    handler: async () => ({ items: (await budgets.list()).map((payer) => payerView(payer, budgets.currency)) }),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/budget',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: {
      tags,
      summary: 'What an account has spent today and this month',
      params: AccountParams,
      response: { 200: PayerView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      return payerView(await budgets.account(account), budgets.currency);
    },
  });
}
