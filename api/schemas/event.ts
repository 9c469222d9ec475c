import { z } from 'zod';
import { EVENT_TYPES } from '../../gateway/fax/event.ts';
import { FaxIdText, idOf, Time, WholeText } from './shape.ts';

export const EventTypeName = z.enum(EVENT_TYPES);

/** One entry of the account's ledger. `seq` runs 1, 2, 3 … without a gap and is the cursor. */
export const EventView = z.object({
  id: idOf('evt'),
  seq: z.number().int(),
  type: EventTypeName,
  fax: FaxIdText.nullable(),
  at: Time,
  data: z.record(z.string(), z.unknown()),
});
export type EventView = z.infer<typeof EventView>;

/** `next` is the cursor for the following request, also when nothing came. */
export const EventPage = z.object({ items: z.array(EventView), next: z.number().int() });

/** Where to read, how much, and how long to wait. */
export const EventQuery = z.object({
  after: z
    .union([z.literal('latest'), WholeText(0, Number.MAX_SAFE_INTEGER)])
    .default(0)
    .describe('Cursor; `latest` answers no items and the cursor of the newest event, at once'),
  limit: WholeText(1, 500).default(100),
  wait: WholeText(0, 25).default(0).describe('Seconds to wait for the first event (long-poll)'),
});

export const StreamQuery = z.object({ after: WholeText(0, Number.MAX_SAFE_INTEGER).optional() });
