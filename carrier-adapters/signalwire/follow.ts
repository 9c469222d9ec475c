import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { pause } from '../http/index.ts';
import { endOf, inTheDark } from './outcome.ts';
import type { SignalwireApi } from './wire.ts';

/** How long the end of a canceled fax is waited for, ms. */
const CANCEL_TIME = 120_000;

/** What a fax on its way is followed with. */
export interface Following {
  readonly api: SignalwireApi;
  readonly clock: Clock;
  /** ms between two questions. */
  readonly poll: number;
  /** ms after which the fax is given up. */
  readonly longest: number;
  /** Aborted with 'canceled', 'fenced', or when the adapter stops. */
  readonly signal: AbortSignal;
  /** Resolves when a callback speaks of the fax, or never. */
  hint(id: string): Promise<void>;
}

/**
 * Follows a fax that the carrier has until it ends. Callbacks are hints to ask at once: what counts is the carrier's own
 * record, so that late, doubled, reordered and lost ones change nothing but the time.
 */
export async function follow(id: string, pages: number, following: Following): Promise<CallResult> {
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
    const over = told.is === 'value' ? endOf(told.value, pages) : undefined;
    if (over !== undefined) return over;
    if (told.is === 'absent') return inTheDark('uncertain', 'SignalWire: the fax is gone from its records');
    if (clock.monotonic() >= end) return inTheDark('uncertain', 'SignalWire: the fax did not end in its time');
    await pause(clock, poll, canceled ? null : signal, following.hint(id));
  }
}

/** Whether the work ends here, while the carrier goes on. */
export function isCut({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== 'canceled';
}

function stopped({ reason }: AbortSignal): CallResult {
  const cause = reason === 'cut' ? 'line_lost' : 'gateway_stopped';
  return inTheDark(cause, 'the gateway stopped while the carrier had the fax');
}
