import { randomId } from '../../crypto/index.ts';
import type { WebhookEndpoint } from '../fax/account.ts';
import { FaxError } from '../fax/errors.ts';
import type { EventType } from '../fax/event.ts';
import { EVENT_TYPES } from '../fax/event.ts';
import type { AccountId, EndpointId } from '../fax/ids.ts';
import { newId } from '../fax/ids.ts';
import type { EndpointRow } from '../ports/webhook-records.ts';
import type { DeliveryWorld } from './deliveries.ts';
import type { EndpointSecret } from './endpoint-secrets.ts';
import { liveSecrets, newEndpointSecret, openSecrets, rotated, sealSecrets } from './endpoint-secrets.ts';
import { NotifyError } from './errors.ts';
import { parseEndpointUrl } from './target.ts';

/** Endpoints of one account: each event becomes as many requests. */
const ENDPOINT_LIMIT = 20;

/** What a customer asks of an endpoint. */
export interface EndpointChange {
  readonly url?: string;
  readonly types?: readonly EventType[];
  readonly disabled?: boolean;
}

/** What `createEndpoints` makes. */
export type Endpoints = ReturnType<typeof createEndpoints>;

/**
 * Endpoints of an account: what is posted where, with which secrets. Bad input throws NotifyError, an unknown id
 * FaxError `endpoint_not_found`.
 */
export function createEndpoints(world: DeliveryWorld) {
  const { records, clock, sealKey } = world;

  async function found(account: AccountId, id: EndpointId): Promise<EndpointRow> {
    return (await records.endpoint(id, account)) ?? unknownEndpoint();
  }

  async function shown(row: EndpointRow): Promise<WebhookEndpoint> {
    const { sealedSecrets, ...rest } = row;
    return { ...rest, secrets: liveSecrets(await openSecrets(sealKey, row.id, sealedSecrets), clock.now()) };
  }

  async function change(account: AccountId, id: EndpointId, what: Parameters<typeof records.updateEndpoint>[2]) {
    return shown((await records.updateEndpoint(id, account, what)) ?? unknownEndpoint());
  }

  async function create(account: AccountId, wish: { readonly url: string; readonly types: readonly EventType[] }) {
    const fields = checked(wish, world.settings.allowPrivate);
    if ((await records.endpoints(account)).length >= ENDPOINT_LIMIT) {
      throw new NotifyError('option_invalid', `an account has at most ${ENDPOINT_LIMIT} endpoints`, { pointer: '' });
    }
    const id = newId('whe', randomId);
    const secrets: EndpointSecret[] = [{ secret: newEndpointSecret(), until: null }];
    const state = { disabled: false, disabledReason: null, createdAt: clock.now() };
    const row: EndpointRow = {
      id,
      account,
      url: fields.url ?? wish.url,
      types: fields.types ?? [],
      ...state,
      sealedSecrets: await sealSecrets(sealKey, id, secrets),
    };
    await records.createEndpoint(row);
    return shown(row);
  }

  async function list(account: AccountId): Promise<WebhookEndpoint[]> {
    return Promise.all((await records.endpoints(account)).map(shown));
  }

  /** Enabling an endpoint again clears the reason for which it was disabled. */
  async function update(account: AccountId, id: EndpointId, wish: EndpointChange): Promise<WebhookEndpoint> {
    const fields = checked(wish, world.settings.allowPrivate);
    const state = wish.disabled === undefined ? {} : { disabled: wish.disabled, disabledReason: null };
    return change(account, id, { ...fields, ...state });
  }

  async function remove(account: AccountId, id: EndpointId): Promise<void> {
    if (!(await records.deleteEndpoint(id, account))) unknownEndpoint();
  }

  async function rotate(account: AccountId, id: EndpointId): Promise<WebhookEndpoint> {
    const row = await found(account, id);
    const secrets = rotated(await openSecrets(sealKey, id, row.sealedSecrets), clock.now());
    return change(account, id, { sealedSecrets: await sealSecrets(sealKey, id, secrets) });
  }

  return {
    create,
    list,
    update,
    remove,
    rotate,
  };
}

/** @throws FaxError always */
export function unknownEndpoint(): never {
  throw new FaxError('endpoint_not_found', 'the account has no webhook endpoint of this id');
}

function checked(wish: EndpointChange, allowPrivate: boolean): { url?: string; types?: EventType[] } {
  const types = wish.types?.map((type, index) => knownType(type, index));
  return {
    ...(wish.url === undefined ? {} : { url: parseEndpointUrl(wish.url, allowPrivate).href }),
    ...(types === undefined ? {} : { types: [...new Set(types)] }),
  };
}

function knownType(type: EventType, index: number): EventType {
  if (EVENT_TYPES.includes(type)) return type;
  throw new NotifyError('option_invalid', 'not an event type', { pointer: `/types/${index}` });
}
