import { REVIEW } from '../fax/destination.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { GuardRecords, PlaceDecision, WaitingPlace } from '../ports/guard-records.ts';
import { note } from './audit.ts';
import { type Database, prepared } from './database.ts';
import { changeFax, FAX_COLUMNS, type FaxRow, WORK_COLUMNS } from './fax-row.ts';
import { gather } from './gather.ts';
import { endReview } from './review.ts';
import type { Store } from './store.ts';

/** Accounts whose decisions one statement reads. */
const MOST_READ = 64;

const READ_DECISIONS = prepared(
  'read_decisions',
  `select account, place, decision, at, by from account_places where account = any($1) order by place`,
);

/** Faxes that can wait for an approval. */
const HOLDABLE = `f.held is not null and f.state in ('accepted', 'rendering', 'held')`;

/** Nobody works on the fax at the time $1. */
const FREE = '(f.lease_until is null or f.lease_until <= $1)';

/** Approvals of places, held faxes and known kinds of lines, on PostgreSQL. */
export function createGuardRecords(store: Store): GuardRecords {
  const { database } = store;
  const decisions = gather(async (accounts: readonly AccountId[]) => {
    const rows = await database.rows<PlaceDecision & { readonly account: AccountId }>(READ_DECISIONS, [
      [...new Set(accounts)],
    ]);
    return accounts.map((account) =>
      rows.filter((row) => row.account === account).map(({ place, decision, at, by }) => ({ place, decision, at, by })),
    );
  }, MOST_READ);
  return {
    decisions: (account) => decisions(account),
    waiting: (account) =>
      (account === undefined ? database : database.forAccount(account)).rows<WaitingPlace>(
        `select f.account, f.held as place, count(*) as faxes, min(f.created_at) as since, min(f.held_until) as until
         from faxes f where ${HOLDABLE} and f.held <> $2 and ($1::text is null or f.account = $1)
         group by f.account, f.held order by f.account, f.held`,
        [account ?? null, REVIEW],
      ),
    decide: (...args) => decide(database, ...args),
    endReview: (...args) => endReview(store, ...args),
    release: (limit, now) => release(store, limit, now),
    refused: (now, limit) =>
      database.rows(
        `select fax, place, bool_or(denied) as denied from (
           (select f.id as fax, f.held as place, false as denied from faxes f
            where ${HOLDABLE} and ${FREE} and f.held_until <= $1 order by f.held_until limit $2)
           union all
           (select f.id, f.held, true from account_places d join faxes f on f.account = d.account and f.held = d.place
            where d.decision = 'denied' and ${HOLDABLE} and ${FREE} limit $2)
         ) refused group by fax, place limit $2`,
        [now, limit],
      ),
    lineType: async (number, now) => {
      const row = await database.row<{ type: Awaited<ReturnType<GuardRecords['lineType']>> }>(
        'select type from line_types where number = $1 and until > $2',
        [number, now],
      );
      return row?.type;
    },
    keepLineType: async (number, type, until, now) => {
      // Whoever writes one takes some away that nobody asks for any more.
      await database.change(
        `with old as (
           delete from line_types where number in (select number from line_types where until <= $4 and number <> $1 limit 10))
         insert into line_types (number, type, at, until) values ($1, $2, $4, $3)
         on conflict (number) do update set type = excluded.type, at = excluded.at, until = excluded.until`,
        [number, type, until, now],
      );
    },
  };
}

const decide = (database: Database, ...[account, place, decision, actor, now]: Parameters<GuardRecords['decide']>) =>
  database.transaction(async (tx) => {
    if (decision === null) {
      await tx.change('delete from account_places where account = $1 and place = $2', [account, place]);
    } else {
      await tx.change(
        `insert into account_places (account, place, decision, at, by) values ($1, $2, $3, $4, $5)
         on conflict (account, place) do update set decision = $3, at = $4, by = $5`,
        [account, place, decision, now, actor.who],
      );
    }
    await note(tx, actor, account, `destination.${decision ?? 'undecided'}`, place, {}, now);
  });

/** One transaction an account, because each appends to a ledger of its own. */
async function release(store: Store, limit: number, now: number): Promise<FaxId[]> {
  const accounts = await store.database.rows<{ account: AccountId }>(
    `select distinct d.account from account_places d
     where d.decision = 'approved' and exists (
       select 1 from faxes f where f.account = d.account and f.held = d.place and ${HOLDABLE})`,
  );
  const freed: FaxId[] = [];
  for (const { account } of accounts) freed.push(...(await releaseOf(store, account, limit, now)));
  return freed;
}

/** Whatever a worker has in its hands at the moment is let go at the next look. */
function releaseOf(store: Store, account: AccountId, limit: number, now: number): Promise<FaxId[]> {
  return store.database.transaction(async (tx) => {
    const rows = await tx.rows<FaxRow>(
      `select ${FAX_COLUMNS}, ${WORK_COLUMNS} from faxes f
         join account_places d on d.account = f.account and d.place = f.held and d.decision = 'approved'
       where f.account = $1 and ${HOLDABLE} order by f.created_at limit $2 for update of f skip locked`,
      [account, limit],
    );
    const events = [];
    for (const row of rows) {
      const at = Math.max(row.notBefore ?? 0, now);
      const step = row.state === 'held' ? { state: 'queued', next_call_at: at } : {};
      await changeFax(tx, row, { ...step, held: null, held_until: null }, now);
      if (row.state !== 'held') continue;
      events.push({ type: 'fax.queued' as const, fax: row.id, data: { pages: row.pages, nextCallAt: at } });
    }
    if (events.length > 0) await store.ledger.append(tx, account, events, now);
    return events.map(({ fax }) => fax);
  });
}
