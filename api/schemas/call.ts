import { z } from 'zod';
import { CdrView } from './cdr.ts';

/** One step of a call as it was seen on the line; it holds no number and no page content. */
export const LadderStepView = z.object({
  /** Milliseconds since the call began. */
  at: z.number().int(),
  direction: z.enum(['sent', 'heard', 'none']),
  layer: z.enum(['sip', 'media', 't38', 't30', 'call']),
  signal: z.string(),
  info: z.string().nullable(),
});
export type LadderStepView = z.infer<typeof LadderStepView>;

/** A call that has ended: its CDR and its ladder. */
export const EndedCallView = CdrView.extend({
  ladder: z
    .object({
      steps: z.array(LadderStepView),
      left: z.number().int().describe('Steps of a very long call that were left out'),
      cut: z.number().int().describe('Index of the first step after those'),
    })
    .nullable()
    .describe('Null where the carrier does not tell its steps'),
});
export type EndedCallView = z.infer<typeof EndedCallView>;
