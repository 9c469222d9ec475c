import { FaxError } from './errors.ts';
import type { Branded } from './ids.ts';

/** T.30's subaddress (SUB, §5.3.6.1.3): 1 to 20 digits by which a caller names one of several receivers behind a number. */
export type Subaddress = Branded<string, 'Subaddress'>;

const FORM = /^[0-9]{1,20}$/;

/** Reads a subaddress that a person or program wrote. @throws FaxError `number_invalid` with `pointer` */
export function parseSubaddress(text: string, pointer = '/subaddress'): Subaddress {
  const compact = text.length > 64 ? '' : text.replace(/\s/g, '');
  if (!FORM.test(compact)) throw new FaxError('number_invalid', 'not a subaddress; write 1 to 20 digits', { pointer });
  return compact as Subaddress;
}

/** What a stranger's machine said; null: nothing, or nothing that anybody could have. */
export function heardSubaddress(text: string | null | undefined): Subaddress | null {
  return text !== null && text !== undefined && FORM.test(text) ? (text as Subaddress) : null;
}
