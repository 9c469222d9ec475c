import { BEGIN_CLAIM, HEAD } from './candidates.ts';
import { type Database, prepared } from './database.ts';

/** How long heads are remembered, ms: a worker of an earlier release does not say when faxes join. */
const REMEMBERED = 1_000;

/** The setting that says in which transaction faxes have last joined the line. */
const JOINED = 'dial_joined';

/** Says that faxes join the line in this transaction; to stand before the statement by which they do. */
export const SAY_JOINED = `with told as (
    insert into settings (name, value) values ('${JOINED}', pg_current_xact_id()::text)
    on conflict (name) do update set value = excluded.value)`;

/** Whether nobody has joined since `joined` was read. */
export const nobodyJoined = (joined: string): string =>
  `coalesce((select value from settings where name = '${JOINED}'), '') = ${joined}`;

/**
 * The first of each lane as this process has seen them, each at its place in the arrays. Claims of any process bring faxes
 * into the line, one at a time, and say so; whatever else happens to a line takes faxes out of it. So while nobody joins,
 * the head of a lane is never better than it was.
 */
export interface Heads {
  readonly accounts: readonly string[];
  readonly carriers: readonly string[];
  readonly ranks: number[];
  readonly joined: string;
  /** When they were read. */
  readonly at: number;
}

/** The rank of a lane in which nobody stands any more. */
export const EMPTY = Number.MAX_SAFE_INTEGER;

const HEADS = prepared(
  'heads',
  `with recursive ${HEAD}
   select coalesce(jsonb_agg(account), '[]') as accounts, coalesce(jsonb_agg(carrier), '[]') as carriers,
     coalesce(jsonb_agg(rank), '[]') as ranks,
     coalesce((select value from settings where name = '${JOINED}'), '') as joined
   from head`,
);

export async function readHeads(database: Database, now: number): Promise<Heads> {
  const row = await database.transaction((tx) => tx.row<Omit<Heads, 'at'>>(HEADS), BEGIN_CLAIM);
  return { ...(row ?? { accounts: [], carriers: [], ranks: [], joined: '' }), at: now };
}

/** Whether heads may still be gone by at `now`. */
export function areFresh({ at }: Heads, now: number): boolean {
  return Math.abs(now - at) < REMEMBERED;
}
