import type pg from 'pg';
import { isUnavailable, RecordsError } from './errors.ts';

/** A statement that each connection parses once, under this name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A value of a statement; the elements of a list are those of an array. */
type Value = string | number | null | readonly (string | number | null)[];

/**
 * Runs two statements in one message to the server: one transaction (PostgreSQL §54.2.3), of which the second sees what was
 * committed until the first was done. Rolled back when either fails.
 *
 * @param values of the second statement; the first has none
 * @returns the only column of the second one's first row; undefined when there is no row
 * @throws RecordsError unavailable
 */
export async function runTogether(
  pool: pg.Pool,
  first: Statement,
  second: Statement,
  values: readonly Value[],
): Promise<string | undefined> {
  const client = await pool.connect().catch(rethrow);
  try {
    const answer = await client.query(new Together(first, second, values.map(textOf))).answer;
    client.release();
    return answer;
  } catch (error) {
    // Which of the statements it has parsed is not known any more.
    client.release(true);
    return rethrow(error);
  }
}

function rethrow(error: unknown): never {
  if (!isUnavailable(error)) throw error;
  throw new RecordsError('unavailable', 'the database does not answer', error);
}

function textOf(value: Value): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? `{${value.map(elementOf).join(',')}}` : String(value);
}

/** An element of an array as PostgreSQL §8.15.2 writes it. */
function elementOf(element: string | number | null): string {
  if (element === null) return 'NULL';
  return typeof element === 'number' ? String(element) : `"${element.replace(/["\\]/g, '\\$&')}"`;
}

/** Names of the statements that a connection has parsed. */
const parsed = new WeakMap<pg.Connection, Set<string>>();

/** What `pg` sends, and calls with what the server answers. */
class Together implements pg.Submittable {
  readonly answer: Promise<string | undefined>;
  readonly submit: (connection: pg.Connection) => void;
  readonly #statements: readonly Statement[];
  readonly #settle = Promise.withResolvers<string | undefined>();
  #row: string | undefined;
  #last: string | undefined;

  constructor(first: Statement, second: Statement, values: (string | null)[]) {
    this.#statements = [first, second];
    this.answer = this.#settle.promise;
    this.submit = (connection) => {
      connection.stream.cork();
      send(connection, first, []);
      send(connection, second, values);
      connection.sync();
      connection.stream.uncork();
    };
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#row ??= fields[0] ?? undefined;
  }

  handleCommandComplete(): void {
    this.#last = this.#row;
    this.#row = undefined;
  }

  handleError(error: Error): void {
    this.#settle.reject(error);
  }

  /** Only now is it committed. */
  handleReadyForQuery(connection: pg.Connection): void {
    const names = parsed.get(connection) ?? new Set();
    for (const { name } of this.#statements) names.add(name);
    parsed.set(connection, names);
    this.#settle.resolve(this.#last);
  }
}

function send(connection: pg.Connection, { name, text }: Statement, values: (string | null)[]): void {
  if (parsed.get(connection)?.has(name) !== true) connection.parse({ name, text, types: [] }, true);
  connection.bind({ statement: name, values }, true);
  connection.execute({}, true);
}
