import { z } from 'zod';
import { isLoopback } from './loopback.ts';

/** An API's address in a carrier's settings: https, or http on this machine, where emulators and tunnels are. */
export function baseUrlSchema(standard: string) {
  return z
    .string()
    .max(2_048)
    .default(standard)
    .transform((text, context): URL => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const secret = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
      const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
      if (url !== undefined && secret && plain) return url;
      context.addIssue({ code: 'custom', message: 'write an https URL without user, query or fragment' });
      return z.NEVER;
    });
}
