/**
 * The life of a fax. Each state that is not final has a deadline kept by the records; the tables below are the only
 * legal steps. A step outside of them is a fault of ours and throws; nothing that a peer sends can cause one.
 */
export type OutboundState =
  | 'accepted'
  | 'rendering'
  | 'held'
  | 'queued'
  | 'dialing'
  | 'sending'
  | 'delivered'
  | 'partial'
  | 'failed'
  | 'canceled'
  | 'uncertain';

export type InboundState = 'ringing' | 'receiving' | 'received' | 'handed_over' | 'wiped' | 'failed';
export type FaxState = OutboundState | InboundState;
export type Direction = 'outbound' | 'inbound';

const OUTBOUND: Record<OutboundState, readonly OutboundState[]> = {
  accepted: ['rendering', 'canceled', 'failed'],
  rendering: ['queued', 'held', 'canceled', 'failed'],
  held: ['queued', 'canceled', 'failed'],
  queued: ['dialing', 'canceled', 'failed', 'partial'],
  dialing: ['sending', 'queued', 'canceled', 'failed', 'partial', 'uncertain'],
  sending: ['queued', 'delivered', 'partial', 'canceled', 'failed', 'uncertain'],
  delivered: [],
  partial: [],
  failed: [],
  canceled: [],
  uncertain: ['queued', 'delivered', 'partial', 'failed'],
};

const INBOUND: Record<InboundState, readonly InboundState[]> = {
  ringing: ['receiving', 'failed'],
  receiving: ['received', 'failed'],
  received: ['handed_over', 'wiped'],
  handed_over: ['wiped'],
  wiped: [],
  failed: [],
};

/** Outbound states in which the transmission has ended: CDR, wipe intent and event are written with them. */
export const FINAL_OUTBOUND: readonly OutboundState[] = ['delivered', 'partial', 'failed', 'canceled', 'uncertain'];
/** Inbound states that end the call; the image may still wait for the customer in `received`. */
const FINAL_INBOUND: readonly InboundState[] = ['received', 'handed_over', 'wiped', 'failed'];

/** Whether the step `from → to` stands in the table of its direction. */
export function mayStep(direction: Direction, from: FaxState, to: FaxState): boolean {
  const table: Record<string, readonly FaxState[]> = direction === 'outbound' ? OUTBOUND : INBOUND;
  return table[from]?.includes(to) ?? false;
}

/** Throws when `from → to` is not a legal step: a fault of ours, never of a peer. */
export function assertStep(direction: Direction, from: FaxState, to: FaxState): void {
  if (!mayStep(direction, from, to)) throw new Error(`illegal ${direction} step ${from} → ${to}`);
}

/** Whether the transmission has ended in this state. */
export function isFinal(state: FaxState): boolean {
  return (
    (FINAL_OUTBOUND as readonly FaxState[]).includes(state) || (FINAL_INBOUND as readonly FaxState[]).includes(state)
  );
}
