import { FaxError } from '../fax/errors.ts';
import type { AccountPolicy } from '../fax/policy.ts';

/** Units in which caps count, ms. They begin with those of UTC, so that everybody knows when the next one begins. */
const UNITS = { hour: 3_600_000, day: 86_400_000 } as const;

/** Faxes of an account in the hour or the day that is running, the ones being accepted included. */
export interface SendingCount {
  readonly unit: keyof typeof UNITS;
  /** Its first moment. */
  readonly slot: number;
  readonly faxes: number;
  readonly abroad: number;
}

/** The first moments of this hour and this day. */
export function slotsAt(now: number): [hour: number, day: number] {
  return [now - (now % UNITS.hour), now - (now % UNITS.day)];
}

type Caps = Pick<AccountPolicy, 'faxesPerHour' | 'faxesPerDay' | 'abroadPerHour' | 'abroadPerDay'>;

/** @throws FaxError cap_reached when one of `counts` has gone beyond its cap; it says when the count begins anew */
export function checkCaps(counts: readonly SendingCount[], policy: Caps, now: number): void {
  for (const { unit, slot, faxes, abroad } of counts) {
    const [all, away] =
      unit === 'hour' ? [policy.faxesPerHour, policy.abroadPerHour] : [policy.faxesPerDay, policy.abroadPerDay];
    if (all !== null && faxes > all) throw reached(`${all} faxes`, unit, slot, now);
    if (away !== null && abroad > away) throw reached(`${away} faxes to other countries`, unit, slot, now, '_abroad');
  }
}

function reached(what: string, unit: SendingCount['unit'], slot: number, now: number, abroad = ''): FaxError {
  const end = slot + UNITS[unit];
  const until = new Date(end).toISOString();
  return new FaxError(
    'cap_reached',
    `the account sends at most ${what} in a ${unit}; more may follow from ${until} on`,
    {
      reason: `${unit}${abroad}`,
      retryAfter: Math.max(1, Math.ceil((end - now) / 1_000)),
    },
  );
}
