import type { LineReport } from '../../../gateway/fax/call-result.ts';
import type { Cause } from '../../../gateway/fax/cause.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import type { LookupAnswer } from '../../../gateway/ports/carrier-adapter.ts';
import type { Behaviour } from './rules.ts';

/** What a caller asks its exchange for when it lifts the receiver. */
export interface DialOrder {
  /** The caller's own name of the call; one call each. */
  readonly reference: string;
  readonly from: E164 | null;
  readonly to: E164;
  /** TSI, at most 20 characters (T.30 §5.3.6.2.7). */
  readonly csid: string;
  /** Highest rate that the caller offers, bit/s. */
  readonly maxRate: number;
  readonly ecm: boolean;
}

/** What DCS says of the page that follows, and its number on the caller's side. */
export interface PageGeometry {
  readonly number: number;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
}

/**
 * What the caller does next. In order: `ring`, `wait`, `train`, then for each page `page`, any number of `block`,
 * `end_of_page`; at last `disconnect` (DCN). A block is taken over before its answer comes and may be zeroed after it.
 */
export type Command =
  | { readonly do: 'ring' }
  | { readonly do: 'wait' }
  | { readonly do: 'train' }
  | { readonly do: 'page'; readonly page: PageGeometry }
  | { readonly do: 'block'; readonly data: Uint8Array }
  | { readonly do: 'end_of_page' }
  | { readonly do: 'disconnect' };

/** The call is over. `ok` only as the answer to `disconnect`. */
export interface Ended {
  readonly hear: 'ended';
  readonly cause: Cause;
  readonly detail: string;
}

/** What the caller hears: one signal for each command, after the time that the line takes for it. */
export type LineSignal =
  | { readonly hear: 'ringing' }
  | { readonly hear: 'answered' }
  | { readonly hear: 'trained'; readonly remoteId: string | null; readonly line: LineReport }
  | { readonly hear: 'taken' }
  | { readonly hear: 'mcf'; readonly line: LineReport }
  | { readonly hear: 'rtn'; readonly line: LineReport }
  | Ended;

/** The caller's end of one call. One command at a time; nothing here throws. */
export interface Leg {
  tell(command: Command): Promise<LineSignal>;
  /** Ends the call at once; a command under way hears `ended`. */
  hangUp(cause: Cause, detail: string): void;
}

/** The network as its subscriber sees it, in this process or behind a socket. */
export interface Network {
  dial(order: DialOrder): Leg;
  lookup(reference: string): Promise<LookupAnswer>;
}

/** The end of a call as a signal. */
export function ended(cause: Cause, detail: string): Ended {
  return { hear: 'ended', cause, detail };
}

/** What is heard instead of ringing; undefined where it rings. */
export function deadTone({ does }: Behaviour): Ended | undefined {
  if (does === 'busy') return ended('busy', 'busy tone');
  if (does === 'out_of_service') return ended('out_of_service', 'special information tone');
  return does === 'no_circuit' ? ended('carrier_unavailable', 'reorder tone: no circuit is free') : undefined;
}
