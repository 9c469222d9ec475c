import { z } from 'zod';
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
