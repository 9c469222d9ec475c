import type { CallResult } from '../../gateway/fax/call-result.ts';
import { type Following, inTheDark, isCut, pause, stopped } from '../http/index.ts';
import { endOf } from './outcome.ts';
import type { SinchApi } from './wire.ts';

/** Answers in a row that the carrier does not know its own id, after which it is believed. */
const NOT_FOUND = 3;

/**
 * Follows a fax that the carrier has until it ends. Callbacks are hints to ask at once: what counts is the carrier's own
 * record. A cancel comes too late here: the API has no request for it, and the fax ends as the carrier says.
 */
export async function follow(id: string, pages: number, following: Following<SinchApi>): Promise<CallResult> {
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
