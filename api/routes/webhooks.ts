import { z } from 'zod';
import type { WebhookEndpoint } from '../../gateway/fax/account.ts';
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

const Params = z.object({ id: z.string() });
const tags = ['webhooks'];

const endpointId = (text: string) => pathId('whe', text, 'endpoint_not_found');

/** With the newest signing secret, which is shown when it is made and never again. */
const withSecret = (endpoint: WebhookEndpoint) => ({ ...webhookView(endpoint), secret: endpoint.secrets[0] ?? '' });

/** Where events are posted, and what became of each. */
export function webhookRoutes(app: App, context: ApiContext): void {
  endpointRoutes(app, context);
  secretRoutes(app, context);
  deliveryRoutes(app, context);
}

function endpointRoutes(app: App, { gateway: { webhooks } }: ApiContext): void {
  app.route({
    method: 'POST',
    url: '/v1/webhooks',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Add an endpoint', body: WebhookBody, response: { 201: WebhookWithSecret } },
    handler: async (request, reply) => {
      const endpoint = await webhooks.create(customerOf(request).account.id, request.body);
      return reply.status(201).header('location', `/v1/webhooks/${endpoint.id}`).send(withSecret(endpoint));
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
    handler: async (request) => {
      const { account } = customerOf(request);
      return webhookView(await webhooks.update(account.id, endpointId(request.params.id), defined(request.body)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/webhooks/:id',
    config: { access: 'api', needs: 'webhooks' },
    schema: { tags, summary: 'Remove an endpoint', params: Params, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await webhooks.remove(customerOf(request).account.id, endpointId(request.params.id));
      return reply.status(204).send(null);
    },
  });
}

function secretRoutes(app: App, { gateway: { webhooks } }: ApiContext): void {
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
    handler: async (request) =>
      withSecret(await webhooks.rotate(customerOf(request).account.id, endpointId(request.params.id))),
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

function deliveryRoutes(app: App, { gateway: { webhooks } }: ApiContext): void {
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
      return { events: await webhooks.replay(customerOf(request).account.id, id, request.body.after) };
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
      await webhooks.retry(customerOf(request).account.id, id);
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
