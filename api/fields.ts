import { type IdPrefix, parseId } from '../gateway/fax/ids.ts';
import { type E164, type NumberPrefix, parseE164, parseNumberPrefix } from '../gateway/fax/number.ts';
import { ApiError, type ProblemCode } from './errors.ts';

/** The id in a path. Text that is no id names nothing, so that it is `code` as for an unknown id. */
export function pathId<P extends IdPrefix>(prefix: P, text: string, code: ProblemCode) {
  const id = parseId(prefix, text);
  if (id === undefined) throw new ApiError(code);
  return id;
}

/** The id in a query, whose form the schema has checked. */
export function queryId<P extends IdPrefix>(prefix: P, text: string | undefined, pointer: string) {
  if (text === undefined) return undefined;
  const id = parseId(prefix, text);
  if (id === undefined) throw new ApiError('request_invalid', 'not an id', { pointer });
  return id;
}

/** A number in a query. @throws FaxError number_invalid */
export function queryNumber(text: string | undefined): E164 | undefined {
  return text === undefined ? undefined : parseE164(text, '/number');
}

/** The beginning of a number in a query. @throws FaxError number_invalid */
export function queryPrefix(text: string | undefined): NumberPrefix | undefined {
  return text === undefined ? undefined : parseNumberPrefix(text);
}

/** Milliseconds of a moment that a schema has checked. */
export function momentOf(text: string): number {
  return Date.parse(text);
}

/** The filters `tag=name:value`, `since`, `until` in the records' form, without members that were left out. */
export function commonFilters(query: {
  readonly tag?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}): { tag?: { name: string; value: string }; since?: number; until?: number } {
  const colon = query.tag?.indexOf(':') ?? -1;
  const tag =
    query.tag === undefined ? {} : { tag: { name: query.tag.slice(0, colon), value: query.tag.slice(colon + 1) } };
  const since = query.since === undefined ? {} : { since: momentOf(query.since) };
  const until = query.until === undefined ? {} : { until: momentOf(query.until) };
  return { ...tag, ...since, ...until };
}

/** `object` without the members that are undefined: what `exactOptionalPropertyTypes` asks of optional filters. */
export function defined<T extends Record<string, unknown>>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
