import { z } from 'zod';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { defined, pathId, queryId } from '../fields.ts';
import {
  DeliveryFilter,
  DeliveryList,
  DeliveryView,
  ReplayBody,
  ReplayView,
  WebhookBody,
  WebhookChange,
  WebhookKeyView,
  WebhookList,
  WebhookView,
  WebhookWithSecret,
} from '../schemas/index.ts';
import { deliveryView, webhookView } from '../views/webhook-view.ts';
import { noteAct } from './audit-entry.ts';
import { endpointActs, endpointId } from './webhook-endpoints.ts';

const Params = z.object({ id: z.string() });
const tags = ['webhooks'];

/** Where events are posted, and what became of each. */
export function webhookRoutes(app: App, context: ApiContext): void {
  endpointRoutes(app, context);
  secretRoutes(app, context);
  deliveryRoutes(app, context);
}

function endpointRoutes(app: App, context: ApiContext): void {
  const { webhooks } = context.gateway;
  const acts = endpointActs(context);

  app.route({
    method: 'POST',
    url: '/v1/webhooks',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Add an endpoint', body: WebhookBody, response: { 201: WebhookWithSecret } },
    handler: async (request, reply) => {
      const endpoint = await acts.add(request, customerOf(request).account.id, request.body);
      return reply.status(201).header('location', `/v1/webhooks/${endpoint.id}`).send(endpoint);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhooks',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Endpoints of the account', response: { 200: WebhookList } },
    handler: async (request) => ({ items: (await webhooks.list(customerOf(request).account.id)).map(webhookView) }),
  });

  app.route({
    method: 'PATCH',
    url: '/v1/webhooks/:id',
    config: { access: 'api', needs: 'webhooks' },
    schema: {
      tags,
      summary: 'Change an endpoint',
      params: Params,
      body: WebhookChange,
      response: { 200: WebhookView },
    },
    handler: (request) =>
      acts.change(request, customerOf(request).account.id, endpointId(request.params.id), request.body),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/webhooks/:id',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Remove an endpoint', params: Params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await acts.remove(request, customerOf(request).account.id, endpointId(request.params.id));
      return reply.status(204).send(null);
    },
  });
}

function secretRoutes(app: App, context: ApiContext): void {
  const { webhooks } = context.gateway;
  const acts = endpointActs(context);

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/rotate',
    config: { access: 'api', needs: 'webhooks' },
    schema: {
      tags,
      summary: 'A new secret; the old one signs beside it for 24 hours',
      params: Params,
      response: { 200: WebhookWithSecret },
    },
    handler: (request) => acts.rotate(request, customerOf(request).account.id, endpointId(request.params.id)),
  });

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/test',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Deliver a test event now', params: Params, response: { 200: DeliveryView } },
    handler: async (request) =>
      deliveryView(await webhooks.test(customerOf(request).account.id, endpointId(request.params.id))),
  });
}

function deliveryRoutes(app: App, context: ApiContext): void {
  const { webhooks } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/replay',
    config: { access: 'api', needs: 'webhooks' },
    schema: {
      tags,
      summary: 'Deliver the events after a cursor again',
      params: Params,
      body: ReplayBody,
      response: { 200: ReplayView },
    },
    handler: async (request) => {
      const id = endpointId(request.params.id);
      const account = customerOf(request).account.id;
      const events = await webhooks.replay(account, id, request.body.after);
      await noteAct(context, request, { action: 'webhook.replay', account, object: id, detail: { events } });
      return { events };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhooks/deliveries',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Deliveries, newest first', querystring: DeliveryFilter, response: { 200: DeliveryList } },
    handler: async (request) => {
      const { endpoint, state, limit, cursor } = request.query;
      const query = defined({ endpoint: queryId('whe', endpoint, '/endpoint'), state, limit, cursor });
      const page = await webhooks.deliveries(customerOf(request).account.id, query);
      return { items: page.items.map(deliveryView), next: page.next };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/webhooks/deliveries/:id/retry',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Attempt a delivery again', params: Params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const id = pathId('dlv', request.params.id, 'delivery_not_found');
      const account = customerOf(request).account.id;
      await webhooks.retry(account, id);
      await noteAct(context, request, { action: 'webhook.retry', account, object: id });
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhooks/key',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Public key of the v1a signatures', response: { 200: WebhookKeyView } },
    handler: async () => ({ publicKey: webhooks.publicKey }),
  });
}
