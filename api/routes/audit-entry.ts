import type { FastifyRequest } from 'fastify';
import type { Fax } from '../../gateway/fax/fax.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { ApiContext } from '../context.ts';
import { actorOf, boundTo, viewOf } from './account-lookup.ts';

/** What whoever asks has done, by ids alone. */
export interface Act {
  readonly action: string;
  readonly account: AccountId | null;
  readonly object: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes an act into the audit log that no transaction of the records tells of: a look, an export, a change of a webhook. */
export function noteAct(context: ApiContext, request: FastifyRequest, act: Act): Promise<void> {
  const { who, address } = actorOf(request);
  const account = act.account ?? boundTo(request);
  const entry = { at: context.gateway.clock.now(), actor: who, address, detail: {}, ...act, account };
  return viewOf(context, request).accounts.audit(entry);
}

/** An export of call detail records; the filters by their names, because a value may be somebody's number. */
export function noteCdrExport(
  context: ApiContext,
  request: FastifyRequest,
  format: 'csv' | 'jsonl',
  { account, ...filter }: Readonly<Record<string, unknown>> & { readonly account?: AccountId | undefined },
): Promise<void> {
  const filters = Object.keys(filter).filter((name) => filter[name] !== undefined);
  return noteAct(context, request, {
    ...{ action: 'cdr.export', account: account ?? null, object: null },
    detail: { format, filters },
  });
}

/** Somebody looks at a page of a fax. */
export function notePreview(
  context: ApiContext,
  request: FastifyRequest,
  { id, account }: Pick<Fax, 'id' | 'account'>,
  page: number,
): Promise<void> {
  return noteAct(context, request, { action: 'fax.preview', account, object: id, detail: { page } });
}

/** Somebody takes a received fax, or a page of it that only the account's own key opens. */
export function noteFetch(
  context: ApiContext,
  request: FastifyRequest,
  { id, account }: Pick<Fax, 'id' | 'account'>,
  format: 'pdf' | 'tiff' | 'sealed',
  page?: number,
): Promise<void> {
  const detail = page === undefined ? { format } : { format, page };
  return noteAct(context, request, { action: 'fax.fetch', account, object: id, detail });
}
