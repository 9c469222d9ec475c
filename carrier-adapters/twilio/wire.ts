import { z } from 'zod';
import type { LineType } from '../../gateway/fax/destination.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import { type HttpRequest, type HttpResult, readAnswer } from '../http/index.ts';

const answerSchema = z.object({
  line_type_intelligence: z
    .object({ type: z.string().nullish(), error_code: z.union([z.number(), z.string()]).nullish() })
    .nullish(),
});

/**
 * `type` of Twilio's line type intelligence. What it has beside these says nothing of the kind of line that is behind the
 * number: personal, tollFree, premium, sharedCost, uan, voicemail, pager, unknown.
 */
const KINDS: Readonly<Record<string, LineType>> = {
  mobile: 'mobile',
  landline: 'landline',
  fixedVoip: 'voip',
  nonFixedVoip: 'voip',
};

/** The question of what kind the line of `number` is. */
export function lineTypeRequest(number: E164, signal: AbortSignal): HttpRequest {
  const path = `/v2/PhoneNumbers/${encodeURIComponent(number)}`;
  return { method: 'GET', path, query: [['Fields', 'line_type_intelligence']], signal };
}

/** The answer; undefined: it is none. A number that Twilio may not look up is `unknown`. */
export function readLineType(result: HttpResult): LineType | 'unknown' | undefined {
  const answer = result.ok && result.status === 200 ? readAnswer(answerSchema, result) : undefined;
  if (answer === undefined) return undefined;
  const type = answer.line_type_intelligence?.type ?? '';
  return Object.hasOwn(KINDS, type) ? (KINDS[type] ?? 'unknown') : 'unknown';
}

/** What every request carries. */
export function authorization(key: string, secret: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}` };
}
