import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../gateway/gateway.ts';
import { ApiError } from '../errors.ts';

/**
 * Whether an API user may use the route, before any body is read. A route that does not say what it needs answers none
 * of them. Routes of both realms are about the session alone, which everybody has.
 *
 * @throws ApiError route_not_found, scope_missing
 */
export function checkScope(request: FastifyRequest, { user }: Principal): void {
  const { access, needs } = request.routeOptions.config;
  if (user.realm !== 'api' || access === 'any') return;
  if (needs === undefined) throw new ApiError('route_not_found');
  if (needs === 'any' || user.scopes === null || user.scopes.includes(needs)) return;
  throw new ApiError('scope_missing', `this needs the scope ${needs}`);
}
