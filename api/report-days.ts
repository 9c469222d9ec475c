import type { z } from 'zod';
import type { ReportPeriod } from './schemas/index.ts';

type Period = z.infer<typeof ReportPeriod>;

/** First day, and the day after the last one, such as `2026-11-21`. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The day of a moment on the calendar of `timeZone`. */
export function dayOf(at: number, timeZone: string): string {
  const day = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const parts = new Map(day.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
}

/** The day `count` days after `day`. */
export function dayAfter(day: string, count = 1): string {
  return new Date(Date.parse(day) + count * 86_400_000).toISOString().slice(0, 10);
}

/** The days of a period, seen from `today`; a period that is not over ends with today. */
export function daysOf(period: Period, today: string): Days {
  const tomorrow = dayAfter(today);
  // ISO 8601: a week begins on Monday; Sunday is day 0 of Date.
  const monday = dayAfter(today, -((new Date(today).getUTCDay() + 6) % 7));
  const month = `${today.slice(0, 7)}-01`;
  const year = Number(today.slice(0, 4));
  switch (period) {
    case 'today':
      return { from: today, to: tomorrow };
    case 'yesterday':
      return { from: dayAfter(today, -1), to: today };
    case 'this_week':
      return { from: monday, to: tomorrow };
    case 'last_week':
      return { from: dayAfter(monday, -7), to: monday };
    case 'this_month':
      return { from: month, to: tomorrow };
    case 'last_month':
      return { from: `${dayAfter(month, -1).slice(0, 7)}-01`, to: month };
    case 'this_year':
      return { from: `${year}-01-01`, to: tomorrow };
    case 'last_year':
      return { from: `${year - 1}-01-01`, to: `${year}-01-01` };
    case 'last_7_days':
      return { from: dayAfter(today, -6), to: tomorrow };
    case 'last_30_days':
      return { from: dayAfter(today, -29), to: tomorrow };
  }
}
