import type { Micros } from '../fax/money.ts';
import type { Direction } from '../fax/states.ts';

/** What a carrier takes for calls with numbers that begin with `prefix`, as its price list says. */
export interface Rate {
  readonly direction: Direction;
  /** `+` and digits of the called number, which for incoming calls is ours; `+` alone is every number. */
  readonly prefix: string;
  /** For each answered call, besides its time. */
  readonly perCall: Micros;
  readonly perMinute: Micros;
  /** For each page on paper. */
  readonly perPage: Micros;
  /** Seconds that an answered call is charged for at least. */
  readonly minimum: number;
  /** Seconds in which a call goes on beyond the minimum; one that has begun counts. At least 1. */
  readonly increment: number;
}

/** A call that has ended, as far as its price depends on it. */
export interface RatedCall {
  readonly direction: Direction;
  /** The called number. */
  readonly to: string;
  /** Whether the line was open and the cause is one that carriers charge. */
  readonly billable: boolean;
  /** How long it was open, milliseconds. */
  readonly duration: number;
  /** Pages on paper. */
  readonly pages: number;
}

/** The price of a call, and the seconds that it was made of. */
export interface Charge {
  readonly cost: Micros;
  readonly seconds: number;
}

/** What nobody charges. */
const NOTHING: Charge = { cost: 0, seconds: 0 };

/** The rate of the longest prefix that fits. */
export function rateOf(rates: readonly Rate[], direction: Direction, to: string): Rate | undefined {
  let best: Rate | undefined;
  for (const rate of rates) {
    if (rate.direction !== direction || !to.startsWith(rate.prefix)) continue;
    if (rate.prefix.length > (best?.prefix.length ?? 0)) best = rate;
  }
  return best;
}

/**
 * What the call costs. Null when no rate fits: an unknown price is not nothing. A call that was not answered, or that
 * carriers do not charge, costs nothing where there is a rate.
 */
export function costOf(rates: readonly Rate[], call: RatedCall): Charge | null {
  const rate = rateOf(rates, call.direction, call.to);
  if (rate === undefined) return null;
  if (!call.billable) return NOTHING;
  const seconds = chargedSeconds(rate, Math.ceil(call.duration / 1_000));
  return { cost: rate.perCall + perTime(rate.perMinute, seconds) + rate.perPage * call.pages, seconds };
}

/** The first `minimum` seconds as a whole, then whole increments: `60/6` charges 61 s as 66 s. */
function chargedSeconds({ minimum, increment }: Rate, seconds: number): number {
  return minimum + Math.max(0, Math.ceil((seconds - minimum) / increment)) * increment;
}

/** Rounded up to the millionth, as every fraction of a price list is. */
function perTime(perMinute: Micros, seconds: number): Micros {
  return Math.ceil((perMinute * seconds) / 60);
}

/** Answer, DIS and training before the first page, and one page of text at 14,400 bit/s with its confirmation. Milliseconds. */
const BEFORE_PAGES = 20_000;
const ONE_PAGE = 40_000;

/**
 * What an outgoing call with `pages` pages most likely costs: 20 s for its beginning and 40 s for each page. To compare
 * carriers by; null when no rate fits.
 */
export function estimateOf(rates: readonly Rate[], to: string, pages: number): Micros | null {
  const duration = BEFORE_PAGES + pages * ONE_PAGE;
  return costOf(rates, { direction: 'outbound', to, billable: true, duration, pages })?.cost ?? null;
}
