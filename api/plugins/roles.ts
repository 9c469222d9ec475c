import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../gateway/fax/ids.ts';
import { parseId } from '../../gateway/fax/ids.ts';
import { type Role, reaches } from '../../gateway/fax/role.ts';
import type { Principal } from '../../gateway/gateway.ts';
import type { ApiContext } from '../context.ts';
import { ApiError, type ProblemCode } from '../errors.ts';

/**
 * Whether an administrator may use the route, before any body is read. A route that names no least role answers nobody,
 * and one that says nothing of administrators who are bound to one account answers none of them. What belongs to a
 * foreign account is unknown to them, as if it did not exist.
 *
 * @throws ApiError route_not_found, role_forbidden, account_unknown, user_unknown
 */
export async function checkRole(context: ApiContext, request: FastifyRequest, { user }: Principal): Promise<void> {
  const { role: least, bound } = request.routeOptions.config;
  if (least === undefined) throw new ApiError('route_not_found');
  if (user.role === null || !reaches(user.role, least)) throw new ApiError('role_forbidden', `this needs ${least}`);
  const { scope, role } = user;
  if (bound === 'user') await checkUser(context, request, role, scope);
  if (scope === null || bound === 'own' || bound === 'user') return;
  if (bound === undefined) throw new ApiError('role_forbidden', 'this is for administrators of all accounts');
  const named = bound === 'path' ? fieldOf(request.params, 'account') : wantedAccount(request, scope);
  if ((await idOf(context, named)) !== scope) throw new ApiError('account_unknown');
}

/** API users belong to an account; administrators are the owner's alone. */
async function checkUser({ gateway }: ApiContext, request: FastifyRequest, role: Role, scope: AccountId | null) {
  const unknown: ProblemCode = 'user_unknown';
  const id = parseId('usr', fieldOf(request.params, 'id') ?? '');
  const row = id === undefined ? undefined : await gateway.accounts.accessById(id);
  if (row === undefined || (scope !== null && row.user.account !== scope)) throw new ApiError(unknown);
  if (row.user.realm === 'admin' && role !== 'owner')
    throw new ApiError('role_forbidden', 'only an owner changes administrators');
}

/** The account of the query; whoever is bound need not name it. */
function wantedAccount(request: FastifyRequest, scope: AccountId): string | undefined {
  const given = fieldOf(request.query, 'account');
  if (given === undefined) request.query = { ...(request.query as object), account: scope };
  return given ?? scope;
}

async function idOf({ gateway }: ApiContext, text: string | undefined): Promise<AccountId | undefined> {
  if (text === undefined) return undefined;
  return parseId('acc', text) ?? (await gateway.accounts.account({ name: text }))?.id;
}

/** A field of the path or the query, unless it was given twice. */
function fieldOf(fields: unknown, name: string): string | undefined {
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return undefined;
  const value: unknown = Reflect.get(fields, name);
  return typeof value === 'string' ? value : '';
}
