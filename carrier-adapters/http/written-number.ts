import { FaxError } from '../../gateway/fax/errors.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import type { CarrierNumber } from '../../gateway/ports/carrier-adapter.ts';

/** Longest label that is kept of what a carrier calls a number. */
const LONGEST_LABEL = 100;

/** A number as a carrier writes it; null for what is no international number. */
export function readNumber(text: string | null | undefined): E164 | null {
  try {
    return parseE164((text ?? '').trim());
  } catch (error) {
    if (error instanceof FaxError) return null;
    throw error;
  }
}

/** A number as a carrier lists it; none for what is no international number, which cannot be assigned to anybody. */
export function readListed({ number, label }: { readonly number: string; readonly label: string }): CarrierNumber[] {
  const read = readNumber(number);
  return read === null ? [] : [{ number: read, label: label.slice(0, LONGEST_LABEL) }];
}
