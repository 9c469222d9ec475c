import { z } from 'zod';
import { CdrResultName } from './cdr.ts';
import { DirectionName } from './fax.ts';
import { AccountIdText, Time, WholeText } from './shape.ts';

export const OverviewQuery = z.object({
  account: AccountIdText.optional().describe('All accounts when left out'),
  hours: WholeText(1, 192).default(24).describe('How far back, in hours'),
});

/** How it stands at this moment. */
export const OverviewView = z.object({
  at: Time,
  /** Faxes that are unfinished, or wait for somebody, by state; states without any are left out. */
  states: z.record(z.string(), z.number().int()),
  /** Records that ended, by hour of UTC; hours without any are left out. */
  hours: z.array(
    z.object({
      start: Time,
      direction: DirectionName,
      result: CdrResultName,
      /** Calls, and faxes that ended without one. */
      cdrs: z.number().int(),
      /** On paper. */
      pages: z.number().int(),
    }),
  ),
});
export type OverviewView = z.infer<typeof OverviewView>;

/** Settings of the process that answers; secrets are not shown. */
export const SettingsView = z.object({
  items: z.array(
    z.object({
      variable: z.string(),
      about: z.string(),
      value: z.string().nullable().describe('As it was given, or the default in words; null where it is not shown'),
      from: z.enum(['default', 'file', 'environment', 'command_line']),
      hidden: z.boolean().describe('It has a value, which is a secret or may hold one'),
    }),
  ),
});

/** What the process that answers says of itself and of its host. */
export const HostView = z.object({
  version: z.string(),
  /** It takes no new work and is about to end. */
  draining: z.boolean(),
  /** Whether everything that a fax needs answers, by name. */
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  /** How well this host forgets. */
  findings: z.array(
    z.object({
      level: z.enum(['green', 'yellow', 'red']),
      code: z.string(),
      text: z.string(),
      /** A red line that the operator lives with. */
      accepted: z.boolean(),
    }),
  ),
});
export type HostView = z.infer<typeof HostView>;
