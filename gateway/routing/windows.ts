/** Days of the week as a window names them, from Sunday as `Date` counts. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** A time of the week in which a rule holds. One that ends before it begins lasts over midnight, into the day after. */
export interface Window {
  /** Those on which it begins. */
  readonly days: readonly Day[];
  /** Minutes since midnight, 0…1,439, and the first minute after it, 1…1,440. */
  readonly from: number;
  readonly to: number;
  /** IANA name of the time zone that days and minutes are of. */
  readonly zone: string;
}

/** Minutes since midnight of `HH:MM`; 24:00 is the end of a day. */
export function minutesOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** `HH:MM` of minutes since midnight. */
export function timeText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Whether `at` (ms since 1970) lies in the window. */
export function inWindow(window: Window, at: number): boolean {
  const { day, minute } = localTime(window.zone, at);
  const isDay = (name: number) => window.days.includes(DAYS[(name + 7) % 7] ?? 'sun');
  if (window.from < window.to) return isDay(day) && minute >= window.from && minute < window.to;
  return (isDay(day) && minute >= window.from) || (isDay(day - 1) && minute < window.to);
}

/** Making one costs more than a thousand uses of it. There are as many as the settings name zones. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localTime(zone: string, at: number): { readonly day: number; readonly minute: number } {
  const format = FORMATS.get(zone) ?? formatOf(zone);
  FORMATS.set(zone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const names: readonly string[] = DAYS;
  const day = names.indexOf(parts.get('weekday')?.toLowerCase() ?? '');
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}
