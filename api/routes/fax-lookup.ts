import type { FastifyRequest } from 'fastify';
import type { Fax } from '../../gateway/fax/fax.ts';
import type { Direction } from '../../gateway/fax/states.ts';
import { customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { viewOf } from './account-lookup.ts';

/** The caller's fax with this id. Another account's fax is as unknown as none. @throws ApiError fax_not_found */
export async function faxOf(
  context: ApiContext,
  request: FastifyRequest,
  id: string,
  direction?: Direction,
): Promise<Fax> {
  const own = customerOf(request).account.id;
  const fax = await viewOf(context, request).faxes.fax(pathId('fax', id, 'fax_not_found'), own);
  if (fax === undefined || (direction !== undefined && fax.direction !== direction))
    throw new ApiError('fax_not_found');
  return fax;
}

/** The page number in a path, 1 to 99,999. @throws ApiError page_not_found */
export function pageNumber(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text)) throw new ApiError('page_not_found');
  return Number(text);
}
