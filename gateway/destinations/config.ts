import { z } from 'zod';
import { type Place, parsePlace } from '../fax/destination.ts';
import { isKnownPlace } from './numbering.ts';

/** A country or a prefix, such as `DE` or `+4930`. */
const entry = z.string().transform((text, context) => {
  const compact = text.trim().toUpperCase();
  if (/^\+[1-9][0-9]{0,14}$/.test(compact) || isCountry(compact)) return compact;
  context.addIssue({ code: 'custom', message: `${JSON.stringify(text.slice(0, 20))} is no country and no prefix` });
  return z.NEVER;
});
const entries = z.array(entry).max(1_000).default([]);

function isCountry(text: string): boolean {
  const place = parsePlace(text);
  return place !== undefined && !place.startsWith('+') && isKnownPlace(place);
}

/** The rules of SEALFAX_DESTINATIONS. */
export const destinationRulesSchema = z.strictObject({
  allow: entries,
  deny: entries,
  exceptions: entries,
  premium: z.boolean().default(false),
  satellite: z.boolean().default(false),
  revenueShare: z.boolean().default(false),
});

/** The home countries of SEALFAX_COUNTRY. */
export const homeCountriesSchema = z.array(
  z
    .string()
    .transform((text) => text.toUpperCase())
    .refine(isCountry, { error: 'holds something that is no country of ISO 3166-1, such as DE' })
    .transform((text) => text as Place),
);
