import { z } from 'zod';
import type { E164 } from '../../gateway/fax/number.ts';
import { isLoopback } from './loopback.ts';

const address = z
  .string()
  .max(2_048)
  .transform((text, context): URL => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const secret = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
    const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
    if (url !== undefined && secret && plain) return url;
    context.addIssue({ code: 'custom', message: 'write an https URL without user, query or fragment' });
    return z.NEVER;
  });

/** An API's address in a carrier's settings: https, or http on this machine, where emulators and tunnels are. */
export function baseUrlSchema(standard: string) {
  return address.prefault(standard);
}

/** Further addresses of the same API in a carrier's settings, used in turn with the first one; see `Endpoints`. */
export const otherUrlsSchema = z.array(address).max(7).default([]);

/** The name of a carrier in routes, calls and CDRs. */
export function nameSchema(standard: string) {
  return z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'write 1 to 40 of a–z, 0–9 and hyphen')
    .default(standard);
}

/** Calling number of faxes whose account names none. */
export const callingNumberSchema = z
  .string()
  .regex(/^\+[1-9][0-9]{6,14}$/, 'write an international number')
  .transform((number) => number as E164)
  .optional();

/** Where a carrier sends its callbacks. */
export const callbackUrlSchema = z
  .url({ protocol: /^https$/ })
  .max(2_048)
  .optional();

/** Hosts, with everything below them, from which received faxes are fetched. */
export function hostsSchema(...standard: string[]) {
  const host = z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write the name of a host in lower case')
    .max(253);
  return z.array(host).max(16).default(standard);
}
