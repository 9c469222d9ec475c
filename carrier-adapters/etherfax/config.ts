import { z } from 'zod';
import { baseUrlSchema, nameSchema, otherUrlsSchema } from '../http/index.ts';
import { BASE_URL } from './wire.ts';

const seconds = (min: number, max: number) => z.number().min(min).max(max);
// What would end or split the header that it is put into is no credential.
const secret = z.string().regex(/^[\x20-\x7e]{1,1024}$/, 'write 1 to 1024 printable ASCII characters');
const user = z.string().regex(/^[\x21-\x39\x3b-\x7e]{1,128}$/, 'write 1 to 128 characters without spaces or colon');

/** Settings of one etherFAX account, checked; the README of this folder says what each is for. */
export const etherfaxConfigSchema = z
  .strictObject({
    kind: z.literal('etherfax'),
    /** Name in routes, calls and CDRs. */
    name: nameSchema('etherfax'),
    baseUrl: baseUrlSchema(BASE_URL),
    /** Other addresses of the same API, taken in turn with `baseUrl`. */
    otherUrls: otherUrlsSchema,
    /** API token; it or the three below. */
    token: secret.optional(),
    account: user.optional(),
    user: user.optional(),
    password: secret.optional(),
    /** Calls that the account may have at once; etherFAX refuses more. */
    channels: z.int().min(1).max(10_000).nullable().default(null),
    /** Seconds between two looks at a fax that is being sent. */
    statusInterval: seconds(2, 300).default(10),
    /** Whether the account's inbox is emptied into this gateway. */
    inbound: z.boolean().default(true),
    /** Seconds between two looks into an empty inbox; etherFAX asks for 30 to 60. */
    inboxInterval: seconds(10, 3_600).default(30),
    /** Put before inbound numbers of ten digits. */
    countryCode: z
      .string()
      .regex(/^\+[1-9][0-9]{0,3}$/, 'write + and the country code')
      .default('+1'),
    /** Longest inbound file, octets. */
    maxFile: z.int().min(65_536).max(268_435_456).default(50_000_000),
    /** `none`: etherFAX keeps no documents of this account, by contract; the purge report says so. */
    retention: z.enum(['unknown', 'none']).default('unknown'),
  })
  .refine(({ token, account, user, password }) => (token !== undefined) !== all(account, user, password), {
    message: 'write either token, or account, user and password',
    path: ['token'],
  });
export type EtherfaxConfig = z.infer<typeof etherfaxConfigSchema>;

function all(...values: readonly (string | undefined)[]): boolean {
  return values.every((value) => value !== undefined);
}
