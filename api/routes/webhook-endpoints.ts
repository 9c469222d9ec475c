import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { WebhookEndpoint } from '../../gateway/fax/account.ts';
import type { AccountId, EndpointId } from '../../gateway/fax/ids.ts';
import type { ApiContext } from '../context.ts';
import { defined, pathId } from '../fields.ts';
import type { WebhookBody, WebhookChange, WebhookView, WebhookWithSecret } from '../schemas/index.ts';
import { webhookView } from '../views/webhook-view.ts';
import { noteAct } from './audit-entry.ts';

/** The endpoint that a path names. @throws ApiError endpoint_not_found */
export const endpointId = (text: string): EndpointId => pathId('whe', text, 'endpoint_not_found');

/** With the newest signing secret, which is shown when it is made and never again. */
const withSecret = (endpoint: WebhookEndpoint): z.infer<typeof WebhookWithSecret> => ({
  ...webhookView(endpoint),
  secret: endpoint.secrets[0] ?? '',
});

/**
 * Where events of an account are posted, changed by the account itself or by who looks after it; the audit log tells who
 * it was, and never an address, which may hold a secret of its receiver.
 */
export interface EndpointActs {
  add(
    request: FastifyRequest,
    account: AccountId,
    wish: z.output<typeof WebhookBody>,
  ): Promise<z.infer<typeof WebhookWithSecret>>;
  change(
    request: FastifyRequest,
    account: AccountId,
    id: EndpointId,
    change: z.output<typeof WebhookChange>,
  ): Promise<WebhookView>;
  remove(request: FastifyRequest, account: AccountId, id: EndpointId): Promise<void>;
  rotate(request: FastifyRequest, account: AccountId, id: EndpointId): Promise<z.infer<typeof WebhookWithSecret>>;
}

/** @see EndpointActs */
export function endpointActs(context: ApiContext): EndpointActs {
  const { webhooks } = context.gateway;
  return {
    async add(request, account, wish) {
      const endpoint = await webhooks.create(account, wish);
      await noteAct(context, request, { action: 'webhook.add', account, object: endpoint.id });
      return withSecret(endpoint);
    },
    async change(request, account, id, wish) {
      const change = defined(wish);
      const endpoint = await webhooks.update(account, id, change);
      const detail = { changed: Object.keys(change) };
      await noteAct(context, request, { action: 'webhook.change', account, object: id, detail });
      return webhookView(endpoint);
    },
    async remove(request, account, id) {
      await webhooks.remove(account, id);
      await noteAct(context, request, { action: 'webhook.remove', account, object: id });
    },
    async rotate(request, account, id) {
      const endpoint = await webhooks.rotate(account, id);
      await noteAct(context, request, { action: 'webhook.rotate', account, object: id });
      return withSecret(endpoint);
    },
  };
}
