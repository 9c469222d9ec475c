import { z } from 'zod';

/** ISO 8601 in UTC, such as `2026-11-21T20:35:00.000Z`. */
export const Time = z.iso.datetime({ offset: true });

/** Milliseconds since 1970 as the API writes a moment. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** As {@link isoTime}, for moments that may be missing. */
export function isoTimeOrNull(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}

/** An id of one kind: its prefix and 26 characters. */
export const idOf = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `not an id of the form ${prefix}_…`);

export const FaxIdText = idOf('fax');
export const BatchIdText = idOf('bat');
export const UserIdText = idOf('usr');
export const AccountIdText = idOf('acc');
export const EndpointIdText = idOf('whe');
export const DeliveryIdText = idOf('dlv');

/** A telephone number as a caller writes it; E.164 after parsing. */
export const NumberText = z.string().min(1).max(64);

/** Name and value pairs that come back in lists, events and CDRs. */
export const Tags = z
  .record(z.string().regex(/^[A-Za-z0-9._-]{1,40}$/), z.string().max(200))
  .refine((tags) => Object.keys(tags).length <= 20, { error: 'at most 20 tags' });

/** A whole number in a JSON body: a number there and nothing that could be made one. */
export const Whole = (min: number, max: number) => z.number().int().min(min).max(max);

/** Sixteen digits hold every whole number that a double holds exactly. */
const DECIMAL = /^-?[0-9]{1,16}$/;

/** A whole number where queries and forms write one as text: decimal digits, or the number itself out of JSON. */
export const WholeText = (min: number, max: number) =>
  z.preprocess((value) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value), Whole(min, max));

/** How many entries a list gives, and where it goes on. */
export const Paging = z.object({
  limit: WholeText(1, 500).default(50),
  cursor: z.string().min(1).max(512).optional(),
});

/** A page of a list; `next` is the cursor of the following one. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

/** An amount of money in millionths of the gateway's currency: nothing to a thousand million units. */
export const Money = z.number().int().min(0).max(1_000_000_000_000_000);
