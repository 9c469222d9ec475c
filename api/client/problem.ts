import type { FieldProblem } from './errors.ts';
import { ApiProblem } from './errors.ts';

/** The refusal in a sealed answer with a status from 400 on. A body that is no problem document still is a refusal. */
export function problemOf(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): ApiProblem {
  const fields = documentOf(body);
  const code = text(fields.code) ?? 'unknown';
  const wait = headers['retry-after'];
  return new ApiProblem({
    status,
    code,
    message: text(fields.detail) ?? text(fields.title) ?? code,
    reason: text(fields.reason),
    errors: fieldProblems(fields.errors),
    retryAfter: wait !== undefined && /^\d{1,6}$/.test(wait) ? Number(wait) * 1_000 : undefined,
  });
}

function documentOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const { pointer, detail } = typeof one === 'object' && one !== null ? { pointer: '', detail: '', ...one } : {};
    return typeof pointer === 'string' && typeof detail === 'string' ? [{ pointer, detail }] : [];
  });
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
