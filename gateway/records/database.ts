import pg from 'pg';
import type { AccountId } from '../fax/ids.ts';
import type { Log } from '../ports/log.ts';
import { isConflict, isFull, isUnavailable, RecordsError } from './errors.ts';
import { raiseWall, scopeTo, type WallState } from './wall.ts';

/** Runs statements; values are always parameters. */
export interface Sql {
  /** Rows of `text`; bigint columns arrive as numbers (all of ours are below 2^53). */
  rows<R extends object>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** The first row, if any. */
  row<R extends object>(text: string, values?: readonly unknown[]): Promise<R | undefined>;
  /** Number of rows that `text` wrote. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
}

/** Statements that are written together or not at all. */
export interface Transaction extends Sql {
  /** Runs once the transaction is durable; not at all when it is rolled back. */
  afterCommit(run: () => void): void;
}

export interface Database extends Sql {
  readonly pool: pg.Pool;
  readonly log: Log;
  /**
   * Runs `work` in one transaction (read committed). It is rolled back when `work` throws, and run again, at most
   * three times, when PostgreSQL breaks a deadlock through it.
   *
   * @param begin what begins it: several statements without values, which go to the server at once
   * @throws RecordsError unavailable
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, begin?: string): Promise<T>;
  /**
   * The same database behind the wall: whatever a statement says, it sees and changes rows of `account` alone. Where the
   * wall does not stand, the database as it is.
   *
   * @throws RecordsError usage: not an id of an account, or another one than that which this is scoped to
   */
  forAccount(account: AccountId): Database;
  /** Whether statements are held to one account, which then has `own_faxes` and `own_cdrs` to list from. */
  readonly walled: boolean;
  /** Has the wall raised, once the schema is up to date. @throws RecordsError unavailable */
  raiseWall(): Promise<WallState>;
}

/** OID of int8. Times and counters of ours fit a double exactly. */
const INT8 = 20;
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format === 'binary' ? 'text' : format)) as never,
};
const CONFLICT_TRIES = 3;

/** The records' view of `pool`, which stays its maker's to close. */
export function openDatabase(pool: pg.Pool, log: Log): Database {
  // A connection that breaks while it is idle or between two statements would otherwise end the process.
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a database connection broke'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  const sql = over((text, values) => pool.query(config(text, values)));
  let stands = false;
  const database: Database = {
    pool,
    log,
    ...sql,
    transaction: (work, begin = 'begin') => retried(() => runTransaction(pool, work, begin)),
    walled: false,
    forAccount: (account) => (stands ? behindWall(pool, log, account) : database),
    raiseWall: async () => {
      const state = await raiseWall(database);
      stands = state.stands;
      return state;
    },
  };
  return database;
}

/** Each statement by itself is a transaction, too: the role is taken for it and given back with it. */
function behindWall(pool: pg.Pool, log: Log, account: AccountId): Database {
  const scope = scopeTo(account);
  const within = <T>(work: (tx: Transaction) => Promise<T>, begin: string): Promise<T> =>
    retried(() => runTransaction(pool, work, `${begin}; ${scope}`, BEHIND_WALL));
  const alone = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => within(work, 'begin');
  const database: Database = {
    pool,
    log,
    rows: (text, values) => alone((tx) => tx.rows(text, values)),
    row: (text, values) => alone((tx) => tx.row(text, values)),
    change: (text, values) => alone((tx) => tx.change(text, values)),
    transaction: (work, begin = 'begin') => within(work, begin),
    walled: true,
    forAccount: (other) => {
      if (other === account) return database;
      throw new RecordsError('usage', 'these records are those of another account');
    },
    raiseWall: async () => ({ stands: true }),
  };
  return database;
}

/** A plan is made for one role: a connection keeps those of the role of accounts under names of their own. */
const BEHIND_WALL = 'own_';

function config(text: string, values: readonly unknown[], prefix = ''): pg.QueryConfig {
  const name = PREPARED.get(text);
  const named = name === undefined ? {} : { name: `sealfax_${prefix}${name}` };
  return { text, values: [...values], types: TYPES, ...named };
}

const PREPARED = new Map<string, string>();

/**
 * Marks `text` as a statement that each connection parses and plans once. For statements of the way of every fax, whose
 * plan does not depend on their values.
 */
export function prepared(name: string, text: string): string {
  PREPARED.set(text, name);
  return text;
}

/**
 * A term that commits the statement it stands in without waiting for the disk. Only where losing it in a crash loses
 * nothing: what a later commit of this database makes durable, it makes durable too, because the log is written in order.
 */
export const WITHOUT_WAITING = `set_config('synchronous_commit', 'off', true)`;

type Run = (text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;

function over(run: Run): Sql {
  const checked: Run = (text, values) => run(text, values).catch(rethrow);
  return {
    rows: async (text, values = []) => (await checked(text, values)).rows,
    row: async (text, values = []) => (await checked(text, values)).rows[0],
    change: async (text, values = []) => (await checked(text, values)).rowCount ?? 0,
  };
}

function rethrow(error: unknown): never {
  if (error instanceof RecordsError) throw error;
  if (isFull(error))
    throw new RecordsError('full', 'the database has no room left; free some space on its disk', error);
  if (!isUnavailable(error)) throw error;
  throw new RecordsError('unavailable', 'the database does not answer', error);
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let left = CONFLICT_TRIES; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left <= 1 || !isConflict(error)) throw error;
    }
  }
}

async function runTransaction<T>(
  pool: pg.Pool,
  work: (tx: Transaction) => Promise<T>,
  begin: string,
  prefix = '',
): Promise<T> {
  const client = await pool.connect().catch(rethrow);
  const afterwards: (() => void)[] = [];
  const sql = over((text, values) => client.query(config(text, values, prefix)));
  let answer: T;
  try {
    await sql.change(begin);
    answer = await work({ ...sql, afterCommit: (run) => void afterwards.push(run) });
    await sql.change('commit');
  } catch (error) {
    await putBack(client, error);
    throw error;
  }
  client.release();
  for (const run of afterwards) run();
  return answer;
}

/** Rolls back; a connection that cannot even do that is closed instead of being lent again. */
async function putBack(client: pg.PoolClient, error: unknown): Promise<void> {
  const broken = error instanceof RecordsError && error.code === 'unavailable';
  const rolledBack = broken
    ? false
    : await client.query('rollback').then(
        () => true,
        () => false,
      );
  client.release(!rolledBack);
}
