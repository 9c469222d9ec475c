import type { FastifyRequest } from 'fastify';
import type { Account } from '../../gateway/fax/account.ts';
import { type AccountId, parseId } from '../../gateway/fax/ids.ts';
import type { Actor } from '../../gateway/ports/account-records.ts';
import type { AccountView } from '../../gateway/ports/account-view.ts';
import { customerOf, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';

/** Who asks, for the audit log. */
export function actorOf(request: FastifyRequest): Actor {
  return { who: principalOf(request).user.id, address: addressOf(request) };
}

/**
 * The records as whoever asks may see them: those of the own account, and of all for an administrator who is not bound to
 * one. What a route reads of faxes, calls, records and reports, it reads through this.
 */
export function viewOf({ gateway }: ApiContext, request: FastifyRequest): AccountView {
  return gateway.view(boundTo(request));
}

/** The one account that whoever asks is held to; null: an administrator of all. */
export function boundTo(request: FastifyRequest): AccountId | null {
  const { realm, scope } = principalOf(request).user;
  return realm === 'api' ? customerOf(request).account.id : scope;
}

/** The account that a path names by id or by name. @throws ApiError account_unknown */
export async function accountOf({ gateway }: ApiContext, text: string): Promise<Account> {
  const account = await gateway.accounts.account(parseId('acc', text) ?? { name: text });
  if (account === undefined) throw new ApiError('account_unknown');
  return account;
}
