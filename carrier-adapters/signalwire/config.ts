import { z } from 'zod';
import { baseUrlSchema, callingNumberSchema, hostsSchema, nameSchema, otherUrlsSchema } from '../http/index.ts';

const secret = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'write 1 to 256 printable ASCII characters');
const network = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'write an address or a network such as 192.0.2.0/24',
});

/** Settings of one SignalWire project, checked; README.md of this folder explains them. */
export const signalwireConfigSchema = z.strictObject({
  kind: z.literal('signalwire'),
  /** Name in routes, calls, CDRs and the paths of callbacks. */
  name: nameSchema('signalwire'),
  /** The project's id, which is the account of the compatibility API. */
  project: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'write the project id'),
  /** An API token of the project with the scope Fax. */
  token: secret,
  /** What the project signs callbacks with; left out: the token. */
  signingKey: secret.optional(),
  /** Where the space is: `https://SPACE.signalwire.com`. */
  baseUrl: baseUrlSchema(''),
  /** Other addresses of the same API, taken in turn with `baseUrl`. */
  otherUrls: otherUrlsSchema,
  /** Calling number of faxes whose account names none. */
  from: callingNumberSchema,
  /** Whether faxes are sent: SignalWire takes no file, it fetches it from this gateway. Accounts have to allow it, too. */
  mediaLinks: z.boolean().default(false),
  /** What SignalWire fetches; its documentation speaks of PDF. */
  mediaFormat: z.enum(['pdf', 'tiff']).default('pdf'),
  /** Addresses from which SignalWire fetches; empty: any. */
  mediaSources: z.array(network).max(64).default([]),
  /** Seconds for which a fax may be fetched. */
  mediaSeconds: z.number().int().min(60).max(600).default(600),
  /** Hosts, with everything below them, from which received faxes are fetched. */
  mediaHosts: hostsSchema('signalwire.com'),
  /** Seconds between two questions after a fax on its way. */
  poll: z.number().min(1).max(300).default(10),
  /** Seconds after which a fax that the carrier has not ended is left as uncertain. */
  longest: z.number().min(60).max(14_400).default(3_600),
  /** Seconds between two looks for received faxes whose callback was lost; null: none are taken. */
  inboundPoll: z.number().min(10).max(3_600).nullable().default(120),
});
export type SignalwireConfig = z.infer<typeof signalwireConfigSchema>;
