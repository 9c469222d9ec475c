import { causeFacts } from '../../gateway/fax/cause.ts';
import type { Cdr } from '../../gateway/fax/cdr.ts';
import { moneyText } from '../../gateway/fax/money.ts';
import { codesOf } from '../../gateway/fax/signalling.ts';
import type { CdrSum } from '../../gateway/ports/cdr-records.ts';
import { maskedNumber, maskedText } from '../masking.ts';
import type { CdrSumView, CdrView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';

/** A call detail record as callers see it. */
export function cdrView(cdr: Cdr): CdrView {
  return {
    ...cdr,
    route: cdr.route === null ? null : { ...cdr.route, leftOut: [...cdr.route.leftOut] },
    startedAt: isoTime(cdr.startedAt),
    answeredAt: isoTimeOrNull(cdr.answeredAt),
    endedAt: isoTime(cdr.endedAt),
    action: causeFacts(cdr.cause).action,
    ...codesOf(cdr.detail),
  };
}

/** A call detail record without the beginnings of its numbers, wherever they stand. */
export function maskedCdr(cdr: Cdr): Cdr {
  const tags = Object.fromEntries(Object.entries(cdr.tags).map(([name, value]) => [name, maskedText(value)]));
  const from = cdr.from === null ? null : maskedNumber(cdr.from);
  const remoteId = cdr.remoteId === null ? null : maskedNumber(cdr.remoteId);
  return { ...cdr, from, to: maskedNumber(cdr.to), remoteId, detail: maskedText(cdr.detail), tags };
}

/** One line of a report as callers see it. */
export function cdrSumView(sum: CdrSum, number = (text: string) => text): CdrSumView {
  const successRate = Math.round((sum.delivered / sum.cdrs) * 10_000) / 10_000;
  return { ...sum, start: isoTime(sum.start), number: sum.number === null ? null : number(sum.number), successRate };
}

const COLUMNS = [
  'id',
  'account',
  'user',
  'fax',
  'batch',
  'call',
  'direction',
  'from',
  'to',
  'remoteId',
  'carrier',
  'reference',
  'attempt',
  'startedAt',
  'answeredAt',
  'endedAt',
  'duration',
  'pages',
  'pagesSent',
  'result',
  'cause',
  'detail',
  'billable',
  'faxState',
] as const satisfies readonly (keyof CdrView)[];

/** First line of a CSV report. */
export const CSV_HEAD = [
  ...COLUMNS,
  ...['rate', 'modulation', 'ecm', 't38', 'tags', 'receipt'],
  ...['cost', 'currency', 'chargedSeconds'],
  'purge',
  'subaddress',
  ...['country', 'compression', 'retrains', 'badRows', 'route', 'epochReceipt', 'purgeReceipt', 'action'],
  ...['sipStatus', 'q850'],
]
  .map(csvCell)
  .join(',');

/** One record as a line of RFC 4180. */
export function csvLine(cdr: Cdr): string {
  const view = cdrView(cdr);
  const line = [view.line?.rate, view.line?.modulation, view.line?.ecm, view.line?.t38];
  const cost = [view.cost === null ? null : moneyText(view.cost), view.currency, view.chargedSeconds];
  const cells = [
    ...COLUMNS.map((column) => view[column]),
    ...line,
    JSON.stringify(view.tags),
    view.receipt,
    ...cost,
    view.purge,
    view.subaddress,
    view.country,
    ...[view.line?.compression, view.line?.retrains, view.line?.badRows],
    view.route === null ? null : JSON.stringify(view.route),
    ...[view.epochReceipt, view.purgeReceipt, view.action],
    ...[view.sipStatus, view.q850],
  ];
  return cells.map(csvCell).join(',');
}

/**
 * A cell that no spreadsheet takes for a formula: what begins with one of its signs gets an apostrophe before it,
 * except a plain international number, which is none.
 */
export function csvCell(value: string | number | boolean | null | undefined): string {
  const text = value === null || value === undefined ? '' : String(value);
  const formula = typeof value === 'string' && /^[=+\-@\t\r\n]/.test(text) && !/^\+[0-9]+$/.test(text);
  const safe = formula ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
