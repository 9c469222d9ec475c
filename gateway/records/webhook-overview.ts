import type { WebhookDelivery } from '../fax/account.ts';
import type { EndpointFigures, WebhookRecords } from '../ports/webhook-records.ts';
import { conditions, pageOf, readCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { DELIVERY_COLUMNS } from './delivery-row.ts';

/** What is seen of the webhooks of all accounts at once, on PostgreSQL. */
export function createWebhookOverview(
  database: Database,
): Pick<WebhookRecords, 'figures' | 'allDeliveries' | 'seqBefore'> {
  return {
    figures: (since, account) =>
      (account === undefined ? database : database.forAccount(account)).rows<EndpointFigures>(FIGURES, [
        since,
        account ?? null,
      ]),
    allDeliveries: async (query) => {
      const { account, limit } = query;
      const { text, values } = listing(query);
      const rows = await (account === undefined ? database : database.forAccount(account)).rows<WebhookDelivery>(
        text,
        values,
      );
      return pageOf(rows, limit, (row) => ({ at: row.createdAt, id: row.id }));
    },
    seqBefore: async (account, at) => {
      const row = await database
        .forAccount(account)
        .row<{ seq: number }>('select seq from events where account = $1 and at < $2 order by seq desc limit 1', [
          account,
          at,
        ]);
      return row?.seq ?? 0;
    },
  };
}

/** Both counts come from indexes that hold nothing of what was delivered. */
const FIGURES = `
select e.id, e.account, e.url, e.types, e.disabled, e.disabled_reason as "disabledReason", e.created_at as "createdAt",
  coalesce(p.pending, 0) as pending, p.oldest as "oldestPending", coalesce(g.given_up, 0) as "givenUp"
from endpoints e
left join (
  select endpoint, count(*)::int as pending, min(created_at) as oldest from deliveries
  where state = 'pending' group by endpoint
) p on p.endpoint = e.id
left join (
  select endpoint, count(*)::int as given_up from deliveries
  where state = 'given_up' and created_at >= $1 group by endpoint
) g on g.endpoint = e.id
where $2::text is null or e.account = $2
order by e.account, e.created_at, e.id`;

/**
 * Each account's deliveries stand in an index in this order: of all accounts the newest of each are taken from there. What
 * has not arrived has indexes of its own.
 */
function listing({ account, endpoint, state, limit, cursor }: Parameters<WebhookRecords['allDeliveries']>[0]) {
  const from = readCursor(cursor);
  const list = conditions();
  list.add('d.account = ?', account);
  list.add('d.endpoint = ?', endpoint);
  list.add('d.state = ?', state);
  list.add('(d.created_at, d.id) < (?, ?)', from?.at, from?.id);
  const end = `order by d.created_at desc, d.id desc limit ${list.value(limit + 1)}`;
  const text =
    account === undefined && endpoint === undefined && (state === undefined || state === 'delivered')
      ? `select ${DELIVERY_COLUMNS} from accounts a, lateral (
           select d.* from deliveries d where d.account = a.id and ${list.where()} ${end}) d ${end}`
      : `select ${DELIVERY_COLUMNS} from deliveries d where ${list.where()} ${end}`;
  return { text, values: list.values };
}
