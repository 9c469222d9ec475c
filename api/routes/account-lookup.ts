import type { FastifyRequest } from 'fastify';
import type { Account } from '../../gateway/fax/account.ts';
import { parseId } from '../../gateway/fax/ids.ts';
import type { Actor } from '../../gateway/ports/account-records.ts';
import { principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';

/** Who asks, for the audit log. */
export function actorOf(request: FastifyRequest): Actor {
  return { who: principalOf(request).user.id, address: addressOf(request) };
}

/** The account that a path names by id or by name. @throws ApiError account_unknown */
export async function accountOf({ gateway }: ApiContext, text: string): Promise<Account> {
  const account = await gateway.accounts.account(parseId('acc', text) ?? { name: text });
  if (account === undefined) throw new ApiError('account_unknown');
  return account;
}
