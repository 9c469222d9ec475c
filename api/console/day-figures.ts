import type { CdrResult, Overview } from '../client/browser.ts';

/** Milliseconds. */
const HOUR = 3_600_000;

/** The order in which results are shown, and how they are called. */
export const RESULTS: readonly (readonly [CdrResult, string])[] = [
  ['ok', 'delivered'],
  ['partial', 'in part'],
  ['failed', 'failed'],
  ['uncertain', 'uncertain'],
  ['canceled', 'canceled'],
];

/** One series for each result that occurs, over every hour until the one of `overview.at`. */
export interface HourFigures {
  /** `14:00` on this machine's clock. */
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** Calls by hour and result, over the last `hours`. */
export function hourFigures({ at, hours: rows }: Overview, hours: number): HourFigures {
  const last = Math.floor(Date.parse(at) / HOUR);
  const starts = Array.from({ length: hours }, (_nothing, index) => last - hours + 1 + index);
  const series = RESULTS.flatMap(([result, name]) => {
    const values = starts.map((start) =>
      rows.reduce((sum, row) => (row.result === result && hourOf(row.start) === start ? sum + row.cdrs : sum), 0),
    );
    return result === 'ok' || values.some((value) => value > 0) ? [{ name, values }] : [];
  });
  return { labels: starts.map((start) => clockTime(start * HOUR)), series };
}

/** Sums since midnight on this machine's clock. */
export interface DayFigures {
  readonly sent: number;
  readonly received: number;
  /** Of the calls out that ended, those that delivered; null without any. */
  readonly success: number | null;
  readonly pages: number;
  readonly failed: number;
}

export function dayFigures({ at, hours }: Overview): DayFigures {
  const midnight = new Date(at).setHours(0, 0, 0, 0);
  const today = hours.filter(({ start }) => Date.parse(start) >= midnight);
  const sum = (of: readonly Overview['hours'][number][], what: 'cdrs' | 'pages') =>
    of.reduce((total, row) => total + row[what], 0);
  const out = today.filter(({ direction, result }) => direction === 'outbound' && result !== 'canceled');
  const sent = sum(
    out.filter(({ result }) => result === 'ok'),
    'cdrs',
  );
  const ended = sum(out, 'cdrs');
  const arrived = today.filter(({ direction, result }) => direction === 'inbound' && result === 'ok');
  return {
    sent,
    received: sum(arrived, 'cdrs'),
    success: ended === 0 ? null : sent / ended,
    pages: sum(today, 'pages'),
    failed: sum(
      out.filter(({ result }) => result === 'failed'),
      'cdrs',
    ),
  };
}

const hourOf = (time: string) => Math.floor(Date.parse(time) / HOUR);

function clockTime(at: number): string {
  const date = new Date(at);
  return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
}
