import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { baseUrlSchema, callingNumberSchema, nameSchema, otherUrlsSchema } from '../http/index.ts';
import { AUTH_URL, BASE_URL } from './wire.ts';

// What would end or split the header or the URL that it is put into is no credential.
const secret = z.string().regex(/^[\x20-\x7e]{1,1024}$/, 'write 1 to 1024 printable ASCII characters');
const user = z.string().regex(/^[\x21-\x39\x3b-\x7e]{1,128}$/, 'write 1 to 128 characters without spaces or colon');
const unguessable = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22,128}$/, 'write 22 to 128 of A–Z, a–z, 0–9, hyphen and underscore, by chance');
const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'write 1 to 64 letters, digits and hyphens');

const network = z.string().refine(isNetwork, 'write an address or a network such as 192.0.2.0/24');

/** Callbacks prove themselves by what only the carrier knows: a path and a password that it was given. */
const callbackSchema = z.strictObject({
  /** Last segment of the path: `/carriers/NAME/TOKEN`. */
  token: unguessable,
  user: user.default('sinch'),
  password: unguessable,
  /** Addresses and networks that callbacks come from; empty: any. */
  sources: z.array(network).max(64).default([]),
});
export type CallbackConfig = z.infer<typeof callbackSchema>;

/** Settings of one Sinch project, checked; README.md of this folder explains them. */
export const sinchConfigSchema = z.strictObject({
  kind: z.literal('sinch'),
  /** Name in routes, calls and CDRs. */
  name: nameSchema('sinch'),
  projectId: id,
  /** The access key and its secret. */
  keyId: user,
  secret,
  /** `oauth2`: the key buys tokens that live for an hour; `basic`: it goes with every request. */
  auth: z.enum(['oauth2', 'basic']).default('oauth2'),
  /** The fax service; left out: the project's default. */
  serviceId: id.optional(),
  /** Calling number of faxes whose account names none; left out: as the service says. */
  from: callingNumberSchema,
  /** Left out: callbacks are refused, and all is polled. */
  callback: callbackSchema.optional(),
  /** Seconds between two questions after a fax on its way. */
  poll: z.number().min(1).max(300).default(10),
  /** Seconds after which a fax that the carrier has not ended is left as uncertain. */
  longest: z.number().min(60).max(14_400).default(3_600),
  /** Seconds between two looks for received faxes whose callback was lost; null: none are taken. */
  inboundPoll: z.number().min(10).max(3_600).nullable().default(120),
  baseUrl: baseUrlSchema(BASE_URL),
  /** Other addresses of the same API, such as those of its regions, taken in turn. */
  otherUrls: otherUrlsSchema,
  /** Where tokens are bought. */
  authUrl: baseUrlSchema(AUTH_URL),
});
export type SinchConfig = z.infer<typeof sinchConfigSchema>;

/** The addresses of `networks`, each of which was checked. */
export function addressesOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const [address = '', prefix] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...more] = text.split('/');
  const family = isIP(address);
  return (
    family !== 0 && more.length === 0 && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32)
  );
}
