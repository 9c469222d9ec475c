import { FaxError } from '../../gateway/fax/errors.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { CarrierNumber } from '../../gateway/ports/carrier-adapter.ts';

/** Longest label that is kept of what a carrier calls a number. */
const LONGEST_LABEL = 100;

/** A number as a carrier lists it; none for what is no international number. */
export function readListed({ number, label }: { readonly number: string; readonly label: string }): CarrierNumber[] {
  try {
    return [{ number: parseE164(number), label: label.slice(0, LONGEST_LABEL) }];
  } catch (error) {
    if (error instanceof FaxError) return [];
    throw error;
  }
}
