import type { Micros } from '../fax/money.ts';
import type { Direction } from '../fax/states.ts';

/** A call that has ended, as its price is asked for. Duration in milliseconds, 0 when nobody answered. */
export interface PricedCall {
  readonly carrier: string;
  readonly direction: Direction;
  /** The called number. */
  readonly to: string;
  readonly billable: boolean;
  readonly duration: number;
  /** Pages on paper. */
  readonly pages: number;
}

/** The prices of a gateway, as the records write them into CDRs. */
export interface Pricing {
  /** ISO 4217. */
  readonly currency: string;
  /** The price, and the seconds that it was made of; null when it is not known. */
  charge(call: PricedCall): { readonly cost: Micros; readonly seconds: number } | null;
}
