import { day } from './format.ts';

/** Noon: no change of summer time moves it to another day. */
const noonOf = (text: string) => new Date(`${text}T12:00:00`);

/** Whether a text is a day of the calendar, such as `2026-11-22`, in the years that reports reach. */
export function isDay(text: string): boolean {
  return /^20\d\d-\d\d-\d\d$/.test(text) && !Number.isNaN(noonOf(text).getTime()) && day(noonOf(text)) === text;
}

/** The day that is so many days before another. */
export function daysBefore(text: string, days: number): string {
  const at = noonOf(text);
  at.setDate(at.getDate() - days);
  return day(at);
}

export function dayAfter(text: string): string {
  return daysBefore(text, -1);
}

/** The Monday of the week of a day. */
export function mondayOf(text: string): string {
  return daysBefore(text, (noonOf(text).getDay() + 6) % 7);
}

/** More places than these are drawn by nobody. */
const MOST = 400;

/** The spans from one day to another: days, Mondays, or months such as `2026-11`; the newest 400 of them. */
export function spansBetween(since: string, until: string, span: 'day' | 'week' | 'month'): string[] {
  const found = new Set<string>();
  for (let at = until; at >= since && found.size < MOST; at = daysBefore(at, 1)) found.add(spanOf(at, span));
  return [...found].toReversed();
}

/** The span that a day lies in. */
export function spanOf(text: string, span: 'day' | 'week' | 'month'): string {
  if (span === 'day') return text;
  return span === 'week' ? mondayOf(text) : text.slice(0, 7);
}
