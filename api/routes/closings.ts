import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { AccountView, ClosingBody } from '../schemas/index.ts';
import { accountView } from '../views/account-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const tags = ['admin'];

/** The end of accounts, and its revocation while there is time. */
export function closingRoutes(app: App, context: ApiContext): void {
  const { closing } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/close',
    config: { access: 'admin', role: 'admin', stepUp: true },
    schema: {
      tags,
      summary: 'Close an account: sessions end, faxes are cancelled, images wiped; after some days it is erased',
      params: AccountParams,
      body: ClosingBody,
      response: { 200: AccountView },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return accountView(await closing.close(id, request.body.days, actorOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/reopen',
    config: { access: 'admin', role: 'admin', stepUp: true },
    schema: {
      tags,
      summary: 'Open a closed account again; its webhooks stay off',
      params: AccountParams,
      response: { 200: AccountView },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return accountView(await closing.reopen(id, actorOf(request)));
    },
  });
}
