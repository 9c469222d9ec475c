import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Fax } from '../../gateway/fax/fax.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { Wishes } from '../../gateway/gateway.ts';
import type { FaxQuery } from '../../gateway/ports/fax-records.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { commonFilters, defined, queryId, queryNumber } from '../fields.ts';
import type { CancelView, FaxFilter, PageList, ReceiptView } from '../schemas/index.ts';
import { viewOf } from './account-lookup.ts';

/*
 * What routes answer of a fax in the same way, whether its account asks or an administrator. Whose fax it is, and whether
 * the caller may ask, the route has settled before.
 */

/** The list that a query asks for, in the records' form. @throws FaxError number_invalid @throws ApiError request_invalid */
export function faxQuery(query: z.output<typeof FaxFilter>, account: AccountId | undefined): FaxQuery {
  return defined({
    account,
    direction: query.direction,
    states: query.state === undefined ? undefined : [query.state].flat(),
    number: queryNumber(query.number),
    user: queryId('usr', query.user, '/user'),
    batch: queryId('bat', query.batch, '/batch'),
    ...commonFilters(query),
    limit: query.limit,
    cursor: query.cursor,
  });
}

/** Its pages, as far as they are made. */
export async function pagesOf(
  context: ApiContext,
  request: FastifyRequest,
  { id }: Pick<Fax, 'id'>,
): Promise<z.input<typeof PageList>> {
  const pages = await viewOf(context, request).faxes.pages(id);
  return { items: pages.map((page) => ({ ...page, warnings: [...page.warnings] })) };
}

/** What proves that a fax is gone. @throws ApiError receipt_not_found */
export async function receiptOf(
  context: ApiContext,
  request: FastifyRequest,
  fax: Pick<Fax, 'id'>,
): Promise<ReceiptView> {
  const { vault, purges } = viewOf(context, request);
  const found = await vault.receipt(fax.id);
  if (found === undefined) throw new ApiError('receipt_not_found');
  const carrierReceipts = (await purges.purgesOf(fax.id)).flatMap(({ receipts }) => receipts);
  return { fax: fax.id, receipt: found.jws, epoch: found.epoch, epochReceipt: found.epochJws, carrierReceipts };
}

/** What came of the wish to cancel it. @throws ApiError fax_not_found, state_conflict */
export function canceled(result: Awaited<ReturnType<Wishes['cancel']>>): z.infer<typeof CancelView> {
  if (result === 'unknown') throw new ApiError('fax_not_found');
  if (result === 'final') throw new ApiError('state_conflict', 'the fax has ended already');
  return { result };
}

/** That it waits for its call again. @throws ApiError fax_not_found, image_wiped, state_conflict */
export function assertResent(result: Awaited<ReturnType<Wishes['resend']>>): void {
  if (result === 'unknown') throw new ApiError('fax_not_found');
  if (result === 'image_wiped') throw new ApiError('image_wiped');
  if (result === 'state_conflict') throw new ApiError('state_conflict', 'only an uncertain fax can be sent again');
}
