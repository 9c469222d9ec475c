import { FaxError } from '../fax/errors.ts';
import type { Fax } from '../fax/fax.ts';
import type { AccountId } from '../fax/ids.ts';
import { type AccountPolicy, DEFAULT_POLICY } from '../fax/policy.ts';
import type { AuditEntry } from '../ports/account-records.ts';
import type { FaxRecords, NewFax } from '../ports/fax-records.ts';
import { checkBudget, spentUntil } from './budgets.ts';
import { checkCaps, type SendingCount, slotsAt } from './caps.ts';
import { prepared, type Transaction } from './database.ts';
import { RecordsError } from './errors.ts';
import { FAX_COLUMNS } from './fax-row.ts';
import { gather } from './gather.ts';
import type { Store } from './store.ts';

type Arguments = Parameters<FaxRecords['accept']>;

/** One request: its faxes, its key with the answer, and when it came. */
interface Acceptance {
  readonly faxes: Arguments[0];
  readonly key: Arguments[1];
  readonly now: number;
}

type Accepted = Awaited<ReturnType<FaxRecords['accept']>>;

/** Requests accepted by one transaction. */
const MOST = 64;

/**
 * W0c: all faxes of one request are accepted, or none. Requests of one account would wait in line for its ledger anyway,
 * so those that have come by the time the one before is done go together, with one fsync for all.
 */
export function createAcceptance(store: Store): FaxRecords['accept'] {
  const accounts = new Map<AccountId, { readonly accept: (one: Acceptance) => Promise<Accepted>; users: number }>();
  return async (faxes, key, now) => {
    const [first] = faxes;
    if (first === undefined || faxes.some((fax) => fax.account !== first.account)) {
      throw new RecordsError('usage', 'faxes are accepted together for one account');
    }
    const { account } = first;
    const known = accounts.get(account);
    const line = known ?? {
      accept: gather((all: readonly Acceptance[]) => acceptAll(store, account, all), MOST),
      users: 0,
    };
    accounts.set(account, line);
    line.users++;
    try {
      return await line.accept({ faxes, key, now });
    } finally {
      if (--line.users === 0) accounts.delete(account);
    }
  };
}

function acceptAll(store: Store, account: AccountId, all: readonly Acceptance[]): Promise<Accepted[]> {
  return store.database.forAccount(account).transaction((tx) => write(store, tx, account, all), BEGIN);
}

/**
 * PostgreSQL takes the list of a few requests for a hundred, and would rather read all keys there are than look up so
 * many. Each is found by its index, however long the tables have become.
 */
const BEGIN = `begin;
  set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off`;

async function write(
  store: Store,
  tx: Transaction,
  account: AccountId,
  all: readonly Acceptance[],
): Promise<Accepted[]> {
  const faxes = all.flatMap((one) => one.faxes);
  const now = Math.max(...all.map((one) => one.now));
  const inserted = await insert(tx, account, all, faxes, now);
  const { keys, images, most, channels, used, reject, first } = inserted;
  if (keys !== all.length) {
    throw new FaxError('idempotency_running', 'another request has taken this Idempotency-Key since');
  }
  if (images !== faxes.length) throw new FaxError('image_lost', 'the upload took too long; send it again');
  const policy = { ...DEFAULT_POLICY, ...inserted.policy };
  checkCaps(inserted.counted, policy, now);
  if (policy.overBudget === 'reject') checkBudget(inserted.spentUntil, now);
  const events = faxes.map((fax) => ({ type: 'fax.accepted' as const, fax: fax.id, data: { batch: fax.batch } }));
  const { unfinished } = await store.ledger.append(tx, account, events, now, faxes.length);
  if (unfinished > (most ?? DEFAULT_POLICY.maxQueued)) {
    throw new FaxError('too_many_queued', 'the account has too many unfinished faxes; wait for some to end');
  }
  if (reject && unfinished > channels && unfinished - (await scheduled(tx, account, now)) > channels) {
    throw new FaxError('channels_busy', 'the account has as many unfinished faxes as channels; wait for one to end');
  }
  return all.map((one) => ({ first: firstOf(one, first), channels: { used, limit: channels } }));
}

function firstOf({ faxes }: Acceptance, rows: readonly Fax[]): Fax {
  const row = rows.find(({ id }) => id === faxes[0]?.id);
  if (row === undefined) throw new Error('an accepted fax has no row');
  return row;
}

/** Unfinished faxes whose first call is to come later, or to be approved: they take no channel yet. */
async function scheduled(tx: Transaction, account: AccountId, now: number): Promise<number> {
  const row = await tx.row<{ count: number }>(
    `select count(*) as count from faxes
     where account = $1 and state in ('accepted', 'rendering', 'held', 'queued')
       and (not_before > $2 or held is not null)`,
    [account, now],
  );
  return row?.count ?? 0;
}

