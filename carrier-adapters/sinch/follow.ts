import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { pause } from '../http/index.ts';
import { endOf, inTheDark } from './outcome.ts';
import type { SinchApi } from './wire.ts';

/** Answers in a row that the carrier does not know its own id, after which it is believed. */
const NOT_FOUND = 3;

/** What a fax on its way is followed with. */
export interface Following {
  readonly api: SinchApi;
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
 * record. A cancel comes too late here: the API has no request for it, and the fax ends as the carrier says.
 */
export async function follow(id: string, pages: number, following: Following): Promise<CallResult> {
  const { api, clock, poll, longest, signal } = following;
  const end = clock.monotonic() + longest;
  for (let missing = 0; ; ) {
    if (isCut(signal)) return stopped(signal);
    const told = await api.fax(id);
    const over = told.is === 'value' ? endOf(told.value, pages) : undefined;
    if (over !== undefined) return asWished(over, signal);
    missing = told.is === 'absent' ? missing + 1 : 0;
    if (missing === NOT_FOUND) return inTheDark('uncertain', 'Sinch: the fax is gone from its records');
    if (clock.monotonic() >= end) return inTheDark('uncertain', 'Sinch: the fax did not end in its time');
    await pause(clock, poll, signal.aborted ? null : signal, following.hint(id));
  }
}

/** A fax that nobody wants any more is not sent again for whatever it failed of. */
function asWished(result: CallResult, { reason }: AbortSignal): CallResult {
  return reason === 'canceled' && result.cause !== 'ok' ? { ...result, cause: 'canceled' } : result;
}

/** Whether the work ends here, while the carrier goes on. */
export function isCut({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== 'canceled';
}

function stopped({ reason }: AbortSignal): CallResult {
  const cause = reason === 'cut' ? 'line_lost' : 'gateway_stopped';
  return inTheDark(cause, 'the gateway stopped while the carrier had the fax');
}
