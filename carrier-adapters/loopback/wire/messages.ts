import { z } from 'zod';
import { CAUSES, type Cause } from '../../../gateway/fax/cause.ts';
import { type E164, parseE164 } from '../../../gateway/fax/number.ts';
import type { Command, LineSignal } from '../network/signals.ts';

// What may stand in the head of a frame. Everything is checked here; behind this file the types hold.

const cause = z.custom<Cause>((value) => typeof value === 'string' && Object.hasOwn(CAUSES, value));
const text = z.string().max(500);
const count = z
  .int()
  .min(0)
  .max(2 ** 31);
const number = z
  .string()
  .max(16)
  .transform((value): E164 => parseE164(value));
const reference = z.string().min(1).max(200);
const call = z
  .int()
  .min(1)
  .max(2 ** 32);

const lineReport = z.strictObject({
  rate: count,
  modulation: text,
  compression: z.enum(['MH', 'MR', 'MMR', 'JBIG', 'unknown']),
  ecm: z.boolean(),
  t38: z.boolean(),
  retrains: count,
  badRows: count,
});

const callResult = z.strictObject({
  cause,
  detail: text,
  pagesConfirmed: count,
  pageInFlight: z.boolean(),
  remoteId: text.nullable(),
  line: lineReport.nullable(),
});

const order = z.strictObject({
  reference,
  from: number.nullable(),
  to: number,
  csid: z.string().max(20),
  maxRate: count,
  ecm: z.boolean(),
});

const page = z.strictObject({
  number: count,
  width: count.max(20_000),
  rows: count.max(100_000),
  xDpi: count.max(2_400),
  yDpi: count.max(2_400),
});

/** A command without its data, which travels beside the head. */
const command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('ring') }),
  z.strictObject({ do: z.literal('wait') }),
  z.strictObject({ do: z.literal('train') }),
  z.strictObject({ do: z.literal('page'), page }),
  z.strictObject({ do: z.literal('block') }),
  z.strictObject({ do: z.literal('end_of_page') }),
  z.strictObject({ do: z.literal('disconnect') }),
]);

/** What a gateway asks of the exchange. */
export const gatewayAsk = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('subscribe') }),
  z.strictObject({ ask: z.literal('dial'), call, order }),
  z.strictObject({ ask: z.literal('tell'), call, command }),
  z.strictObject({ ask: z.literal('hang_up'), call, cause, detail: text }),
  z.strictObject({ ask: z.literal('lookup'), reference }),
]);
export type GatewayAsk = z.infer<typeof gatewayAsk>;

/** What the exchange asks of a gateway, for calls to its numbers. */
export const exchangeAsk = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('offer'), call, reference, from: number.nullable(), to: number }),
  z.strictObject({ ask: z.literal('answered'), call, remoteId: text.nullable() }),
  z.strictObject({
    ask: z.literal('begin_page'),
    call,
    info: z.strictObject({ width: count, xDpi: count, yDpi: count }),
  }),
  z.strictObject({ ask: z.literal('write'), call }),
  z.strictObject({ ask: z.literal('end_page'), call, report: z.strictObject({ rows: count, line: lineReport }) }),
  z.strictObject({ ask: z.literal('drop_page'), call }),
  z.strictObject({ ask: z.literal('ended'), call, result: callResult }),
]);
export type ExchangeAsk = z.infer<typeof exchangeAsk>;

/** The exchange's answer to `tell`. */
export const lineSignal = z.discriminatedUnion('hear', [
  z.strictObject({ hear: z.literal('ringing') }),
  z.strictObject({ hear: z.literal('answered') }),
  z.strictObject({ hear: z.literal('trained'), remoteId: text.nullable(), line: lineReport }),
  z.strictObject({ hear: z.literal('taken') }),
  z.strictObject({ hear: z.literal('mcf'), line: lineReport }),
  z.strictObject({ hear: z.literal('rtn'), line: lineReport }),
  z.strictObject({ hear: z.literal('ended'), cause, detail: text }),
]) satisfies z.ZodType<LineSignal>;

/** The exchange's answer to `lookup`. */
export const lookupAnswer = z.discriminatedUnion('found', [
  z.strictObject({ found: z.literal('never_placed') }),
  z.strictObject({ found: z.literal('live') }),
  z.strictObject({ found: z.literal('ended'), result: callResult }),
  z.strictObject({ found: z.literal('unknown') }),
]);

/** A gateway's answer to `offer`. */
export const offerAnswer = z.union([z.strictObject({ accepted: z.literal(true) }), z.strictObject({ refused: cause })]);

/** The command that a parsed head and its data make. */
export function commandOf(parsed: z.infer<typeof command>, data: Uint8Array): Command {
  return parsed.do === 'block' ? { do: 'block', data } : parsed;
}
