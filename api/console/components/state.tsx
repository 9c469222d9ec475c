import type { CdrResult, FaxState } from '../../client/browser.ts';
import { Mark, type MarkKind } from './mark.tsx';

/** Every state of a fax: how it is meant, and what a person reads. */
export const STATES: Readonly<Record<FaxState, readonly [MarkKind, string]>> = {
  accepted: ['busy', 'accepted'],
  rendering: ['busy', 'becoming pages'],
  held: ['warning', 'waits for a person'],
  queued: ['idle', 'in the queue'],
  dialing: ['busy', 'dialling'],
  sending: ['busy', 'being sent'],
  delivered: ['good', 'delivered'],
  partial: ['warning', 'partly delivered'],
  failed: ['bad', 'failed'],
  canceled: ['idle', 'canceled'],
  uncertain: ['warning', 'uncertain'],
  ringing: ['busy', 'ringing'],
  receiving: ['busy', 'being received'],
  received: ['good', 'received'],
  handed_over: ['good', 'handed over'],
  wiped: ['good', 'handed over, erased'],
};

/** Every result of a call, in the order of charts and lists. */
export const RESULTS: Readonly<Record<CdrResult, readonly [MarkKind, string]>> = {
  ok: ['good', 'delivered'],
  partial: ['warning', 'partly delivered'],
  uncertain: ['warning', 'uncertain'],
  canceled: ['idle', 'canceled'],
  failed: ['bad', 'failed'],
};

/** How a fax stands. */
export function FaxMark({ state }: { readonly state: FaxState }) {
  const [kind, text] = STATES[state];
  return <Mark kind={kind}>{text}</Mark>;
}

/** How a call ended. */
export function ResultMark({ result }: { readonly result: CdrResult }) {
  const [kind, text] = RESULTS[result];
  return <Mark kind={kind}>{text}</Mark>;
}
