import type { Transaction } from '../../gateway/records/database.ts';
import type { Line, TableHead } from './lines.ts';
import { quoted } from './tables.ts';

/** Rows go in so many octets, or so many rows, at a time. */
const BATCH_OCTETS = 1_048_576;
const BATCH_ROWS = 1_000;

/**
 * Writes the rows of a backup into the empty tables of the same schema. Nothing is durable before the caller commits,
 * which may only follow when `lines` has ended by itself.
 *
 * @param onKey told of each key file
 * @throws BackupError what the lines throw
 */
export async function loadRows(
  tx: Transaction,
  lines: AsyncIterable<Line>,
  onKey: (key: Extract<Line, { kind: 'key' }>['key']) => void,
): Promise<Readonly<Record<string, number>>> {
  let table: TableLoad | undefined;
  let counts: Readonly<Record<string, number>> = {};
  for await (const line of lines) {
    if (line.kind === 'key') onKey(line.key);
    else if (line.kind === 'table') table = await TableLoad.begin(tx, line.table);
    else if (line.kind === 'row') await table?.row(line.text);
    else if (line.kind === 'end') await table?.end();
    else counts = line.manifest.tables;
  }
  return counts;
}

/** One table while its rows come in. */
class TableLoad {
  readonly #tx: Transaction;
  readonly #insert: string;
  #rows: string[] = [];
  #octets = 0;

  private constructor(tx: Transaction, insert: string) {
    this.#tx = tx;
    this.#insert = insert;
  }

  static async begin(tx: Transaction, table: TableHead): Promise<TableLoad> {
    const name = quoted(table.name);
    const columns = table.columns.map(quoted).join(', ');
    if (table.name === 'cdrs') for (const month of table.months) await tx.rows('select make_cdr_month($1)', [month]);
    // A migration may have put rows of its own here (a first setting): what stands in the backup is what counts.
    await tx.change(`delete from ${name}`);
    return new TableLoad(
      tx,
      `insert into ${name} (${columns}) overriding system value
       select ${columns} from jsonb_populate_recordset(null::${name}, $1::jsonb)`,
    );
  }

  async row(text: string): Promise<void> {
    this.#rows.push(text);
    this.#octets += text.length;
    if (this.#octets >= BATCH_OCTETS || this.#rows.length >= BATCH_ROWS) await this.end();
  }

  /** Writes what has been gathered. */
  async end(): Promise<void> {
    if (this.#rows.length > 0) await this.#tx.change(this.#insert, [`[${this.#rows.join(',')}]`]);
    this.#rows = [];
    this.#octets = 0;
  }
}

/** Identity columns of the schema go on above every number that they have given out. */
export async function moveSequences(tx: Transaction, ahead: number): Promise<void> {
  const found = await tx.rows<{ table: string; column: string; sequence: string }>(
    `select c.relname as "table", a.attname as "column",
       pg_get_serial_sequence(format('%I', c.relname), a.attname) as sequence
     from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.attnum > 0 and pg_get_serial_sequence(format('%I', c.relname), a.attname) is not null`,
  );
  for (const { table, column, sequence } of found) {
    // A sequence that has given out nothing has no last number.
    await tx.rows(
      `select setval($1::regclass, greatest(1, used), used > 0)
       from (select coalesce(max(${quoted(column)}), 0) + $2::bigint as used from ${quoted(table)}) numbers`,
      [sequence, ahead],
    );
  }
}
