import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { isCut, notSent } from './call-end.ts';
import { UNKNOWN_LINE } from './incoming-file.ts';
import { pause } from './pause.ts';
import type { Told } from './told.ts';

/** Pauses before each look for a fax of which nobody knows whether it was accepted, ms: a minute in all. */
const LOOKS = [1_000, 4_000, 10_000, 15_000, 30_000];

/**
 * The steps of a fax whose pages all leave at once: gate 2 and the start of its first page before `deliver`, which gives
 * it to the carrier, and every page's confirmation after the carrier has said that all of them arrived.
 */
export async function* sendWhole(
  { pages }: OutgoingCall,
  signal: AbortSignal,
  deliver: () => AsyncGenerator<CallStep, CallResult>,
): AsyncGenerator<CallStep, CallResult> {
  const [first] = pages;
  if (signal.aborted || first === undefined) return notSent(signal);
  yield { type: 'answered' };
  if (signal.aborted) return notSent(signal);
  yield { type: 'page_started', page: first.number };
  if (signal.aborted) return notSent(signal);
  const result = yield* deliver();
  if (result.cause !== 'ok') return result;
  for (const page of pages) {
    if (page !== first) yield { type: 'page_started', page: page.number };
    yield { type: 'page_confirmed', page: page.number, line: UNKNOWN_LINE };
  }
  return result;
}

/** What an order that came without an answer is looked for with. */
export interface Searching {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a callback speaks of it; left out: none can. */
  readonly hint?: () => Promise<void>;
}

/** An order without an answer is looked for, and never given again. Undefined: it was not found in a minute. */
export async function searchOrder<F>(
  find: () => Promise<Told<F>>,
  { clock, signal, hint }: Searching,
): Promise<F | undefined> {
  for (const look of LOOKS) {
    await pause(clock, look, signal.reason === 'canceled' ? null : signal, hint?.());
    if (isCut(signal)) return undefined;
    const found = await find();
    if (found.is === 'value') return found.value;
  }
  return undefined;
}
