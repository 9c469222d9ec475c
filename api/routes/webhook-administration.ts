import { z } from 'zod';
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
  WebhookBody,
  WebhookChange,
  WebhookList,
  WebhookView,
  WebhookWithSecret,
} from '../schemas/index.ts';
import { adminWebhookView, deliveryView, webhookView } from '../views/webhook-view.ts';
import { accountOf } from './account-lookup.ts';
import { noteAct } from './audit-entry.ts';
import { endpointActs, endpointId } from './webhook-endpoints.ts';

const AccountParams = z.object({ account: z.string() });
const EndpointParams = AccountParams.extend({ id: z.string() });
const tags = ['admin'];
/** Milliseconds. */
const WEEK = 7 * 86_400_000;

/**
 * Where events of an account are posted, for who looks after it. An address may hold a token of its receiver, so that
 * looking at it needs more than an auditor; what changes it, an administrator of the account.
 */
export function webhookAdministrationRoutes(app: App, context: ApiContext): void {
  overviewRoutes(app, context);
  accountRoutes(app, context);
  changeRoutes(app, context);
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

/** What the account may do with its endpoints, done for it. */
function changeRoutes(app: App, context: ApiContext): void {
  const acts = endpointActs(context);
  const config = { access: 'admin', role: 'admin', bound: 'path' } as const;

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/webhooks',
    config,
    schema: {
      tags,
      summary: 'Add a webhook endpoint to an account; its signing secret is shown once',
      params: AccountParams,
      body: WebhookBody,
      response: { 201: WebhookWithSecret },
    },
    handler: async (request, reply) => {
      const { id } = await accountOf(context, request.params.account);
      return reply.status(201).send(await acts.add(request, id, request.body));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/admin/accounts/:account/webhooks/:id',
    config,
    schema: {
      tags,
      summary: 'Change a webhook endpoint of an account, switch it off or on',
      params: EndpointParams,
      body: WebhookChange,
      response: { 200: WebhookView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      return acts.change(request, account.id, endpointId(request.params.id), request.body);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/accounts/:account/webhooks/:id',
    config,
    schema: {
      tags,
      summary: 'Remove a webhook endpoint of an account',
      params: EndpointParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      await acts.remove(request, account.id, endpointId(request.params.id));
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/webhooks/:id/rotate',
    config,
    schema: {
      tags,
      summary: 'A new signing secret, shown once; the old one signs beside it for 24 hours',
      params: EndpointParams,
      response: { 200: WebhookWithSecret },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      return acts.rotate(request, account.id, endpointId(request.params.id));
    },
  });
}

/** Posting again by hand, which the audit log tells. */
function repeatRoutes(app: App, context: ApiContext): void {
  const { webhooks } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/webhooks/:id/replay',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: {
      tags,
      summary: 'Deliver the events of an account to one of its endpoints again, 10,000 at most',
      params: EndpointParams,
      body: AdminReplayBody,
      response: { 200: ReplayView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      const id = endpointId(request.params.id);
      const { after, since } = request.body;
      const events =
        since === undefined
          ? await webhooks.replay(account.id, id, after ?? 0)
          : await webhooks.replaySince(account.id, id, momentOf(since));
      await noteAct(context, request, {
        action: 'webhook.replay',
        account: account.id,
        object: id,
        detail: { events },
      });
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
      params: EndpointParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const id = pathId('dlv', request.params.id, 'delivery_not_found');
      await webhooks.retry(account.id, id);
      await noteAct(context, request, { action: 'webhook.retry', account: account.id, object: id });
      return reply.status(204).send(null);
    },
  });
}
