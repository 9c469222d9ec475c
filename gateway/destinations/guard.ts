import type { Account } from '../fax/account.ts';
import type { Destination, LineType, Place } from '../fax/destination.ts';
import { FaxError } from '../fax/errors.ts';
import type { Fax } from '../fax/fax.ts';
import type { E164 } from '../fax/number.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { DestinationGuard } from '../ports/destination-guard.ts';
import type { Admission, GuardRecords, PlaceDecision } from '../ports/guard-records.ts';
import type { LineTypes } from '../ports/line-types.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { createLineLookup } from './line-lookup.ts';
import { destinationOf } from './numbering.ts';
import { type DestinationRules, type Refusal, refusal, refusalOf } from './rules.ts';

/** What whoever runs the gateway has decided about destinations. */
export interface DestinationSettings {
  readonly rules: DestinationRules;
  /** Countries that are home to every account, beside those of its own numbers. */
  readonly homes: readonly Place[];
  /** Whether countries matter at all: they do not where no call can cost anything. */
  readonly watched: boolean;
  /** Whether the first faxes to a country wait for an approval; decisions and caps hold without it. */
  readonly holds: boolean;
  /** How long a fax waits for the approval of its country, ms. */
  readonly holdFor: number;
}

/** What the guard decides by. */
export interface GuardParts {
  readonly records: Pick<GuardRecords, 'decisions' | 'lineType' | 'keepLineType'>;
  readonly accounts: Pick<AccountRecords, 'account'>;
  readonly settings: DestinationSettings;
  /** Whom to ask of what kind a line is; without it the numbering plan alone says it. */
  readonly lineTypes?: LineTypes;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The places that an account calls without anybody's approval. */
export function homesOf(settings: Pick<DestinationSettings, 'homes'>, own: readonly E164[]): Set<Place> {
  return new Set([...settings.homes, ...own.map((number) => destinationOf(number).place)]);
}

/** Rules, approvals and kinds of lines, asked at the acceptance of a fax and again before each of its calls. */
export function createDestinationGuard(parts: GuardParts): DestinationGuard {
  const { records, accounts, settings, metrics } = parts;
  const lineOf = createLineLookup(parts);
  return {
    async admit(account, own, to, now) {
      const all = to.map((number) => ({ number, destination: destinationOf(number) }));
      for (const [index, { number, destination }] of all.entries()) {
        const found = planRefusal(settings.rules, account, number, destination);
        if (found !== undefined) refuse(metrics, found, pointerOf(to, index));
      }
      if (!settings.watched) return to.map(() => HOME);
      const homes = homesOf(settings, own);
      const foreign = all.some(({ destination }) => !homes.has(destination.place));
      const decided = byPlace(foreign ? await records.decisions(account.id) : []);
      const admissions = all.map(({ destination: { place } }, index) => {
        if (decided.get(place) === 'denied') refuse(metrics, refusal('country_denied'), pointerOf(to, index));
        return admission(account, settings, { place, home: homes.has(place), approved: decided.has(place), now });
      });
      tellHeld(parts, account, admissions);
      return admissions;
    },

    async recheck(fax) {
      const account = await accounts.account(fax.account);
      if (account === undefined) return undefined;
      const destination = destinationOf(fax.to);
      const found =
        planRefusal(settings.rules, account, fax.to, destination) ??
        ((await deniedSince(parts, fax, destination)) ? refusal('country_denied') : undefined) ??
        (await lineRefusal(account, fax.to, destination, lineOf));
      if (found !== undefined) metrics.count('destinations_refused_total', { reason: found.reason });
      return found?.sentence;
    },
  };
}

const HOME: Admission = { hold: null, abroad: false };

function admission(
  { policy }: Account,
  { holds, holdFor }: DestinationSettings,
  look: { readonly place: Place; readonly home: boolean; readonly approved: boolean; readonly now: number },
): Admission {
  if (look.home) return HOME;
  const waits = holds && policy.holdNewCountries && !look.approved;
  return { hold: waits ? { place: look.place, until: look.now + holdFor } : null, abroad: true };
}

/** Somebody has to decide: the log says it once for each request and place. */
function tellHeld({ log, metrics }: GuardParts, { id }: Account, admissions: readonly Admission[]): void {
  const held = admissions.flatMap(({ hold }) => (hold === null ? [] : [hold.place]));
  if (held.length === 0) return;
  metrics.count('faxes_held_total', {}, held.length);
  for (const place of new Set(held)) {
    log.warn({ account: id, place, alert: 'destination_held' }, 'faxes to a new country wait for an administrator');
  }
}

/** What is known without asking anybody. */
export function planRefusal(
  rules: DestinationRules,
  { policy }: Account,
  number: E164,
  destination: Destination,
): Refusal | undefined {
  const found = refusalOf(rules, policy.destinations, number, destination);
  if (found !== undefined) return found;
  const { line } = destination;
  return line !== 'unknown' && policy.neverDial.includes(line) ? refusal('line_type') : undefined;
}

async function deniedSince(
  { records, settings }: GuardParts,
  fax: Pick<Fax, 'account'>,
  { place }: Destination,
): Promise<boolean> {
  return settings.watched && byPlace(await records.decisions(fax.account)).get(place) === 'denied';
}

/** Only an account that does not call some kinds of lines has anybody asked. */
async function lineRefusal(
  { policy }: Account,
  number: E164,
  { line }: Destination,
  lineOf: (number: E164) => Promise<LineType | 'unknown'>,
): Promise<Refusal | undefined> {
  if (policy.neverDial.length === 0 || line !== 'unknown') return undefined;
  const found = await lineOf(number);
  const refused = found === 'unknown' ? policy.unknownLine === 'refuse' : policy.neverDial.includes(found);
  return refused ? refusal('line_type') : undefined;
}

function byPlace(decisions: readonly PlaceDecision[]): Map<Place, PlaceDecision['decision']> {
  return new Map(decisions.map(({ place, decision }) => [place, decision]));
}

/** A single number stands in `/to` itself. */
function pointerOf(to: readonly E164[], index: number): string {
  return to.length === 1 ? '/to' : `/to/${index}`;
}

function refuse(metrics: Metrics, { reason, sentence }: Refusal, pointer: string): never {
  metrics.count('destinations_refused_total', { reason });
  throw new FaxError('destination_denied', sentence, { pointer, reason });
}
