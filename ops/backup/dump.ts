import type pg from 'pg';
import type { Sql } from '../../gateway/records/database.ts';
import type { Line, SealedKey, TableHead } from './lines.ts';
import { copiedTables, NEVER_COLUMNS, NEVER_TABLES, quoted } from './tables.ts';

/** Octets of rows that are wanted in one answer of the server. */
const ANSWER = 1_048_576;
const FIRST_ROWS = 100;
const MOST_ROWS = 5_000;

/** One state of the records, as lines. */
export interface Snapshot {
  readonly schema: number;
  /** When it was taken, ms since 1970, by the clock of the database server. */
  readonly at: number;
  readonly lines: AsyncGenerator<Exclude<Line, { kind: 'manifest' }>>;
}

/**
 * Opens a snapshot of the records on `client`, which it has for itself until `lines` has ended. Repeatable read is one
 * state for all tables (PostgreSQL §13.2.2): every row of it was committed together with all that belongs to it.
 *
 * @param keys sealed files of the key directory, which go along
 * @param what a move to another database takes the wrapped data keys and the rows of the vault along
 */
export async function openSnapshot(
  client: pg.ClientBase,
  keys: readonly SealedKey[],
  what: 'backup' | 'move' = 'backup',
): Promise<Snapshot> {
  const sql = over(client);
  await client.query('begin isolation level repeatable read read only');
  const [facts] = await sql.rows<{ schema: number; at: string }>(
    `select (select max(version) from schema_versions) as schema,
       (extract(epoch from clock_timestamp()) * 1000)::bigint::text as at`,
  );
  return { schema: facts?.schema ?? 0, at: Number(facts?.at ?? 0), lines: linesOf(client, sql, keys, what) };
}

async function* linesOf(
  client: pg.ClientBase,
  sql: Sql,
  keys: readonly SealedKey[],
  what: 'backup' | 'move',
): Snapshot['lines'] {
  const moves = what === 'move';
  for (const key of keys) yield { kind: 'key', key };
  for (const table of await copiedTables(sql, moves ? ['schema_versions'] : NEVER_TABLES)) {
    yield { kind: 'table', table };
    let rows = 0;
    for await (const text of rowsOf(sql, table, moves ? [] : (NEVER_COLUMNS[table.name] ?? []))) {
      rows++;
      yield { kind: 'row', text };
    }
    yield { kind: 'end', rows };
  }
  await client.query('commit');
}

/** Rows as JSON text, through a cursor: whatever the size of the table, about a mebibyte of it is here at a time. */
async function* rowsOf(sql: Sql, { name, columns }: TableHead, left: readonly string[]): AsyncGenerator<string> {
  const list = columns.map((column) => (left.includes(column) ? `null as ${quoted(column)}` : quoted(column)));
  await sql.change(
    `declare backup no scroll cursor for select row_to_json(r)::text as row from (select ${list.join(', ')} from ${quoted(name)}) r`,
  );
  for (let count = FIRST_ROWS; ; ) {
    const rows = await sql.rows<{ row: string }>(`fetch forward ${count} from backup`);
    for (const { row } of rows) yield row;
    if (rows.length < count) break;
    const size = rows.reduce((sum, { row }) => sum + row.length, 0);
    count = Math.min(MOST_ROWS, Math.max(1, Math.floor((ANSWER * rows.length) / Math.max(1, size))));
  }
  await sql.change('close backup');
}

function over(client: pg.ClientBase): Sql {
  const run = (text: string, values: readonly unknown[] = []) => client.query({ text, values: [...values] });
  return {
    rows: async (text, values) => (await run(text, values)).rows,
    row: async (text, values) => (await run(text, values)).rows[0],
    change: async (text, values) => (await run(text, values)).rowCount ?? 0,
  };
}
