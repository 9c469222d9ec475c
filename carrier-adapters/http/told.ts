import { z } from 'zod';
import { readAnswer } from './client.ts';
import type { HttpAnswer, HttpResult } from './exchange.ts';

/** An answer: what was asked for, nothing of that name, a refusal (nothing was done), or nobody knows. */
export type Told<T> =
  | { readonly is: 'value'; readonly value: T }
  | { readonly is: 'absent' }
  /** `codes`: what the carrier calls its reasons, or the fields that it finds fault with. */
  | { readonly is: 'refused'; readonly status: number; readonly codes: readonly string[] }
  | { readonly is: 'unknown'; readonly sent: boolean; readonly detail: string };

/** The codes in the body of a refusal. */
export type CodesOf = (answer: HttpAnswer) => readonly string[];

/** What an answer with a body of the form `schema` tells. @param codesOf left out: the carrier gives no codes */
export function readTold<T>(
  result: HttpResult,
  schema: z.ZodType<T | undefined>,
  codesOf: CodesOf = () => [],
): Told<T> {
  if (!result.ok) return { is: 'unknown', sent: result.sent, detail: `${result.failure} ${result.detail}`.trim() };
  const { status } = result;
  if (status === 404 || status === 410) return { is: 'absent' };
  // A server that broke may have done what it was asked for; 4xx says that it has not.
  if (status >= 400 && status < 500) return { is: 'refused', status, codes: codesOf(result) };
  const value = isDone(result) ? readAnswer(schema, result) : undefined;
  return value === undefined ? { is: 'unknown', sent: true, detail: `HTTP ${status}` } : { is: 'value', value };
}

/** {@link readTold} of an answer whose body says nothing more. */
export function readDone(result: HttpResult, codesOf?: CodesOf): Told<null> {
  return isDone(result) ? { is: 'value', value: null } : readTold(result, z.never(), codesOf);
}

function isDone(result: HttpResult): boolean {
  return result.ok && result.status >= 200 && result.status < 300;
}
