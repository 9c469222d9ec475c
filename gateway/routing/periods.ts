import type { BudgetSpan } from '../ports/budget-records.ts';

/** A calendar day or month; `until` is not part of it. Milliseconds. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

const DAY = 86_400_000;
/** Midnights of every time zone in use fall on whole quarters of an hour of UTC. */
const QUARTER = 900_000;

/** The day or month that `at` lies in, on the calendar of `timeZone` (an IANA name). */
export function periodOf(span: BudgetSpan, at: number, timeZone: string): Period {
  const wall = new Date(wallOf(at, timeZone));
  const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
  const [first, next] =
    span === 'day'
      ? [Date.UTC(year, month, day), Date.UTC(year, month, day + 1)]
      : [Date.UTC(year, month), Date.UTC(year, month + 1)];
  return { since: firstMoment(first, timeZone), until: firstMoment(next, timeZone) };
}

/**
 * When the day begins whose midnight the clock on the wall shows as `midnight`, read as if it were UTC. Where summer time
 * begins at midnight there is none, and the day begins an hour later by that clock; where it ends then there may be two.
 */
function firstMoment(midnight: number, timeZone: string): number {
  const offsets = [midnight - DAY, midnight + DAY].map((near) => wallOf(near, timeZone) - near);
  const moments = offsets.map((offset) => midnight - offset).sort((a, b) => a - b);
  const first = moments.find((moment) => wallOf(moment, timeZone) >= midnight) ?? midnight;
  return first - (first % QUARTER);
}

/** Formats by time zone: making one takes longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 64;

/** What the clock on the wall shows at `at`, to the second, as if it were UTC. */
function wallOf(at: number, timeZone: string): number {
  const parts = new Map(
    formatFor(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  if (formats.size === MOST_FORMATS) formats.clear();
  formats.set(timeZone, format);
  return format;
}
