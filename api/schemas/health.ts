import { z } from 'zod';

export const HealthView = z.object({ status: z.literal('ok') });

/** Whether everything that a fax needs answers, by name. */
export const ReadyView = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string() })),
});
