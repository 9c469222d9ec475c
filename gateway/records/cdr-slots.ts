/** Lengths of time, all of UTC, for which sums of CDRs are kept. */
export type SlotUnit = 'quarter' | 'day' | 'month';

/** A length of time that is part of a report: sums of `unit` from `since` until before `until`, taken `sign` times. */
export interface Piece {
  readonly unit: SlotUnit;
  readonly since: number;
  readonly until: number;
  readonly sign: 1 | -1;
}

/** Milliseconds. Every time zone in use is a whole number of quarters of an hour from UTC. */
export const QUARTER = 900_000;
const DAY = 86_400_000;

/** The slots that a moment lies in, one of each unit. */
export function slotsOf(at: number): readonly { readonly unit: SlotUnit; readonly since: number }[] {
  return [
    { unit: 'quarter', since: at - (at % QUARTER) },
    { unit: 'day', since: at - (at % DAY) },
    { unit: 'month', since: monthOf(at) },
  ];
}

/**
 * What to add up for the time from `since` until before `until`, both whole quarters: whole months and days of UTC that
 * come nearest, and the quarters by which the ends lie apart from them, added or taken away. A month of any time zone is
 * so a month of UTC and the hours between their midnights.
 */
export function piecesOf(since: number, until: number): Piece[] {
  const [first, last] = [nearestDay(since), nearestDay(until)];
  const months = { since: monthFrom(first), until: monthOf(last) };
  return [...ends(since, first, 1), ...whole(first, last, months), ...ends(until, last, -1)].filter(
    (piece) => piece.since < piece.until,
  );
}

function whole(since: number, until: number, months: { readonly since: number; readonly until: number }): Piece[] {
  if (months.since >= months.until) return [{ unit: 'day', since, until, sign: 1 }];
  return [
    { unit: 'day', since, until: months.since, sign: 1 },
    { unit: 'month', ...months, sign: 1 },
    { unit: 'day', since: months.until, until, sign: 1 },
  ];
}

/** The quarters between an end and the midnight near it; `sign` is that of those before the midnight. */
function ends(end: number, midnight: number, sign: 1 | -1): Piece[] {
  return [
    { unit: 'quarter', since: end, until: midnight, sign },
    { unit: 'quarter', since: midnight, until: end, sign: sign === 1 ? -1 : 1 },
  ];
}

function nearestDay(at: number): number {
  return Math.round(at / DAY) * DAY;
}

function monthOf(at: number): number {
  return monthStart(at, 0);
}

/** The first moment of the month (UTC) that comes `ahead` months after that of `at`. */
export function monthStart(at: number, ahead: number): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead);
}

/** The first month that begins at or after `at`. */
function monthFrom(at: number): number {
  const date = new Date(at - 1);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
