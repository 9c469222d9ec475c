import type { AccountId, UserId } from './ids.ts';

/** When a saved report is mailed: at the full hour of a time zone, each day, on a day of each week or of each month. */
export interface ReportSchedule {
  readonly every: 'daily' | 'weekly' | 'monthly';
  /** 0 to 23. */
  readonly hour: number;
  /** ISO 8601: 1 is Monday. With `weekly`. */
  readonly weekday: number;
  /** 1 to 28, which every month has. With `monthly`. */
  readonly day: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** Who gets it: administrators, each as its role sees numbers, and the addresses of the account. */
export interface ReportRecipients {
  readonly administrators: readonly UserId[];
  /** The account whose report it is; false for reports over all accounts. */
  readonly account: boolean;
}

/** A saved report that is mailed. */
export interface ScheduledReport {
  /** An account's, or the administrators' (null). */
  readonly owner: AccountId | null;
  readonly name: string;
  readonly schedule: ReportSchedule;
  readonly recipients: ReportRecipients;
  readonly changedBy: UserId | string;
  readonly changedAt: number;
  /** The moment of the next mail. */
  readonly nextAt: number;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** A month and a day, so that a day of each month lies within. */
const REACH = 32;

/** The first moment of the schedule after `after`, ms since 1970. */
export function nextReportAt(schedule: ReportSchedule, after: number): number {
  const today = Date.parse(wallClock(after, schedule.timeZone).slice(0, 10));
  for (let days = 0; days <= REACH; days++) {
    const date = today + days * DAY;
    if (!isDayOf(schedule, new Date(date))) continue;
    const at = momentOf(date + schedule.hour * HOUR, schedule.timeZone);
    if (at > after) return at;
  }
  throw new RangeError('a schedule without a moment in a month');
}

function isDayOf({ every, weekday, day }: ReportSchedule, date: Date): boolean {
  if (every === 'weekly') return (date.getUTCDay() || 7) === weekday;
  return every === 'daily' || date.getUTCDate() === day;
}

/**
 * When the clock of `timeZone` shows `wall` (written as if it were UTC). Where it shows it twice, one of them; where it
 * jumps over it, as long after the jump as it would have been after the hour before.
 */
function momentOf(wall: number, timeZone: string): number {
  const first = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(first, timeZone);
}

/** How far the clock of `timeZone` is ahead of UTC at a moment, ms. */
function offsetAt(at: number, timeZone: string): number {
  return Date.parse(`${wallClock(at, timeZone)}Z`) - Math.floor(at / 1_000) * 1_000;
}

/** `2026-11-22T09:00:00`. */
function wallClock(at: number, timeZone: string): string {
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat('sv-SE', options).format(at).replace(' ', 'T');
}
