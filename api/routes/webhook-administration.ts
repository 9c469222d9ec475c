import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, pathId, queryId } from '../fields.ts';
import { DeliveryFilter, DeliveryList, WebhookList } from '../schemas/index.ts';
import { deliveryView, webhookView } from '../views/webhook-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const DeliveryParams = AccountParams.extend({ id: z.string() });
const tags = ['admin'];

/**
 * Where events of an account are posted, for who looks after it. An address may hold a token of its receiver, so that
 * looking at it needs more than an auditor; what is posted where stays the account's own affair.
 */
export function webhookAdministrationRoutes(app: App, context: ApiContext): void {
  const { webhooks, accounts, clock } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/webhooks',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: { tags, summary: 'Webhook endpoints of an account', params: AccountParams, response: { 200: WebhookList } },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return { items: (await webhooks.list(id)).map(webhookView) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/webhooks/deliveries',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: {
      tags,
      summary: 'Webhook deliveries of an account, newest first',
      params: AccountParams,
      querystring: DeliveryFilter,
      response: { 200: DeliveryList },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      const { endpoint, state, limit, cursor } = request.query;
      const query = defined({ endpoint: queryId('whe', endpoint, '/endpoint'), state, limit, cursor });
      const page = await webhooks.deliveries(id, query);
      return { items: page.items.map(deliveryView), next: page.next };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/webhooks/deliveries/:id/retry',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: {
      tags,
      summary: 'Attempt a webhook delivery again',
      params: DeliveryParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const id = pathId('dlv', request.params.id, 'delivery_not_found');
      await webhooks.retry(account.id, id);
      const { who, address } = actorOf(request);
      const entry = { action: 'webhook.retry', object: id, account: account.id, detail: {} };
      await accounts.audit({ at: clock.now(), actor: who, address: address ?? null, ...entry });
      return reply.status(204).send(null);
    },
  });
}
