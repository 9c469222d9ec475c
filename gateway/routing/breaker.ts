import { phaseAt } from '../fax/breaker.ts';
import { CAUSES, type Cause, causeFacts } from '../fax/cause.ts';
import type { Breaker, CarrierEvidence, NewBreaker, Verdicts } from '../ports/carrier-health.ts';

/** When a breaker opens, and for how long. Times are ms. */
export interface BreakerSettings {
  /** So many faxes in a row that failed by the carrier's fault open it; 0: it never opens by itself. */
  readonly faults: number;
  /** Or this share of all calls since its last change, once there are `enough` of them. */
  readonly share: number;
  readonly enough: number;
  /** Or a carrier that says for so long that it does not work, and over which no call has gone meanwhile. */
  readonly unwell: number;
  /** The first rest; each trial that fails doubles it, up to `longestRest`. */
  readonly rest: number;
  readonly longestRest: number;
  /** A carrier that is opened again so soon after it was closed goes on with the rest that it had. */
  readonly relapse: number;
  /** How far back calls count. */
  readonly window: number;
}

/**
 * Five refusals in a row are no accident of five receivers, because theirs have causes of their own. A rest of 30 s is long
 * for a restart of a carrier's server and short for a person; half an hour is how late a carrier's return may be noticed.
 */
export const BREAKER_SETTINGS: BreakerSettings = {
  faults: 5,
  share: 0.5,
  enough: 20,
  unwell: 120_000,
  rest: 30_000,
  longestRest: 1_800_000,
  relapse: 900_000,
  window: 900_000,
};

const FAULTS: readonly Cause[] = ['carrier_unavailable', 'carrier_refused'];

/**
 * What each cause says of a carrier. Whoever was busy or did not answer was reached; what the gateway or its user did says
 * nothing, nor does a call of which nobody knows what became.
 */
export const VERDICTS: Verdicts = {
  fault: FAULTS,
  good: (Object.keys(CAUSES) as Cause[]).filter(
    (cause) => !FAULTS.includes(cause) && cause !== 'canceled' && causeFacts(cause).side !== 'gateway',
  ),
};

/** Carriers' own words are quoted so far. */
const LONGEST_DETAIL = 160;

/** What a carrier says of itself. */
export interface Complaint {
  /** ms for which it has said so without a break. */
  readonly lasting: number;
  readonly detail: string;
}

/**
 * What the breaker becomes; undefined: it stays as it is. An open one changes by the verdict of a call that began when
 * its rest was over, and by nothing else: calls that began before say what is known already.
 */
export function nextBreaker(
  evidence: CarrierEvidence,
  complaint: Complaint | null,
  settings: BreakerSettings,
  now: number,
): Omit<NewBreaker, 'figures'> | undefined {
  if (settings.faults === 0) {
    return evidence.breaker.phase === 'open' ? closedAgain('breakers are switched off') : undefined;
  }
  switch (phaseAt(evidence.breaker, now)) {
    case 'open':
      return undefined;
    case 'trial':
      return afterTrial(evidence, settings, now);
    case 'closed': {
      const reason = reasonToOpen(evidence, complaint, settings, now);
      return reason === undefined ? undefined : open(firstRest(evidence.breaker, settings, now), reason, now);
    }
  }
}

function afterTrial(
  { breaker, good, inRow, lastFault }: CarrierEvidence,
  { rest, longestRest }: BreakerSettings,
  now: number,
): Omit<NewBreaker, 'figures'> | undefined {
  if (inRow > 0) {
    const longer = Math.min(longestRest, Math.max(rest, 2 * breaker.rest));
    return open(longer, `the trial call failed${inWords(lastFault)}`, now);
  }
  return good > 0 ? closedAgain('the trial call went through', breaker.rest) : undefined;
}

function reasonToOpen(
  { good, faults, inRow, lastFault, lastGoodAt, accounts, failing }: CarrierEvidence,
  complaint: Complaint | null,
  settings: BreakerSettings,
  now: number,
): string | undefined {
  // What one account alone is refused may be its own doing: it must not take the carrier from the others.
  const isShared = accounts === 1 || failing > 1;
  if (isShared && inRow >= settings.faults) return `${inRow} faxes in a row failed by its fault${inWords(lastFault)}`;
  const calls = good + faults;
  if (isShared && calls >= settings.enough && faults >= settings.share * calls) {
    return `${faults} of ${calls} calls failed by its fault${inWords(lastFault)}`;
  }
  return complaint === null ? undefined : reasonToBelieve(complaint, lastGoodAt, settings, now);
}

/** What calls have shown counts for more than what a carrier says of itself. */
function reasonToBelieve(
  { lasting, detail }: Complaint,
  lastGoodAt: number | null,
  { unwell }: BreakerSettings,
  now: number,
): string | undefined {
  if (lasting < unwell || (lastGoodAt !== null && lastGoodAt >= now - lasting)) return undefined;
  return `it has said for ${Math.round(lasting / 1_000)} s that it does not work: ${detail.slice(0, LONGEST_DETAIL)}`;
}

/** A carrier that fails again soon has not recovered, although a call went through. */
function firstRest({ since, rest }: Breaker, settings: BreakerSettings, now: number): number {
  const relapsed = rest > 0 && now - since < settings.relapse;
  return relapsed ? Math.min(settings.longestRest, 2 * rest) : settings.rest;
}

function open(rest: number, reason: string, now: number): Omit<NewBreaker, 'figures'> {
  return { phase: 'open', until: now + rest, rest, reason };
}

/** @param rest the rest that it had, for a relapse; 0: it is forgotten */
export function closedAgain(reason: string, rest = 0): Omit<NewBreaker, 'figures'> {
  return { phase: 'closed', until: null, rest, reason };
}

function inWords(fault: CarrierEvidence['lastFault']): string {
  if (fault === null) return '';
  return fault.detail === '' ? `: ${fault.cause}` : `: ${fault.cause}, ${fault.detail.slice(0, LONGEST_DETAIL)}`;
}
