import type { Channel } from './channel.ts';
import { createReportSchedules, type ReportSchedules } from './mail.ts';
import type { Paging } from './paging.ts';
import { everything } from './paging.ts';
import { segment, withQuery } from './query.ts';
import type {
  Cdr,
  CdrDimension,
  CdrResult,
  CdrSummary,
  Direction,
  EndedCall,
  FaxNumber,
  List,
  SavedQuery,
  SavedReport,
} from './types.ts';

/** Which call detail records; times bound the end of the call. */
export interface CdrFilter extends Paging {
  fax?: string;
  direction?: Direction;
  number?: string;
  /** How the receiver's number begins, or the sender's: `+4930`. Not for auditors. */
  prefix?: string;
  user?: string;
  /** `name:value`. */
  tag?: string;
  result?: CdrResult;
  cause?: string;
  carrier?: string;
  /** Of the far number: ISO 3166-1, or + and a calling code. */
  country?: string;
  since?: string;
  until?: string;
}

/** A report. Days such as `2026-11-21` on the calendar of `timeZone`; without any, this month until today. */
export interface CdrReport extends Partial<Omit<SavedQuery, 'by' | 'account'>> {
  by?: readonly CdrDimension[];
}

/** Reports under names. */
export interface Reports {
  list(): Promise<SavedReport[]>;
  get(name: string): Promise<SavedReport>;
  /** In place of the one that has the name. */
  save(name: string, report: { title?: string; query: Partial<SavedQuery> }): Promise<SavedReport>;
  remove(name: string): Promise<void>;
  /** What it tells now. */
  run(name: string): Promise<CdrSummary>;
  /** When they are mailed, and to whom. */
  readonly schedules: ReportSchedules;
}

/** Call detail records, newest first. */
export interface Cdrs {
  list(filter?: CdrFilter): Promise<List<Cdr>>;
  all(filter?: CdrFilter): AsyncGenerator<Cdr>;
  /** RFC 4180 text in chunks; the whole selection, streamed. */
  csv(filter?: Omit<CdrFilter, 'limit' | 'cursor'>): AsyncGenerator<Uint8Array>;
  /** One JSON object a line, in chunks; the whole selection with every field, streamed. */
  jsonLines(filter?: Omit<CdrFilter, 'limit' | 'cursor'>): AsyncGenerator<Uint8Array>;
  /** One call that has ended, with its ladder. */
  call(id: string): Promise<EndedCall>;
  /** The ladder of a call as an SVG document. */
  ladderSvg(id: string): AsyncGenerator<Uint8Array>;
  /** Sums by hour, day, week or month. */
  summary(report?: CdrReport): Promise<CdrSummary>;
  readonly reports: Reports;
}

/** @see Cdrs */
export function createCdrs(channel: Channel): Cdrs {
  const list = async (filter: CdrFilter = {}) =>
    (await channel.json({ method: 'GET', path: withQuery('/v1/cdrs', filter), repeatable: true })) as List<Cdr>;

  async function* stream(path: string): AsyncGenerator<Uint8Array> {
    yield* (await channel.request({ method: 'GET', path, repeatable: true })).body;
  }
  const csv: Cdrs['csv'] = (filter = {}) => stream(withQuery('/v1/cdrs.csv', filter));
  const jsonLines: Cdrs['jsonLines'] = (filter = {}) => stream(withQuery('/v1/cdrs.jsonl', filter));

  const call = async (id: string) =>
    (await channel.json({ method: 'GET', path: callPath(id), repeatable: true })) as EndedCall;

  const ladderSvg: Cdrs['ladderSvg'] = (id) => stream(`${callPath(id)}/ladder.svg`);

  const summary = async (report: CdrReport = {}) =>
    (await channel.json({
      method: 'GET',
      path: reportPath('/v1/cdrs/summary', report),
      repeatable: true,
    })) as CdrSummary;

  const reports = createReports(channel, '/v1/reports');
  return { list, all: (filter = {}) => everything(list, filter), csv, jsonLines, call, ladderSvg, summary, reports };
}

/** The saved reports below `path`. */
export function createReports(channel: Channel, path: string): Reports {
  const at = (name: string, rest = '') => `${path}/${segment(name)}${rest}`;
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  return {
    list: async () => ((await read(path)) as { items: SavedReport[] }).items,
    get: async (name) => (await read(at(name))) as SavedReport,
    save: async (name, report) => (await channel.json({ method: 'PUT', path: at(name) }, report)) as SavedReport,
    async remove(name) {
      await channel.json({ method: 'DELETE', path: at(name) });
    },
    run: async (name) => (await read(at(name, '/run'))) as CdrSummary,
    schedules: createReportSchedules(channel, path),
  };
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
