import { z } from 'zod';
import { FaxStateName } from './fax.ts';
import { NumberText, Paging, Time, Whole } from './shape.ts';

/** Filters of received faxes. */
export const InboundFilter = Paging.extend({
  state: z.union([FaxStateName, z.array(FaxStateName).max(15)]).optional(),
  number: NumberText.optional(),
  since: Time.optional(),
  until: Time.optional(),
});

/** How long the caller alone may fetch and acknowledge the fax, in seconds. */
export const LeaseBody = z.object({ seconds: Whole(10, 900).default(300) });

/** `exact`: pixel for pixel as on the line; `square`: rows repeated for screens. */
const Pixels = z.enum(['exact', 'square']);
export const PreviewQuery = z.object({ pixels: Pixels.default('exact') });
export const PageQuery = z.object({ pixels: Pixels.default('square') });

export const DocumentQuery = z.object({ format: z.enum(['pdf', 'tiff']).default('pdf') });
