import { randomId } from '../../crypto/index.ts';
import type { WebhookDelivery } from '../fax/account.ts';
import type { LedgerEvent } from '../fax/event.ts';
import { type DeliveryId, type EndpointId, newId } from '../fax/ids.ts';
import type { DueDelivery, EndpointRow, WebhookRecords } from '../ports/webhook-records.ts';
import { conditions, pageOf, readCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { DELIVERY_COLUMNS } from './delivery-row.ts';
import { RecordsError } from './errors.ts';
import { writeDeliveries } from './ledger.ts';
import { createWebhookOverview } from './webhook-overview.ts';

const ENDPOINT_COLUMNS = `e.id, e.account, e.url, e.types, e.sealed_secrets as "sealedSecrets", e.disabled,
  e.disabled_reason as "disabledReason", e.created_at as "createdAt"`;

type Endpoints = Pick<
  WebhookRecords,
  'createEndpoint' | 'endpoint' | 'endpoints' | 'updateEndpoint' | 'deleteEndpoint'
>;

function createEndpoints(database: Database): Endpoints {
  return {
    createEndpoint: async (row) => {
      await database.forAccount(row.account).change(
        `insert into endpoints (id, account, url, types, sealed_secrets, disabled, disabled_reason, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [row.id, row.account, row.url, row.types, row.sealedSecrets, row.disabled, row.disabledReason, row.createdAt],
      );
    },
    endpoint: (id, account) =>
      database
        .forAccount(account)
        .row<EndpointRow>(`select ${ENDPOINT_COLUMNS} from endpoints e where id = $1 and account = $2`, [id, account]),
    endpoints: (account) =>
      database
        .forAccount(account)
        .rows<EndpointRow>(`select ${ENDPOINT_COLUMNS} from endpoints e where account = $1 order by created_at, id`, [
          account,
        ]),
    updateEndpoint: (id, account, change) =>
      database.forAccount(account).row<EndpointRow>(
        `update endpoints e set url = coalesce($3, url), types = coalesce($4, types),
           sealed_secrets = coalesce($5, sealed_secrets), disabled = coalesce($6, disabled),
           disabled_reason = case when $7 then $8 else disabled_reason end
         where id = $1 and account = $2 returning ${ENDPOINT_COLUMNS}`,
        [
          id,
          account,
          change.url ?? null,
          change.types ?? null,
          change.sealedSecrets ?? null,
          change.disabled ?? null,
          change.disabledReason !== undefined,
          change.disabledReason ?? null,
        ],
      ),
    deleteEndpoint: async (id, account) =>
      (await database
        .forAccount(account)
        .change('delete from endpoints where id = $1 and account = $2', [id, account])) > 0,
  };
}

/** Endpoints and deliveries on PostgreSQL. */
export function createWebhookRecords(database: Database): WebhookRecords {
  return {
    ...createEndpoints(database),
    ...createWebhookOverview(database),
    addDelivery: (endpoint, event, now) => addDelivery(database.forAccount(event.account), endpoint, event, now),
    claimDelivery: (id, lease, now) => claimDelivery(database, id, lease, now),
    dueDeliveries: async (now, limit) => {
      const rows = await database.rows<{ id: DeliveryId }>(
        `select d.id from deliveries d join endpoints e on e.id = d.endpoint and not e.disabled
         where d.state = 'pending' and d.next_at <= $1 and (d.lease_until is null or d.lease_until <= $1)
         order by d.next_at limit $2`,
        [now, limit],
      );
      return rows.map((row) => row.id);
    },
    attempted: (id, outcome, now) => attempted(database, id, outcome, now),
    delivery: (id, account) =>
      database
        .forAccount(account)
        .row<WebhookDelivery>(`select ${DELIVERY_COLUMNS} from deliveries d where id = $1 and account = $2`, [
          id,
          account,
        ]),
    retryDelivery: (id, account, now) =>
      database.forAccount(account).row<WebhookDelivery>(
        `update deliveries d set state = 'pending', attempts = 0, next_at = $3, lease_until = null, delivered_at = null
         where id = $1 and account = $2 returning ${DELIVERY_COLUMNS}`,
        [id, account, now],
      ),
    deliveries: async (account, query) => {
      const from = readCursor(query.cursor);
      const list = conditions();
      list.add('d.account = ?', account);
      list.add('d.endpoint = ?', query.endpoint);
      list.add('d.state = ?', query.state);
      list.add('(d.created_at, d.id) < (?, ?)', from?.at, from?.id);
      const rows = await database.forAccount(account).rows<WebhookDelivery>(
        `select ${DELIVERY_COLUMNS} from deliveries d where ${list.where()}
         order by d.created_at desc, d.id desc limit ${list.value(query.limit + 1)}`,
        list.values,
      );
      return pageOf(rows, query.limit, (row) => ({ at: row.createdAt, id: row.id }));
    },
  };
}

async function addDelivery(
  database: Database,
  endpoint: EndpointId,
  event: LedgerEvent,
  now: number,
): Promise<WebhookDelivery> {
  const id = newId('dlv', (prefix) => randomId(prefix, now));
  await writeDeliveries(database, [{ id, endpoint, event }], now);
  const row = await database.row<WebhookDelivery>(`select ${DELIVERY_COLUMNS} from deliveries d where id = $1`, [id]);
  if (row === undefined) throw new RecordsError('usage', 'the endpoint was removed meanwhile');
  return row;
}

/** The lease ends by itself, so that a delivery whose sender died is tried again. */
async function claimDelivery(
  database: Database,
  id: DeliveryId,
  lease: number,
  now: number,
): Promise<DueDelivery | undefined> {
  const delivery = await database.row<WebhookDelivery>(
    `update deliveries d set lease_until = $2 from endpoints e
     where d.id = $1 and e.id = d.endpoint and not e.disabled and d.state = 'pending' and d.next_at <= $3
       and (d.lease_until is null or d.lease_until <= $3) returning ${DELIVERY_COLUMNS}`,
    [id, now + lease, now],
  );
  if (delivery === undefined) return undefined;
  const endpoint = await database.row<EndpointRow>(`select ${ENDPOINT_COLUMNS} from endpoints e where id = $1`, [
    delivery.endpoint,
  ]);
  const event = await database.row<LedgerEvent>(
    `select e.id, e.account, e.seq, e.type, e.fax, e.at, e.data from deliveries d
     join events e on e.account = d.account and e.seq = d.seq where d.id = $1`,
    [id],
  );
  return endpoint === undefined || event === undefined ? undefined : { delivery, endpoint, event };
}

/** Longest error text that is kept: it comes from a foreign server. */
const LONGEST_ERROR = 300;

/** W7. A delivery that was made or given up meanwhile keeps its end. */
async function attempted(
  database: Database,
  ...[id, outcome, now]: Parameters<WebhookRecords['attempted']>
): Promise<void> {
  await database.change(
    `update deliveries set state = $2, next_at = $3, last_status = $4, last_error = $5, attempts = attempts + 1,
       lease_until = null, delivered_at = case when $2 = 'delivered' then $6::bigint else delivered_at end
     where id = $1 and state <> 'delivered'`,
    [id, outcome.state, outcome.nextAt, outcome.status, outcome.error?.slice(0, LONGEST_ERROR) ?? null, now],
  );
}
