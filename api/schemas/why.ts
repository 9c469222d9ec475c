import { z } from 'zod';
import { CdrResultName } from './cdr.ts';
import { DirectionName, FaxStateName } from './fax.ts';
import { FaxIdText, idOf, Time } from './shape.ts';

/** One ended call of a fax in plain words; no sentence holds a number, a name or anything of a page. */
export const CallStoryView = z.object({
  call: idOf('call').nullable(),
  carrier: z.string().nullable(),
  startedAt: Time,
  endedAt: Time,
  result: CdrResultName,
  cause: z.string(),
  detail: z.string(),
  met: z.array(z.string()).describe('What the call met, in order, a sentence each'),
});

/** Why a fax stands or ended as it did. */
export const WhyView = z.object({
  fax: FaxIdText,
  direction: DirectionName,
  state: FaxStateName,
  cause: z.string().nullable(),
  summary: z.string().describe('The answer in one sentence'),
  action: z.string().describe('What a person should do'),
  calls: z.array(CallStoryView).describe('Oldest first'),
});
export type WhyView = z.infer<typeof WhyView>;
