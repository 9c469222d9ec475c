import { z } from 'zod';
import { baseUrlSchema, callbackUrlSchema, callingNumberSchema, nameSchema, otherUrlsSchema } from '../http/index.ts';

/** Phaxio's own limits for `cancel_timeout` are 3 and 60 minutes. Seconds. */
const SHORTEST = 180;
const LONGEST = 3_600;

const secret = z.string().regex(/^[\x21-\x7e]{1,256}$/, 'is not a key or secret');

/** Settings of one Phaxio account, checked; README.md of this folder explains them. */
export const phaxioConfigSchema = z.strictObject({
  kind: z.literal('phaxio'),
  /** Name in routes, calls and CDRs. */
  name: nameSchema('phaxio'),
  /** The API key and its secret. */
  key: secret,
  secret,
  /** The account's webhook token. Without it callbacks are refused, and all is polled. */
  token: secret.optional(),
  /** Where the carrier sends callbacks, letter by letter as Phaxio has it: its signature covers it. Left out: none are believed. */
  webhookUrl: callbackUrlSchema,
  /** Calling number of faxes whose account names none; left out: Phaxio chooses one. */
  from: callingNumberSchema,
  /** Seconds between two questions after a fax on its way. */
  poll: z.number().min(1).max(300).default(10),
  /** Seconds after which Phaxio cancels a fax that has not ended, in whole minutes. */
  longest: z.number().min(SHORTEST).max(LONGEST).default(LONGEST),
  /** Seconds between two looks for received faxes whose callback was lost; null: none are taken. */
  inboundPoll: z.number().min(10).max(3_600).nullable().default(120),
  baseUrl: baseUrlSchema('https://api.phaxio.com/v2.1'),
  /** Other addresses of the same API, taken in turn with `baseUrl`. */
  otherUrls: otherUrlsSchema,
});
export type PhaxioConfig = z.infer<typeof phaxioConfigSchema>;
