import { twilioLookupSchema } from '../carrier-adapters/twilio/config.ts';
import { createTwilioLookup } from '../carrier-adapters/twilio/lookup.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { LineTypes } from '../gateway/ports/line-types.ts';
import { readService } from './carrier-settings.ts';
import { type Config, SETTINGS } from './config.ts';
import { parsed } from './lines.ts';

/** Who is asked of what kind a line is; undefined: nobody. @throws ConfigError */
export function lineLookupOf({ lineLookup }: Config, clock: Clock): LineTypes | undefined {
  if (lineLookup === undefined) return undefined;
  const setting = SETTINGS.lineLookup;
  return createTwilioLookup(parsed(twilioLookupSchema, readService(lineLookup, setting), setting), clock);
}
