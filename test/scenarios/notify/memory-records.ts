import { randomId } from '../../../crypto/index.ts';
import type { WebhookDelivery } from '../../../gateway/fax/account.ts';
import { isPosted, type LedgerEvent } from '../../../gateway/fax/event.ts';
import type { AccountId, DeliveryId, EndpointId } from '../../../gateway/fax/ids.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { EventLedger } from '../../../gateway/ports/event-ledger.ts';
import type { EndpointRow, WebhookRecords } from '../../../gateway/ports/webhook-records.ts';

interface Row {
  delivery: WebhookDelivery;
  leasedUntil: number;
}

/** Records and ledger in memory, by the words of the ports: so that scenarios run on a clock of their own. */
export function memoryRecords() {
  const endpoints = new Map<EndpointId, EndpointRow>();
  const rows = new Map<DeliveryId, Row>();
  const ledger: LedgerEvent[] = [];

  const byAccount = (account: AccountId) => ledger.filter((event) => event.account === account);
  const events: EventLedger = {
    read: async (account, after, limit) =>
      byAccount(account)
        .filter((event) => event.seq > after)
        .slice(0, limit),
    wait: async (account, after, limit) => events.read(account, after, limit),
    until: async (_account, look) => look(),
    head: async (account) => byAccount(account).length,
    append: async (account, type, fax, data, now) => {
      const event = {
        id: newId('evt', randomId),
        account,
        seq: byAccount(account).length + 1,
        type,
        fax,
        at: now,
        data,
      };
      ledger.push(event);
      for (const endpoint of endpoints.values()) {
        if (endpoint.account === account && !endpoint.disabled && isPosted(endpoint.types, type)) {
          await records.addDelivery(endpoint.id, event, now);
        }
      }
      return event;
    },
  };

  const records: WebhookRecords = {
    createEndpoint: async (row) => void endpoints.set(row.id, row),
    endpoint: async (id, account) => own(endpoints.get(id), account),
    endpoints: async (account) => [...endpoints.values()].filter((one) => one.account === account),
    updateEndpoint: async (id, account, change) => {
      const row = own(endpoints.get(id), account);
      if (row === undefined) return undefined;
      const changed = { ...row, ...change };
      endpoints.set(id, changed);
      return changed;
    },
    deleteEndpoint: async (id, account) => own(endpoints.get(id), account) !== undefined && endpoints.delete(id),
    addDelivery: async (endpoint, event, now) => {
      const delivery: WebhookDelivery = {
        id: newId('dlv', randomId),
        account: event.account,
        endpoint,
        event: event.id,
        type: event.type,
        state: 'pending',
        attempts: 0,
        nextAt: now,
        lastStatus: null,
        lastError: null,
        createdAt: now,
        deliveredAt: null,
      };
      rows.set(delivery.id, { delivery, leasedUntil: 0 });
      return delivery;
    },
    claimDelivery: async (id, lease, now) => {
      const row = rows.get(id);
      if (row === undefined || !isDue(row, now)) return undefined;
      const endpoint = endpoints.get(row.delivery.endpoint);
      const event = ledger.find((one) => one.id === row.delivery.event);
      if (endpoint === undefined || event === undefined) return undefined;
      row.leasedUntil = now + lease;
      return { delivery: row.delivery, endpoint, event };
    },
    dueDeliveries: async (now, limit) =>
      [...rows.values()]
        .filter((row) => isDue(row, now))
        .slice(0, limit)
        .map((row) => row.delivery.id),
    attempted: async (id, { state, nextAt, status, error }, now) => {
      const row = rows.get(id);
      if (row === undefined) return;
      const attempts = row.delivery.attempts + 1;
      const deliveredAt = state === 'delivered' ? now : null;
      const outcome = { state, nextAt, attempts, lastStatus: status, lastError: error, deliveredAt };
      rows.set(id, { delivery: { ...row.delivery, ...outcome }, leasedUntil: 0 });
    },
    delivery: async (id, account) => own(rows.get(id)?.delivery, account),
    retryDelivery: async (id, account, now) => {
      const row = rows.get(id);
      if (row === undefined || row.delivery.account !== account) return undefined;
      row.delivery = { ...row.delivery, state: 'pending', attempts: 0, nextAt: now };
      return row.delivery;
    },
    deliveries: async (account, { endpoint, state, limit }) => ({
      items: [...rows.values()]
        .map((row) => row.delivery)
        .filter((one) => one.account === account)
        .filter((one) => (endpoint ?? one.endpoint) === one.endpoint && (state ?? one.state) === one.state)
        .reverse()
        .slice(0, limit),
      next: null,
    }),
    allDeliveries: async ({ account, limit }) => {
      const all = [...rows.values()].map((row) => row.delivery).reverse();
      return { items: all.filter((one) => (account ?? one.account) === one.account).slice(0, limit), next: null };
    },
    figures: async () => [],
    seqBefore: async (account, at) => byAccount(account).findLast((one) => one.at < at)?.seq ?? 0,
  };
  return { records, events };
}

function own<T extends { readonly account: AccountId }>(row: T | undefined, account: AccountId): T | undefined {
  return row?.account === account ? row : undefined;
}

function isDue(row: Row, now: number): boolean {
  return row.delivery.state === 'pending' && (row.delivery.nextAt ?? 0) <= now && row.leasedUntil <= now;
}
