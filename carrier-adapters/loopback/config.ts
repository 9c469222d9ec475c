import { z } from 'zod';
import type { Behaviour, Rule } from './network/rules.ts';
import { RATES } from './network/timing.ts';

const page = z.int().min(1).max(999);
const share = z.number().min(0).max(0.5);
const number = z
  .string()
  .regex(/^\+[0-9x]{0,15}\*?$/, 'write + and digits; x stands for any digit, * at the end for any rest');

/** One scripted number, as the README of this folder describes it. */
const ruleSchema = z
  .strictObject({
    number,
    behaviour: z.enum([
      'answer',
      'busy',
      'no_answer',
      'voice',
      'out_of_service',
      'no_circuit',
      'refuse_training',
      'hang_up',
      'vanish',
      'rtn',
    ]),
    page: page.optional(),
    times: z.int().min(1).max(99).optional(),
    ringSeconds: z.number().min(0).max(55).optional(),
    rate: z.literal(RATES).optional(),
    paper: z.enum(['a4', 'b4', 'a3']).optional(),
    remoteId: z.string().max(20).optional(),
    calls: z.int().min(1).max(1_000_000).optional(),
  })
  .transform(
    ({ number, behaviour, page, times, ...rest }): Rule => ({
      number,
      behaviour: behaviourOf(behaviour, page, times),
      ...rest,
    }),
  );

/** What the lines do to their packets at a real speed: nothing, or what a bad network does. */
export const loopbackNetworkSchema = z.strictObject({
  /** The same seed loses the same packets. */
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  /** Share of packets that are lost. */
  loss: share.default(0),
  /** Share of packets that are held back until later ones have passed. */
  reorder: share.default(0),
  /** Up to so many ms are added to the way of each packet. */
  jitter: z.number().min(0).max(1_000).default(0),
});

/** Settings of one loopback carrier, checked; every field has a default. */
export const loopbackConfigSchema = z.strictObject({
  kind: z.literal('loopback'),
  /** Name in routes, calls and CDRs. */
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'write 1 to 40 of a–z, 0–9 and hyphen')
    .default('loopback'),
  /** Fastest rate of the lines, bit/s, of which modems use 14,400 at most; or `instant`: scripted calls without any waiting. */
  speed: z.union([z.literal('instant'), z.int().min(2_400).max(33_600)]).default(14_400),
  rules: z.array(ruleSchema).max(1_000).default([]),
  network: loopbackNetworkSchema.prefault({}),
  /** Directory into which machines print TIFF files; without it pages leave no trace. */
  print: z.string().min(1).max(4_096).optional(),
  /** Unix socket of an exchange in a process of its own; the settings above are then that process's. */
  socket: z.string().min(1).max(107).optional(),
});
export type LoopbackConfig = z.infer<typeof loopbackConfigSchema>;

function behaviourOf(does: Behaviour['does'], page = 1, times = 1): Behaviour {
  if (does === 'hang_up' || does === 'vanish') return { does, page };
  return does === 'rtn' ? { does, page, times } : { does };
}
