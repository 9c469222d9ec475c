import type { FastifyRequest } from 'fastify';
import type { SubmitAnswer } from '../../gateway/gateway.ts';
import { customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { recheck } from '../plugins/principal.ts';
import { SubmitBatch, SubmitFax } from '../schemas/index.ts';

import { takeDocuments } from './documents.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { parseWith, submitRequest } from './parameters.ts';

/**
 * A submission from its first byte to its durable acceptance. The body is read, and its seal verified, to the end
 * before anything is committed; whatever goes wrong, nothing is left.
 */
export async function accept(
  context: ApiContext,
  request: FastifyRequest,
  kind: 'fax' | 'batch',
): Promise<SubmitAnswer> {
  const customer = customerOf(request);
  const submission = await context.gateway.intake.begin(customer, idempotencyKey(request));
  try {
    const parameters = await takeDocuments(request, submission);
    const body = kind === 'batch' ? parseWith(SubmitBatch, batchOf(parameters)) : parseWith(SubmitFax, parameters);
    const wanted = submitRequest(body, kind === 'batch');
    // An upload can take minutes; whoever lost the right to send meanwhile sends nothing.
    await recheck(context, request);
    return await submission.commit(wanted);
  } catch (error) {
    await submission.abort();
    throw error;
  }
}

/** Forms and queries write a list of one as plain text. */
function batchOf(parameters: Record<string, unknown>): Record<string, unknown> {
  return typeof parameters.to === 'string' ? { ...parameters, to: [parameters.to] } : parameters;
}
