import { FaxError } from '../../gateway/fax/errors.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import { contactUserOf, type TrunkConfig } from './config.ts';

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

/** The number that a call over a trunk is for; null: none that can be read. */
export function calledNumber(user: string, trunk: TrunkConfig): E164 | null {
  const own = trunk.number !== null && user === contactUserOf(trunk) ? trunk.number : user;
  return readNumber(own, trunk.inboundPrefix);
}
