import { FaxError } from '../../gateway/fax/errors.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';

/**
 * The international number that a trunk means by the user part of a URI: `+…` and `00…` are what they say, other digits
 * stand behind `prefix`, without the zeros that a national number begins with. Null: it is no number.
 */
export function readNumber(user: string, prefix: string): E164 | null {
  const written = /^(?:\+|00)/.test(user) ? user : `${prefix}${user.replace(/^0+/, '')}`;
  if (!/^[+0-9().-]{1,40}$/.test(written)) return null;
  try {
    return parseE164(written);
  } catch (error) {
    if (error instanceof FaxError) return null;
    throw error;
  }
}
