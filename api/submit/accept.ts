import type { FastifyRequest } from 'fastify';
import type { Account } from '../../gateway/fax/account.ts';
import type { Principal, SubmitAnswer, SubmitRequest } from '../../gateway/gateway.ts';
import { customerOf, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { recheck } from '../plugins/principal.ts';
import { AdminSubmitFax, SubmitBatch, SubmitFax } from '../schemas/index.ts';

import { takeDocuments } from './documents.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { parseWith, submitRequest } from './parameters.ts';

/** Whose submission it is, and how its parameters are read. */
interface Submitter {
  readonly sender: Principal;
  readonly key: string;
  readonly wanted: (parameters: Record<string, unknown>) => SubmitRequest;
  /** Throws when the sender may send no more. */
  readonly recheck: () => Promise<void>;
}

/** A customer's submission. @see submit */
export function accept(context: ApiContext, request: FastifyRequest, kind: 'fax' | 'batch'): Promise<SubmitAnswer> {
  return submit(context, request, {
    sender: customerOf(request),
    key: idempotencyKey(request),
    wanted: (parameters) =>
      kind === 'batch'
        ? submitRequest(parseWith(SubmitBatch, batchOf(parameters)), true)
        : submitRequest(parseWith(SubmitFax, parameters), false),
    recheck: () => recheck(context, request),
  });
}

/**
 * An administrator's submission for an account, who is its sender then. @see submit
 *
 * @throws ApiError state_conflict when the account is disabled
 */
export function acceptFor(context: ApiContext, request: FastifyRequest, account: Account): Promise<SubmitAnswer> {
  const sender = { ...principalOf(request), account };
  mustBeOpen(account);
  return submit(context, request, {
    sender,
    // Keys of customers have no space in them, so that neither is ever answered with a fax of the other.
    key: `${sender.user.id} ${idempotencyKey(request)}`,
    wanted: (parameters) => {
      const { review, ...body } = parseWith(AdminSubmitFax, parameters);
      return { ...submitRequest(body, false), ...(review ? { review } : {}) };
    },
    recheck: async () => {
      await recheck(context, request);
      mustBeOpen(await context.gateway.accounts.account(account.id));
    },
  });
}

function mustBeOpen(account: Account | undefined): void {
  if (account === undefined || account.disabled) throw new ApiError('state_conflict', 'the account is disabled');
}

/**
 * A submission from its first byte to its durable acceptance. The body is read, and its seal verified, to the end
 * before anything is committed; whatever goes wrong, nothing is left.
 */
async function submit(context: ApiContext, request: FastifyRequest, by: Submitter): Promise<SubmitAnswer> {
  const submission = await context.gateway.intake.begin(by.sender, by.key);
  try {
    const parameters = await takeDocuments(request, submission);
    const wanted = by.wanted(parameters);
    // An upload can take minutes; whoever lost the right to send meanwhile sends nothing.
    await by.recheck();
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
