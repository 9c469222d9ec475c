import type { Channel } from './channel.ts';
import type { Paging } from './paging.ts';
import { everything } from './paging.ts';
import { withQuery } from './query.ts';
import type { Cdr, CdrResult, Direction, FaxNumber, List } from './types.ts';

/** Which call detail records; times bound the start of the call. */
export interface CdrFilter extends Paging {
  fax?: string;
  direction?: Direction;
  number?: string;
  user?: string;
  /** `name:value`. */
  tag?: string;
  result?: CdrResult;
  since?: string;
  until?: string;
}

/** Call detail records, newest first. */
export interface Cdrs {
  list(filter?: CdrFilter): Promise<List<Cdr>>;
  all(filter?: CdrFilter): AsyncGenerator<Cdr>;
  /** RFC 4180 text in chunks; the whole selection, streamed. */
  csv(filter?: Omit<CdrFilter, 'limit' | 'cursor'>): AsyncGenerator<Uint8Array>;
}

/** @see Cdrs */
export function createCdrs(channel: Channel): Cdrs {
  const list = async (filter: CdrFilter = {}) =>
    (await channel.json({ method: 'GET', path: withQuery('/v1/cdrs', filter), repeatable: true })) as List<Cdr>;

  async function* csv(filter: Omit<CdrFilter, 'limit' | 'cursor'> = {}): AsyncGenerator<Uint8Array> {
    const path = withQuery('/v1/cdrs.csv', filter);
    yield* (await channel.request({ method: 'GET', path, repeatable: true })).body;
  }

  return { list, all: (filter = {}) => everything(list, filter), csv };
}

/** Fax numbers of the account. */
export async function listNumbers(channel: Channel): Promise<FaxNumber[]> {
  const answer = await channel.json({ method: 'GET', path: '/v1/numbers', repeatable: true });
  return (answer as { items: FaxNumber[] }).items;
}
