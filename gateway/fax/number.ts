import { FaxError } from './errors.ts';
import type { Branded } from './ids.ts';

/** An international telephone number as ITU-T E.164 writes it: `+`, then 7 to 15 digits of which the first is not 0. */
export type E164 = Branded<string, 'E164'>;

/**
 * Reads a number that a person or program wrote: spaces, hyphens, dots, slashes and parentheses are dropped and a
 * leading `00` becomes `+`. National forms are refused: without the country they mean different subscribers.
 *
 * @throws FaxError `number_invalid` with `pointer`
 */
export function parseE164(text: string, pointer = '/to'): E164 {
  const compact = text.length > 64 ? '' : text.replace(/[\s\-./()]/g, '').replace(/^00/, '+');
  if (!/^\+[1-9][0-9]{6,14}$/.test(compact)) {
    throw new FaxError('number_invalid', 'not an international number; write it as +49301234567', { pointer });
  }
  return compact as E164;
}

/** How international numbers of one country, area or range begin: `+` and 1 to 14 digits of which the first is not 0. */
export type NumberPrefix = Branded<string, 'NumberPrefix'>;

/** Reads the beginning of a number, written as a number is. @throws FaxError `number_invalid` with `pointer` */
export function parseNumberPrefix(text: string, pointer = '/prefix'): NumberPrefix {
  const compact = text.length > 64 ? '' : text.replace(/[\s\-./()]/g, '').replace(/^00/, '+');
  if (!/^\+[1-9][0-9]{0,13}$/.test(compact)) {
    throw new FaxError('number_invalid', 'not the beginning of an international number; write it as +4930', {
      pointer,
    });
  }
  return compact as NumberPrefix;
}

/** The number with all but its last two digits hidden, for logs and for people who need no more. */
export function redactNumber(number: string): string {
  return number.length <= 2 ? '…' : `…${number.slice(-2)}`;
}
