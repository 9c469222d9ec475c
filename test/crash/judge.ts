import type { SeenCall, Sheet } from './line-log.ts';
import { type Mark, readMark } from './marked-page.ts';

/** What a sender asked for and what the gateway says became of it. */
export interface Outcome {
  /** Index that the fax's pages carry. */
  readonly fax: number;
  readonly to: string;
  readonly pages: number;
  /** Final state, or the state in which it was given up; `missing` when the gateway does not know it. */
  readonly state: string;
  /** Whether its image is gone and every receipt of it verifies. */
  readonly wiped: boolean;
}

/** A received fax as its customer fetched it: coded pages in order. */
export interface Received {
  readonly to: string;
  readonly pages: readonly Uint8Array[];
}

/** All evidence of one scenario. */
export interface Evidence {
  readonly outcomes: readonly Outcome[];
  readonly calls: readonly SeenCall[];
  /** Numbers of the gateway itself: their paper is what the customer received. */
  readonly own: ReadonlySet<string>;
  readonly received: readonly Received[];
  /** Whatever is left behind: rows, blobs, keys, processes. */
  readonly orphans: readonly string[];
}

/** What the evidence shows; every list is empty in a sound gateway. */
export interface Verdict {
  /** Accepted faxes that have no honest end: not known, not final, not wiped, or failed although every line answers. */
  readonly lost: readonly string[];
  readonly twice: readonly string[];
  readonly falselyDelivered: readonly string[];
  /** Said to be uncertain although the telephone saw no call of theirs cut inside a page. */
  readonly needlesslyUncertain: readonly string[];
  /** Sheets on which no mark can be read, or that came to another number. */
  readonly strange: readonly string[];
  readonly orphans: readonly string[];
  readonly uncertain: number;
  /** Calls that were cut inside a page. */
  readonly cutInsidePage: number;
}

/** Judges by the paper alone; of the gateway's own word only the final states are taken, to hold them against it. */
export function judge(evidence: Evidence): Verdict {
  const { outcomes, calls, own, orphans } = evidence;
  const sheets = calls.flatMap((call) => call.sheets).filter((sheet) => !own.has(sheet.to));
  const printed = [...sheets, ...receivedSheets(evidence)].map((sheet) => ({ sheet, mark: readMark(sheet.t6) }));
  const copies = Map.groupBy(printed, ({ mark }) => (mark === undefined ? 'unreadable' : nameOf(mark)));
  const whole = new Set(
    printed.filter(({ sheet }) => sheet.confirmed).flatMap(({ mark }) => (mark ? nameOf(mark) : [])),
  );
  const cut = calls.filter((call) => call.cutInsidePage);
  const uncertain = outcomes.filter(({ state }) => state === 'uncertain');
  return {
    lost: outcomes.filter(isLost).map(({ fax, state, wiped }) => `fax ${fax}: ${state}${wiped ? '' : ', not wiped'}`),
    twice: [...copies].filter(([name, all]) => name !== 'unreadable' && all.length > 1).map(([name]) => name),
    falselyDelivered: outcomes.filter(({ state }) => state === 'delivered').flatMap((one) => missingPages(one, whole)),
    needlesslyUncertain: uncertain
      .filter(({ to }) => !cut.some((call) => call.to === to))
      .map(({ fax }) => `fax ${fax}`),
    strange: printed.flatMap(({ sheet, mark }) => strangeness(sheet, mark, outcomes)),
    orphans,
    uncertain: uncertain.length,
    cutInsidePage: cut.length,
  };
}

/** Whether the verdict is the one that the design promises. */
export function isSound(verdict: Verdict): boolean {
  const { lost, twice, falselyDelivered, needlesslyUncertain, strange, orphans, uncertain, cutInsidePage } = verdict;
  const faults = [lost, twice, falselyDelivered, needlesslyUncertain, strange, orphans];
  return faults.every((list) => list.length === 0) && uncertain <= cutInsidePage;
}

const nameOf = ({ fax, page }: Mark): string => `fax ${fax} page ${page}`;

function receivedSheets({ received }: Evidence): Sheet[] {
  return received.flatMap(({ to, pages }) => pages.map((t6) => ({ to, t6, confirmed: true })));
}

function isLost({ state, wiped }: Outcome): boolean {
  return !wiped || (state !== 'delivered' && state !== 'uncertain');
}

function missingPages({ fax, pages }: Outcome, whole: ReadonlySet<string>): string[] {
  const names = Array.from({ length: pages }, (_, index) => nameOf({ fax, page: index + 1 }));
  return names.filter((name) => !whole.has(name));
}

function strangeness(sheet: Sheet, mark: Mark | undefined, outcomes: readonly Outcome[]): string[] {
  if (mark === undefined) return [`${sheet.to}: no mark on ${sheet.t6.length} bytes`];
  const meant = outcomes.find(({ fax }) => fax === mark.fax);
  return meant?.to === sheet.to ? [] : [`${nameOf(mark)} came to ${sheet.to}`];
}
