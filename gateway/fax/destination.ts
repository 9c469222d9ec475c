import type { Branded } from './ids.ts';

/**
 * Where a number is, as rules and approvals write it: a country of ISO 3166-1 (`DE`); `+` and the calling code where no
 * country has it (`+870`), or where it is shared and the number belongs to no country that is known (`+1`).
 */
export type Place = Branded<string, 'Place'>;

/** What a fax waits for whose sender wants to see its pages first. It stands where a place would, and is none. */
export const REVIEW = 'review' as Place;

/** How long pages wait to be looked at, ms; what nobody has let go by then is canceled. */
export const REVIEW_FOR = 3_600_000;

/** What makes a call dear on purpose: charges for a service, satellites, and numbers that pay whoever is called. */
export type DestinationClass = 'premium' | 'satellite' | 'revenue_share';

/** Kinds of lines, as far as somebody may not want to call them. */
export const LINE_TYPES = ['mobile', 'landline', 'voip'] as const;
export type LineType = (typeof LINE_TYPES)[number];

/** A number looked at. */
export interface Destination {
  readonly place: Place;
  readonly class: DestinationClass | null;
  /** As far as the numbering plan says it. */
  readonly line: LineType | 'unknown';
}

/** `text` as a place, or undefined when it has not the form of one. Whether there is such a country is not asked. */
export function parsePlace(text: string): Place | undefined {
  const place = text.trim().toUpperCase();
  return /^([A-Z]{2}|\+[1-9][0-9]{0,2})$/.test(place) ? (place as Place) : undefined;
}
