import type { FastifyRequest } from 'fastify';
import type { Role } from '../gateway/fax/role.ts';
import { principalOf } from './app.ts';
import { ApiError } from './errors.ts';

/** Digits at the end of a number that stay readable. */
const LEFT = 4;
/** A number as people write it: seven digits at least, with signs between them. */
const NUMBER = /\+?\d(?:[ ()./-]{0,2}\d){6,}/g;

/** Whether a role sees numbers without their beginning: auditors look after the gateway, not into its faxes. */
export function masksNumbers(role: Role | null): boolean {
  return role === 'auditor';
}

/**
 * Refuses to look for how numbers begin for those who see only their ends: digit by digit it would tell the rest.
 *
 * @throws ApiError role_forbidden
 */
export function refuseGuess(request: FastifyRequest, prefix: string | undefined): void {
  if (prefix === undefined || !masksNumbers(principalOf(request).user.role)) return;
  throw new ApiError('role_forbidden', 'auditors see the ends of numbers alone, and cannot look for how they begin', {
    pointer: '/prefix',
  });
}

/** A number of which only the last four digits stand there; text without digits, or of a few of them, stays. */
export function maskedNumber(number: string): string {
  let left = LEFT;
  const signs = [...number].reverse().map((sign) => {
    if (!/\d/.test(sign)) return sign;
    left -= 1;
    return left >= 0 ? sign : '•';
  });
  return signs.reverse().join('');
}

/** The same for each number within a text of a customer. */
export function maskedText(text: string): string {
  return text.replace(NUMBER, (number) => maskedNumber(number));
}

/** What every number of a CDR or a fax goes through on its way to this caller. */
export function numbersFor(request: FastifyRequest): (number: string) => string {
  return masksNumbers(principalOf(request).user.role) ? maskedNumber : (number) => number;
}
