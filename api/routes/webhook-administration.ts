import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, momentOf, pathId, queryId } from '../fields.ts';
import {
  AccountIdText,
  AdminDeliveryFilter,
  AdminDeliveryList,
  AdminReplayBody,
  AdminWebhookList,
  DeliveryFilter,
  DeliveryList,
  ReplayView,
  WebhookList,
} from '../schemas/index.ts';
import { adminWebhookView, deliveryView, webhookView } from '../views/webhook-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const DeliveryParams = AccountParams.extend({ id: z.string() });
const tags = ['admin'];
/** Milliseconds. */
const WEEK = 7 * 86_400_000;

/**
 * Where events of an account are posted, for who looks after it. An address may hold a token of its receiver, so that
 * looking at it needs more than an auditor; what is posted where stays the account's own affair.
 */
export function webhookAdministrationRoutes(app: App, context: ApiContext): void {
  overviewRoutes(app, context);
  accountRoutes(app, context);
  repeatRoutes(app, context);
}

/** All of them at once: what has not arrived anywhere. */
function overviewRoutes(app: App, { gateway: { webhooks, clock } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/webhooks',
    config: { access: 'admin', role: 'operator', bound: 'query' },
    schema: {
      tags,
      summary: 'Webhook endpoints of all accounts, or of one, with what has not arrived',
      querystring: z.object({ account: AccountIdText.optional() }),
      response: { 200: AdminWebhookList },
    },
    handler: async (request) => {
      const account = queryId('acc', request.query.account, '/account');
      return { items: (await webhooks.figures(clock.now() - WEEK, account)).map(adminWebhookView) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/webhooks/deliveries',
    config: { access: 'admin', role: 'operator', bound: 'query' },
    schema: {
      tags,
      summary: 'Webhook deliveries of all accounts, or of one, newest first',
      querystring: AdminDeliveryFilter,
      response: { 200: AdminDeliveryList },
    },
    handler: async (request) => {
      const { account, endpoint, state, limit, cursor } = request.query;
      const whose = { account: queryId('acc', account, '/account'), endpoint: queryId('whe', endpoint, '/endpoint') };
      const page = await webhooks.allDeliveries(defined({ ...whose, state, limit, cursor }));
      const items = page.items.map((delivery) => ({ ...deliveryView(delivery), account: delivery.account }));
      return { items, next: page.next };
    },
  });
}

function accountRoutes(app: App, context: ApiContext): void {
  const { webhooks } = context.gateway;

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
}

/** Posting again by hand, which the audit log tells. */
function repeatRoutes(app: App, context: ApiContext): void {
  const { webhooks, accounts, clock } = context.gateway;
  const note = (request: FastifyRequest, account: AccountId, action: string, object: string, detail: object) => {
    const { who, address } = actorOf(request);
    const entry = { action, object, account, detail: { ...detail } };
    return accounts.audit({ at: clock.now(), actor: who, address: address ?? null, ...entry });
  };

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/webhooks/:id/replay',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: {
      tags,
      summary: 'Deliver the events of an account to one of its endpoints again, 10,000 at most',
      params: DeliveryParams,
      body: AdminReplayBody,
      response: { 200: ReplayView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      const id = pathId('whe', request.params.id, 'endpoint_not_found');
      const { after, since } = request.body;
      const events =
        since === undefined
          ? await webhooks.replay(account.id, id, after ?? 0)
          : await webhooks.replaySince(account.id, id, momentOf(since));
      await note(request, account.id, 'webhook.replay', id, { events });
      return { events };
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
      await note(request, account.id, 'webhook.retry', id, {});
      return reply.status(204).send(null);
    },
  });
}
