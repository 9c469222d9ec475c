import { z } from 'zod';

/** RFC 9457 problem details. `code` is stable; see ERRORS.md. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  /** A machine-readable reason below the code, such as a document's `encrypted`. */
  reason: z.string().optional(),
  /** Fields at fault: JSON pointers (RFC 6901) into the request. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
