import { FaxError } from '../fax/errors.ts';

/** Where the next page of a list begins: after this row. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** A cursor is the base64url form of `time.id`; nobody but this file reads it. */
export function writeCursor(position: Position): string {
  return Buffer.from(`${position.at}.${position.id}`).toString('base64url');
}

/** Ids as most rows have them. */
const ID = /^[a-z]+_[0-9a-z]{26}$/;

/**
 * @param form what the ids of the list look like
 * @throws FaxError option_invalid when it was not made by `writeCursor`
 */
export function readCursor(cursor: string | undefined, form = ID): Position | undefined {
  if (cursor === undefined) return undefined;
  const text = cursor.length > 128 ? '' : Buffer.from(cursor, 'base64url').toString('latin1');
  const match = /^(\d{1,15})\.([^.]+)$/.exec(text);
  const [, at, id] = match ?? [];
  if (at === undefined || id === undefined || !form.test(id)) {
    throw new FaxError('option_invalid', 'the cursor was not made by this list', { pointer: '/cursor' });
  }
  return { at: Number(at), id };
}

/** Cuts `rows`, read one longer than `limit`, into a page. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  position: (row: T) => Position,
): { readonly items: readonly T[]; readonly next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(position(last)) : null };
}

/** Conditions of a list, each with its values as parameters. */
export interface Conditions {
  /** `text` has `?` where `values` go; left out when a value is undefined. */
  add(text: string, ...values: readonly unknown[]): void;
  /** One more parameter. */
  value(value: unknown): string;
  readonly values: readonly unknown[];
  where(): string;
}

/**
 * That the number in `column` begins with `prefix`, as a span that an index in order of numbers finds: in every collation
 * digits stand in the order of their values. The comparison at the end takes out what is no number.
 */
export function beginsWith(list: Conditions, column: string, prefix: string): string {
  const given = list.value(prefix);
  const after = afterPrefix(prefix);
  const before = after === undefined ? '' : ` and ${column} < ${list.value(after)}`;
  return `(${column} >= ${given}${before} and starts_with(${column}, ${given}))`;
}

/** What comes after all numbers that begin with `prefix`; undefined when nothing does. */
function afterPrefix(prefix: string): string | undefined {
  const kept = prefix.replace(/9+$/, '');
  const last = Number(kept.at(-1));
  return Number.isNaN(last) ? undefined : `${kept.slice(0, -1)}${last + 1}`;
}

export function conditions(): Conditions {
  const values: unknown[] = [];
  const texts: string[] = [];
  const value = (item: unknown): string => `$${values.push(item)}`;
  return {
    values,
    value,
    add: (text, ...items) => {
      if (items.includes(undefined)) return;
      const rest = [...items];
      texts.push(text.replace(/\?/g, () => value(rest.shift())));
    },
    where: () => (texts.length === 0 ? 'true' : texts.join(' and ')),
  };
}
