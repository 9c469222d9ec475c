import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { inTheDark, isCut, stopped } from './call-end.ts';
import { pause } from './pause.ts';
import type { Told } from './told.ts';

/** Time for a canceled fax to be ended by the carrier, ms. */
const CANCEL_TIME = 120_000;

/** What a fax on its way is followed with. */
export interface Following<Api> {
  readonly api: Api;
  readonly clock: Clock;
  /** ms between two questions. */
  readonly poll: number;
  /** ms after which the fax is given up: later than the carrier does. */
  readonly longest: number;
  /** Aborted with 'canceled', 'fenced', or when the adapter stops. */
  readonly signal: AbortSignal;
  /** Resolves when a callback speaks of the fax, or never. */
  hint(id: string): Promise<void>;
}

/** A carrier that can be asked for a fax of its own, and to end it. */
export interface FollowedApi<F> {
  fax(id: string): Promise<Told<F>>;
  cancel(id: string): Promise<unknown>;
}

/** How a carrier's faxes are read. */
export interface Reading<F> {
  /** The carrier, as the details of results call it. */
  readonly carrier: string;
  /** Undefined: the fax is under way, also in a state that is not known. */
  endOf(fax: F): CallResult | undefined;
}

/**
 * Follows a fax that the carrier has until it ends. Callbacks are hints to ask at once: what counts is the carrier's own
 * record, so that late, doubled, reordered and lost ones change nothing but the time.
 */
export async function follow<F>(
  id: string,
  { carrier, endOf }: Reading<F>,
  following: Following<FollowedApi<F>>,
): Promise<CallResult> {
  const { api, clock, poll, longest, signal } = following;
  let end = clock.monotonic() + longest;
  let canceled = false;
  for (;;) {
    if (isCut(signal)) return stopped(signal);
    if (signal.aborted && !canceled) {
      canceled = true;
      end = Math.min(end, clock.monotonic() + CANCEL_TIME);
      await api.cancel(id);
    }
    const told = await api.fax(id);
    const over = told.is === 'value' ? endOf(told.value) : undefined;
    if (over !== undefined) return over;
    if (told.is === 'absent') return inTheDark('uncertain', `${carrier}: the fax is gone from its records`);
    if (clock.monotonic() >= end) return inTheDark('uncertain', `${carrier}: the fax did not end in its time`);
    await pause(clock, poll, canceled ? null : signal, following.hint(id));
  }
}
