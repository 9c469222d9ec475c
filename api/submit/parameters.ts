import { z } from 'zod';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { SubmitRequest } from '../../gateway/gateway.ts';
import { ApiError } from '../errors.ts';
import { momentOf } from '../fields.ts';
import type { SubmitBatch, SubmitFax, SubmitOptions } from '../schemas/index.ts';

/** Parameters as forms and queries write them: text only, one name possibly several times. */
export type FlatParameters = Readonly<Record<string, string | readonly string[]>>;

/** Names that a form may not set: they would reach the prototype of the object that is built. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Flat text to the nested request: `tag.NAME` and `cover.FIELD` name members, `request` holds a whole JSON object that
 * the others override.
 *
 * @throws ApiError request_invalid
 */
export function nested(flat: FlatParameters): Record<string, unknown> {
  const { request, ...others } = flat;
  const result = request === undefined ? {} : jsonObject(request);
  for (const [name, value] of Object.entries(others)) place(result, name, value);
  return result;
}

function jsonObject(text: string | readonly string[]): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(typeof text === 'string' ? parseJson(text) : undefined);
  if (!parsed.success) throw new ApiError('request_invalid', 'not a JSON object', { pointer: '/request' });
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function place(into: Record<string, unknown>, name: string, value: string | readonly string[]): void {
  const [first = '', ...rest] = name.split('.');
  const group = first === 'tag' ? 'tags' : first;
  const member = rest.join('.');
  if (FORBIDDEN.has(group) || FORBIDDEN.has(member))
    throw new ApiError('request_invalid', 'not a parameter', { pointer: `/${group}` });
  if (rest.length === 0) {
    into[group] = value;
    return;
  }
  const held = into[group];
  const inner: Record<string, unknown> = typeof held === 'object' && held !== null ? { ...held } : {};
  inner[member] = value;
  into[group] = inner;
}

/** Checks the parameters of one fax. @throws ApiError request_invalid with a pointer to each field */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointerOf([...issue.path, key]), detail: 'not a parameter' }))
      : [{ pointer: pointerOf(issue.path), detail: issue.message }],
  );
  throw new ApiError('request_invalid', 'one or more fields are not valid', { errors });
}

/** RFC 6901. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** A checked request in the intake's terms. @throws FaxError number_invalid */
export function submitRequest(
  body: z.output<typeof SubmitFax> | z.output<typeof SubmitBatch>,
  batch: boolean,
): SubmitRequest {
  const single = typeof body.to === 'string';
  const numbers = typeof body.to === 'string' ? [body.to] : body.to;
  return {
    to: numbers.map((text, index) => parseE164(text, single ? '/to' : `/to/${index}`)),
    from: body.from === undefined ? null : parseE164(body.from, '/from'),
    page: pageOptions(body),
    tags: body.tags,
    scheduledAt: body.scheduledAt === undefined ? null : momentOf(body.scheduledAt),
    deadline: body.deadline === undefined ? null : momentOf(body.deadline),
    retries: body.retries ?? null,
    retryInterval: body.retryInterval ?? null,
    priority: body.priority,
    uncertain: body.uncertain ?? null,
    batch,
  };
}

function pageOptions(body: z.output<typeof SubmitOptions>): SubmitRequest['page'] {
  const { resolution, halftone, contrast, paper, width, length, senderName, csid, timeZone, cover } = body;
  return {
    ...(resolution === undefined ? {} : { resolution }),
    ...(halftone === undefined ? {} : { halftone }),
    ...(contrast === undefined ? {} : { contrast }),
    ...(paper === undefined ? {} : { paper }),
    ...(width === undefined ? {} : { width }),
    ...(length === undefined ? {} : { length }),
    ...(body.header === undefined ? {} : { header: body.header === 'none' ? null : body.header }),
    ...(senderName === undefined ? {} : { senderName }),
    ...(csid === undefined ? {} : { csid }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(cover === undefined ? {} : { cover }),
  };
}
