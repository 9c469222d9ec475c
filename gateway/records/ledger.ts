import { randomId } from '../../crypto/index.ts';
import { type EventType, isPosted, type LedgerEvent } from '../fax/event.ts';
import { type AccountId, type DeliveryId, type EndpointId, type FaxId, newId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLedger } from '../ports/event-ledger.ts';
import { type Database, prepared, type Sql, type Transaction } from './database.ts';
import type { Listener } from './listener.ts';

/** An event before it has its place. */
export interface NewEvent {
  readonly type: EventType;
  readonly fax: FaxId | null;
  /** Ids and counts; never numbers or names. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What an append has come to. */
export interface Appended {
  readonly events: readonly LedgerEvent[];
  /** Unfinished outbound faxes of the account, this change included. */
  readonly unfinished: number;
}

/** Writes events inside of the transactions that they report. */
export interface Ledger {
  /**
   * Appends `events` in order, with a pending delivery for each endpoint that wants them. Takes the account's ledger
   * row until the end of the transaction, so it comes last in it.
   *
   * @param unfinished by how much the number of unfinished faxes changes
   */
  append(
    tx: Transaction,
    account: AccountId,
    events: readonly NewEvent[],
    now: number,
    unfinished?: number,
  ): Promise<Appended>;
}

/** A pending delivery row. */
export interface NewDelivery {
  readonly id: DeliveryId;
  readonly endpoint: EndpointId;
  readonly event: LedgerEvent;
}

export function createLedger(
  listener: Pick<Listener, 'appended'>,
  onDelivery: (ids: readonly DeliveryId[]) => void,
): Ledger {
  return {
    append: async (tx, account, events, now, unfinished = 0) => {
      const named = events.map((event) => ({ id: newId('evt', (prefix) => randomId(prefix, now)), at: now, ...event }));
      const told = JSON.stringify(named.map((event, place) => ({ ...event, place })));
      const row = await tx.row<Appending>(APPEND, [account, events.length, unfinished, told]);
      if (row === undefined) throw new Error('an append without a ledger');
      const first = row.head - events.length + 1;
      const entries = named.map((event, place): LedgerEvent => ({ ...event, account, seq: first + place }));
      const deliveries = await insertDeliveries(tx, row.endpoints, entries, now);
      tx.afterCommit(() => {
        listener.appended(account);
        if (deliveries.length > 0) onDelivery(deliveries);
      });
      return { events: entries, unfinished: row.unfinished };
    },
  };
}

interface Appending {
  readonly head: number;
  readonly unfinished: number;
  /** Who may want the events. */
  readonly endpoints: readonly { readonly id: EndpointId; readonly types: EventType[] }[];
}

// The ledger's row is taken first and held to the end of the transaction; endpoints are held so that none vanishes under
// its deliveries.
const APPEND = prepared(
  'append_events',
  `with head as (
     insert into ledgers as l (account, head, unfinished) values ($1, $2::bigint, $3::bigint)
     on conflict (account) do update set head = l.head + $2::bigint, unfinished = l.unfinished + $3::bigint
     returning head, unfinished
   ), written as (
     insert into events (account, seq, id, type, fax, at, data)
     select $1, h.head - $2::bigint + 1 + e.place, e.id, e.type, e.fax, e.at, e.data
     from head h, jsonb_to_recordset($4::jsonb)
       as e(place bigint, id text, type text, fax text, at bigint, data jsonb)
   ), asked as (
     select id, types from endpoints where account = $1 and not disabled for key share
   )
   select h.head, h.unfinished,
     (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'types', types)), '[]') from asked) as endpoints
   from head h`,
);

async function insertDeliveries(
  tx: Transaction,
  endpoints: Appending['endpoints'],
  events: readonly LedgerEvent[],
  now: number,
): Promise<DeliveryId[]> {
  const wanted = events.flatMap((event) =>
    endpoints
      .filter((endpoint) => isPosted(endpoint.types, event.type))
      .map((endpoint) => ({ id: newId('dlv', (prefix) => randomId(prefix, now)), endpoint: endpoint.id, event })),
  );
  await writeDeliveries(tx, wanted, now);
  return wanted.map((delivery) => delivery.id);
}

/** Inserts pending deliveries that are due at once. */
export async function writeDeliveries(sql: Sql, deliveries: readonly NewDelivery[], now: number): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map(({ id, endpoint, event }) => ({
    id,
    endpoint,
    account: event.account,
    event: event.id,
    seq: event.seq,
    type: event.type,
  }));
  await sql.change(
    `insert into deliveries (id, account, endpoint, event, seq, type, state, next_at, created_at)
     select id, account, endpoint, event, seq, type, 'pending', $2::bigint, $2::bigint from jsonb_to_recordset($1::jsonb)
       as d(id text, account text, endpoint text, event text, seq bigint, type text)`,
    [JSON.stringify(rows), now],
  );
}

/** Columns of an event as `LedgerEvent` names them. */
const EVENT_COLUMNS = 'id, account, seq, type, fax, at, data';

/** While a waiter hears nothing it looks again in this many ms: should a wake-up be lost, an event is late, not lost. */
const LOOK_AGAIN = 5_000;

/** Whoever waits for any account looks once for all that happens in this many ms. */
const GATHERED = 500;

const someOf = (found: LedgerEvent[]): LedgerEvent[] | undefined => (found.length === 0 ? undefined : found);

/** The reading side. */
export function createEventLedger(
  database: Database,
  ledger: Ledger,
  listener: Listener,
  clock: Pick<Clock, 'monotonic' | 'after'>,
): EventLedger {
  const read: EventLedger['read'] = (account, after, limit) =>
    database.rows<LedgerEvent>(
      `select ${EVENT_COLUMNS} from events where account = $1 and seq > $2 order by seq limit $3`,
      [account, after, limit],
    );
  return {
    read,
    wait: async (account, after, limit, wait, signal) => {
      const look = async () => someOf(await read(account, after, limit));
      return (await waitFor(look, listener, clock, account, wait, signal)) ?? [];
    },
    until: (account, look, wait, signal) => waitFor(look, listener, clock, account, wait, signal),
    head: async (account) => {
      const row = await database.row<{ head: number }>('select head from ledgers where account = $1', [account]);
      return row?.head ?? 0;
    },
    append: (account, type, fax, data, now) =>
      database.transaction(async (tx) => {
        const { events } = await ledger.append(tx, account, [{ type, fax, data }], now);
        const [event] = events;
        if (event === undefined) throw new Error('an append without an event');
        return event;
      }),
  };
}

/** Subscribes before it looks: an event between the look and the wait wakes it. */
async function waitFor<T>(
  look: () => Promise<T | undefined>,
  listener: Listener,
  clock: Pick<Clock, 'monotonic' | 'after'>,
  account: AccountId | null,
  wait: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const end = clock.monotonic() + wait;
  for (;;) {
    const woken = listener.next(account);
    try {
      const found = await look();
      const left = end - clock.monotonic();
      if (found !== undefined || left <= 0 || signal?.aborted === true) return found;
      await firstOf(woken.promise, clock, Math.min(left, LOOK_AGAIN), signal);
      if (account === null) await firstOf(undefined, clock, Math.min(left, GATHERED), signal);
    } finally {
      woken.cancel();
    }
  }
}

function firstOf(
  woken: Promise<void> | undefined,
  clock: Pick<Clock, 'after'>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
    void woken?.then(done);
  });
}
