import type { LineType } from '../fax/destination.ts';
import type { E164 } from '../fax/number.ts';
import type { Clock } from '../ports/clock.ts';
import type { GuardRecords } from '../ports/guard-records.ts';
import type { LineTypes } from '../ports/line-types.ts';
import type { Log } from '../ports/log.ts';

/** What a lookup needs. */
export interface LookupParts {
  readonly records: Pick<GuardRecords, 'lineType' | 'keepLineType'>;
  readonly lineTypes?: LineTypes;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Log;
}

/** How long an answer is believed, ms: numbers move between networks, but seldom. */
const KEPT = 30 * 86_400_000;
/** How long an answer stands that nobody knows: it costs as much as any other. */
const UNKNOWN_KEPT = 86_400_000;
/** Longest wait for an answer, ms; the call waits for it. */
const PATIENCE = 5_000;

/** Of what kind a line is, from what was found out before or from whoever knows it. A lookup that fails is `unknown`. */
export function createLineLookup(parts: LookupParts): (number: E164) => Promise<LineType | 'unknown'> {
  const { records, lineTypes, clock, log } = parts;
  return async (number) => {
    if (lineTypes === undefined) return 'unknown';
    const known = await records.lineType(number, clock.now());
    if (known !== undefined) return known;
    try {
      const found = await asked(lineTypes, clock, number);
      await records.keepLineType(number, found, clock.now() + (found === 'unknown' ? UNKNOWN_KEPT : KEPT), clock.now());
      return found;
    } catch (error) {
      const reason = error instanceof Error ? error.name : typeof error;
      log.warn({ lookup: lineTypes.name, reason }, 'the kind of a line could not be looked up');
      return 'unknown';
    }
  };
}

/** The answer, or the end of patience: whoever is asked may not heed its signal. */
async function asked(lineTypes: LineTypes, clock: Pick<Clock, 'after'>, number: E164): Promise<LineType | 'unknown'> {
  const late = Promise.withResolvers<never>();
  const end = new AbortController();
  const stop = clock.after(PATIENCE, () => {
    end.abort();
    late.reject(new Error('no answer in time'));
  });
  try {
    return await Promise.race([lineTypes.lookup(number, end.signal), late.promise]);
  } finally {
    stop();
  }
}
