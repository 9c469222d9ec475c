import { z } from 'zod';
import {
  baseUrlSchema,
  callbackUrlSchema,
  callingNumberSchema,
  hostsSchema,
  nameSchema,
  otherUrlsSchema,
} from '../http/index.ts';

/** Settings of one Telnyx account, checked; README.md of this folder explains them. */
export const telnyxConfigSchema = z.strictObject({
  kind: z.literal('telnyx'),
  /** Name in routes, calls and CDRs. */
  name: nameSchema('telnyx'),
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
  webhookUrl: callbackUrlSchema,
  /** Calling number of faxes whose account names none. */
  from: callingNumberSchema,
  /** Hosts, with everything below them, from which received faxes are fetched. */
  mediaHosts: hostsSchema('s3.amazonaws.com', 'telnyx.com'),
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
