import type { Channel } from './channel.ts';
import type { Paging } from './paging.ts';
import { everything } from './paging.ts';
import { withQuery } from './query.ts';
import type { Cdr, CdrResult, CdrSummary, Direction, EndedCall, FaxNumber, List } from './types.ts';

/** Which call detail records; times bound the end of the call. */
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

/** What sums may be told apart by. */
export type CdrDimension = 'account' | 'direction' | 'carrier' | 'result' | 'cause';

/** A report. Days such as `2026-11-21` on the calendar of `timeZone`; without any, this month until today. */
export interface CdrReport {
  from?: string;
  /** The day after the last one. */
  to?: string;
  /** `month` when left out. */
  group?: 'day' | 'month' | 'total';
  by?: readonly CdrDimension[];
  /** IANA name; the account's own when left out. */
  timeZone?: string;
}

/** Call detail records, newest first. */
export interface Cdrs {
  list(filter?: CdrFilter): Promise<List<Cdr>>;
  all(filter?: CdrFilter): AsyncGenerator<Cdr>;
  /** RFC 4180 text in chunks; the whole selection, streamed. */
  csv(filter?: Omit<CdrFilter, 'limit' | 'cursor'>): AsyncGenerator<Uint8Array>;
  /** One call that has ended, with its ladder. */
  call(id: string): Promise<EndedCall>;
  /** The ladder of a call as an SVG document. */
  ladderSvg(id: string): AsyncGenerator<Uint8Array>;
  /** Sums by day or month. */
  summary(report?: CdrReport): Promise<CdrSummary>;
}

/** @see Cdrs */
export function createCdrs(channel: Channel): Cdrs {
  const list = async (filter: CdrFilter = {}) =>
    (await channel.json({ method: 'GET', path: withQuery('/v1/cdrs', filter), repeatable: true })) as List<Cdr>;

  async function* csv(filter: Omit<CdrFilter, 'limit' | 'cursor'> = {}): AsyncGenerator<Uint8Array> {
    const path = withQuery('/v1/cdrs.csv', filter);
    yield* (await channel.request({ method: 'GET', path, repeatable: true })).body;
  }

  const call = async (id: string) =>
    (await channel.json({ method: 'GET', path: callPath(id), repeatable: true })) as EndedCall;

  async function* ladderSvg(id: string): AsyncGenerator<Uint8Array> {
    yield* (await channel.request({ method: 'GET', path: `${callPath(id)}/ladder.svg`, repeatable: true })).body;
  }

  const summary = async (report: CdrReport = {}) =>
    (await channel.json({
      method: 'GET',
      path: reportPath('/v1/cdrs/summary', report),
      repeatable: true,
    })) as CdrSummary;

  return { list, all: (filter = {}) => everything(list, filter), csv, call, ladderSvg, summary };
}

const callPath = (id: string) => `/v1/calls/${encodeURIComponent(id)}`;

/** The path of a report, whose dimensions stand in one member. */
export function reportPath(path: string, { by = [], ...rest }: CdrReport & { account?: string }): string {
  return withQuery(path, by.length === 0 ? rest : { ...rest, by: by.join(',') });
}

/** Fax numbers of the account. */
export async function listNumbers(channel: Channel): Promise<FaxNumber[]> {
  const answer = await channel.json({ method: 'GET', path: '/v1/numbers', repeatable: true });
  return (answer as { items: FaxNumber[] }).items;
}