// The keys get their answers; the upload's keys live on with their faxes (one that has expired may be on its way to the
// sweeper); the faxes begin.
const ACCEPT = prepared(
  'accept',
  `with answered as (
     update idempotency_keys k set state = 'done', hash = d.hash, answer = d.answer
     from jsonb_to_recordset($2::jsonb) as d(key text, hash text, answer text)
     where k.account = $1 and k.key = d.key and k.state = 'running'
     returning k.key
   ), accepted as (
     select * from jsonb_to_recordset($3::jsonb) as f(id text, account text, "user" text, batch text, "from" text, "to" text,
       pages integer, retries integer, "retryInterval" integer, priority integer, "notBefore" bigint, deadline bigint,
       options jsonb, policy jsonb, line jsonb, tags jsonb, documents integer, hold jsonb, abroad boolean, at bigint)
   ), kept as (
     update vault_keys v set state = 'live', expires_at = null from accepted f
     where v.fax = f.id and v.state = 'uploading' and (v.expires_at is null or v.expires_at > f.at)
     returning v.fax
   ), written as (
     insert into faxes as f (id, account, user_id, direction, batch, state, from_number, to_number, pages, retries,
       retry_interval, priority, not_before, deadline, options, policy, line, tags, documents, created_at, updated_at,
       image_exists, held, held_until)
     select id, account, "user", 'outbound', batch, 'accepted', "from", "to", pages, retries, "retryInterval", priority,
       "notBefore", deadline, options, policy, line, tags, documents, at, at, true, hold ->> 'place',
       (hold ->> 'until')::bigint
     from accepted
     returning ${FAX_COLUMNS}
   ), counted as (
     insert into sending_counts as c (account, unit, slot, faxes, abroad)
     select $1, u.unit, u.slot, n.faxes, n.abroad
     from (select count(*) as faxes, count(*) filter (where abroad) as abroad from accepted) n,
       (values ('hour', $6::bigint), ('day', $7::bigint)) as u(unit, slot), accounts a
     where a.id = $1 and (n.abroad > 0 or a.policy ->> 'faxesPerHour' is not null or a.policy ->> 'faxesPerDay' is not null)
     order by u.unit
     on conflict (account, unit) do update set slot = greatest(c.slot, excluded.slot),
       faxes = excluded.faxes + case when c.slot < excluded.slot then 0 else c.faxes end,
       abroad = excluded.abroad + case when c.slot < excluded.slot then 0 else c.abroad end
     returning unit, slot, faxes, abroad
   ), audited as (
     insert into audit (at, actor, address, account, action, object, detail)
     select at, actor, address, account, action, object, detail
     from jsonb_to_recordset($4::jsonb) as a(at bigint, actor text, address text, account text, action text, object text,
       detail jsonb)
   )
   select (select count(*) from answered) as keys, (select count(*) from kept) as images,
     (policy ->> 'maxQueued')::bigint as most, coalesce((policy ->> 'channels')::int, ${DEFAULT_POLICY.channels}) as channels,
     coalesce(policy ->> 'overLimit', '${DEFAULT_POLICY.overLimit}') = 'reject' as reject,
     (select count(*) from faxes where account = $1 and live_to is not null) as used,
     (select jsonb_agg(to_jsonb(w)) from written w where w.id = any($5)) as first,
     (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from counted c) as counted,
     ${spentUntil('$1', '(select max(at) from accepted)')} as "spentUntil", policy
   from accounts where id = $1`,
);

interface Inserted {
  readonly keys: number;
  readonly images: number;
  /** The account's own limit of unfinished faxes. */
  readonly most: number | null;
  readonly channels: number;
  /** Live calls of the account. */
  readonly used: number;
  /** Whether nothing of the account may wait for a channel. */
  readonly reject: boolean;
  /** The first fax of each request. */
  readonly first: readonly Fax[];
  readonly counted: readonly SendingCount[];
  /** When the period ends whose budget is spent; null while there is something left. */
  readonly spentUntil: number | null;
  /** As it is stored: what an earlier release did not know is missing. */
  readonly policy: Partial<AccountPolicy>;
}

async function insert(
  tx: Transaction,
  account: AccountId,
  all: readonly Acceptance[],
  faxes: readonly NewFax[],
  now: number,
): Promise<Inserted> {
  const rows = all.flatMap((one) => one.faxes.map((fax) => ({ ...fax, at: one.now })));
  const values = [all.map(({ key }) => key), rows, all.map(auditOf)].map((value) => JSON.stringify(value));
  const first = all.map((one) => one.faxes[0]?.id);
  const inserted = await tx.row<Inserted>(ACCEPT, [account, ...values, first, ...slotsAt(now)]);
  if (inserted === undefined) throw new Error(`no answer for ${faxes.length} faxes`);
  return inserted;
}

function auditOf({ faxes, key, now }: Acceptance): Partial<AuditEntry> {
  const [first] = faxes;
  const who = { actor: first?.user ?? '', address: key.address ?? null, account: first?.account ?? null };
  return {
    ...who,
    at: now,
    action: 'fax.accept',
    object: first?.batch ?? first?.id ?? null,
    detail: { faxes: faxes.length },
  };
}
