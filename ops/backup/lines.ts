import { hex, sha256Stream } from '../../crypto/index.ts';
import { BackupError } from './errors.ts';

// The plaintext of a backup, lines of UTF-8. A row begins with "{"; what says something about rows with "#":
//
//   #key {"name":…,"sealed":…}                       a lasting key of the key directory, sealed under the root key
//   #table {"name":…,"columns":[…],"months":[ms, …]}
//   {…}                                              each row as row_to_json writes it
//   #end {"rows":n}                                  of this table
//   #manifest {"tables":{name: n, …},"sha256":…}     the last line; SHA-256 (hex) of every octet before it

/** A table, before its rows. */
export interface TableHead {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of a table that is kept in one part a month: the moments with which they begin, ms since 1970. */
  readonly months: readonly number[];
}

/** A key file as it lies in the key directory. */
export interface SealedKey {
  readonly name: string;
  /** base64url. */
  readonly sealed: string;
}

/** One line, read. Rows stay text: a number in them may be larger than JavaScript's. */
export type Line =
  | { readonly kind: 'key'; readonly key: SealedKey }
  | { readonly kind: 'table'; readonly table: TableHead }
  | { readonly kind: 'row'; readonly text: string }
  | { readonly kind: 'end'; readonly rows: number }
  | { readonly kind: 'manifest'; readonly manifest: Manifest };

/** What the last line says of all others. */
export interface Manifest {
  readonly tables: Readonly<Record<string, number>>;
  readonly sha256: string;
}

/** Lines are gathered into chunks of about this many octets. */
const CHUNK = 65_536;
/** The longest row: an answer of a batch of 10,000 faxes has 300 kB. */
const LONGEST_LINE = 64 * 1_048_576;

/** Lines as octets, with the manifest added at the end. */
export async function* writeLines(
  lines: AsyncIterable<Exclude<Line, { kind: 'manifest' }>>,
): AsyncGenerator<Uint8Array> {
  const hash = sha256Stream();
  const count = new Counter();
  let text: string[] = [];
  let size = 0;
  const flush = (): Uint8Array => {
    const bytes = Buffer.from(text.join(''));
    hash.update(bytes);
    text = [];
    size = 0;
    return bytes;
  };
  for await (const line of lines) {
    count.take(line);
    const written = `${format(line)}\n`;
    text.push(written);
    size += written.length;
    if (size >= CHUNK) yield flush();
  }
  yield flush();
  yield Buffer.from(`#manifest ${JSON.stringify({ tables: count.tables(), sha256: hex(hash.digest()) })}\n`);
}

/**
 * Lines of octets. Ends only after a manifest that agrees with all that came before.
 *
 * @throws BackupError damaged, truncated
 */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const hash = sha256Stream();
  const count = new Counter();
  let over = false;
  for await (const bytes of splitLines(source)) {
    if (over) throw damaged('lines after the manifest');
    const line = parse(bytes.toString('utf8', 0, bytes.length - 1));
    if (line.kind === 'manifest') {
      agree(line.manifest, { tables: count.tables(), sha256: hex(hash.digest()) });
      over = true;
    } else {
      hash.update(bytes);
      count.take(line);
    }
    yield line;
  }
  if (!over) throw new BackupError('truncated', 'the backup ends before its manifest');
}

/** Each line with its line feed. */
async function* splitLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
      yield Buffer.concat([...begun, rest.subarray(0, at + 1)]);
      begun = [];
      length = 0;
      rest = rest.subarray(at + 1);
    }
    length += rest.length;
    if (length > LONGEST_LINE) throw damaged('a line is too long');
    if (rest.length > 0) begun.push(Buffer.from(rest));
  }
  if (length > 0) throw new BackupError('truncated', 'the backup ends within a line');
}

function format(line: Exclude<Line, { kind: 'manifest' }>): string {
  if (line.kind === 'row') return line.text;
  if (line.kind === 'key') return `#key ${JSON.stringify(line.key)}`;
  if (line.kind === 'table') return `#table ${JSON.stringify(line.table)}`;
  return `#end ${JSON.stringify({ rows: line.rows })}`;
}

function parse(text: string): Line {
  if (text.startsWith('{')) return { kind: 'row', text };
  const [, word, json = ''] = /^#([a-z]+) (.*)$/.exec(text) ?? [];
  const value = parseJson(json);
  if (word === 'key') return { kind: 'key', key: value as SealedKey };
  if (word === 'table') return { kind: 'table', table: value as TableHead };
  if (word === 'end') return { kind: 'end', rows: (value as { rows: number }).rows };
  if (word === 'manifest') return { kind: 'manifest', manifest: value as Manifest };
  throw damaged('a line is of no known kind');
}

/** What was sealed under the root key was written by a gateway: the shape is trusted, not its length. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw damaged('a line is not JSON');
  }
}

/** Counts the rows of each table, and knows whether tables begin and end in turn. */
class Counter {
  readonly #tables = new Map<string, number>();
  #open: string | undefined;
  #rows = 0;

  take(line: Exclude<Line, { kind: 'manifest' }>): void {
    if (line.kind === 'table') {
      if (this.#open !== undefined || this.#tables.has(line.table.name)) throw damaged('a table begins twice');
      this.#open = line.table.name;
      this.#rows = 0;
    } else if (line.kind === 'row') {
      if (this.#open === undefined) throw damaged('a row without a table');
      this.#rows++;
    } else if (line.kind === 'end') {
      if (this.#open === undefined || line.rows !== this.#rows) throw damaged('a table has another number of rows');
      this.#tables.set(this.#open, this.#rows);
      this.#open = undefined;
    }
  }

  tables(): Record<string, number> {
    if (this.#open !== undefined) throw damaged('a table does not end');
    return Object.fromEntries(this.#tables);
  }
}

function agree(said: Manifest, found: Manifest): void {
  const equal = said.sha256 === found.sha256 && JSON.stringify(said.tables) === JSON.stringify(found.tables);
  if (!equal) throw damaged('the manifest says something else');
}

function damaged(what: string): BackupError {
  return new BackupError('damaged', `the backup does not hold together: ${what}`);
}
