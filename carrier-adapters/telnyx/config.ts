import { z } from 'zod';
import type { E164 } from '../../gateway/fax/number.ts';
import { baseUrlSchema, otherUrlsSchema } from '../http/index.ts';

const host = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'write the name of a host in lower case')
  .max(253);

/** Settings of one Telnyx account, checked; README.md of this folder explains them. */
export const telnyxConfigSchema = z.strictObject({
  kind: z.literal('telnyx'),
  /** Name in routes, calls and CDRs. */
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'write 1 to 40 of a–z, 0–9 and hyphen')
    .default('telnyx'),
  /** The API key. */
  token: z.string().regex(/^[\x21-\x7e]{1,256}$/, 'is not an API key'),
  /** Id of the fax application (connection) by which faxes leave. */
  connectionId: z.string().regex(/^[0-9]{1,30}$/, 'write the digits of the connection id'),
  /** The account's public key for callbacks: 32 octets in Base64. Without it callbacks are refused, and all is polled. */
  publicKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'write 32 octets in Base64')
    .optional(),
  /** Where the carrier sends callbacks of faxes; left out: as its fax application says. */
  webhookUrl: z
    .url({ protocol: /^https$/ })
    .max(2_048)
    .optional(),
  /** Calling number of faxes whose account names none. */
  from: z
    .string()
    .regex(/^\+[1-9][0-9]{6,14}$/, 'write an international number')
    .transform((number) => number as E164)
    .optional(),
  /** Hosts, with everything below them, from which received faxes are fetched. */
  mediaHosts: z.array(host).max(16).default(['s3.amazonaws.com', 'telnyx.com']),
  /** Seconds between two questions after a fax on its way. */
  poll: z.number().min(1).max(300).default(10),
  /** Seconds after which a fax that the carrier has not ended is left as uncertain. */
  longest: z.number().min(60).max(14_400).default(3_600),
  /** Seconds between two looks for received faxes whose callback was lost; null: none are taken. */
  inboundPoll: z.number().min(10).max(3_600).nullable().default(120),
  baseUrl: baseUrlSchema('https://api.telnyx.com/v2'),
  /** Other addresses of the same API, taken in turn with `baseUrl`. */
  otherUrls: otherUrlsSchema,
});
export type TelnyxConfig = z.infer<typeof telnyxConfigSchema>;
