import { z } from 'zod';
import { baseUrlSchema } from '../http/index.ts';

const secret = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'write 1 to 256 printable ASCII characters');

/** What whoever configures Twilio as a carrier is told. */
const TWILIO_ENDED =
  'Twilio ended Programmable Fax in December 2021 and carries no faxes; use telnyx, sinch, phaxio, etherfax, signalwire or a SIP trunk (sip-t38). Twilio can still say of what kind a line is: SEALFAX_LINE_LOOKUP';

/** Settings of Twilio as a carrier: there are none that work. */
export const twilioCarrierSchema = z.looseObject({ kind: z.literal('twilio') }).transform((_settings, context) => {
  context.addIssue({ code: 'custom', message: TWILIO_ENDED });
  return z.NEVER;
});

/** Settings of Twilio Lookup, checked; README.md of this folder explains them. */
export const twilioLookupSchema = z.strictObject({
  kind: z.literal('twilio'),
  /** The user name: an API key (`SK…`), or the account (`AC…`). */
  key: z.string().regex(/^(AC|SK)[0-9a-f]{32}$/, 'write AC or SK and 32 hexadecimal digits'),
  /** Its secret: of the key, or the account's token. */
  secret,
  baseUrl: baseUrlSchema('https://lookups.twilio.com'),
});
export type TwilioLookupConfig = z.infer<typeof twilioLookupSchema>;
