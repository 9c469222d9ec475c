import type { Cause } from '../../gateway/fax/cause.ts';
import type { LineSignal } from './network/signals.ts';

/** The cause of a call that the gateway itself ended: its wish, or its fence or stop. */
export function causeOfAbort(signal: AbortSignal): Cause {
  return signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped';
}

/** Detail for a signal that does not answer its command. */
export function unexpected(signal: LineSignal): string {
  return `the network answered ${signal.hear} out of turn`;
}
