import type { FastifyRequest } from 'fastify';
import { isApiSecret } from '../../crypto/index.ts';
import type { Principal } from '../../gateway/gateway.ts';
import { type App, principalOf, type RouteAccess } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from '../transport/address.ts';
import { sealedOrigin } from '../transport/inner-request.ts';
import { checkRole } from './roles.ts';
import { checkScope } from './scopes.ts';
import { checkStepUp } from './step-up.ts';

/** Finds out who asks, before any body is read. A route that does not say whom it is for is for nobody. */
export function addPrincipal(app: App, context: ApiContext): void {
  const { gateway, settings } = context;
  const checkRealm = (principal: Principal, wanted: RouteAccess): Principal => {
    const { realm } = principal.user;
    if (!settings.realms.includes(realm) || (wanted !== 'any' && realm !== wanted))
      throw new ApiError('realm_forbidden');
    return principal;
  };
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request, reply) => {
    const wanted = request.routeOptions.config.access;
    const origin = sealedOrigin(request.raw);
    if (origin !== undefined && origin.session.login === null && wanted !== 'login')
      throw new ApiError('login_required');
    if (request.is404 || wanted === 'open') return;
    if (wanted === undefined) throw new ApiError('route_not_found');
    request.principal = await principal(request, wanted);
    if (request.principal !== null) checkScope(request, request.principal);
    if (request.principal !== null && wanted === 'admin') await checkRole(context, request, request.principal);
    const { stepUp } = request.routeOptions.config;
    if (request.principal !== null && stepUp !== undefined && stepUp !== false)
      await checkStepUp(context, request.principal, stepUp === 'again' ? 'again' : 'recent');
    if (request.principal?.session === null) {
      // Whoever loses the right to go on is cut off, in the middle of an upload too.
      const release = gateway.access.watch(request.principal, () => reply.raw.destroy());
      reply.raw.once('close', release);
    }
  });

  const principal = async (request: FastifyRequest, wanted: RouteAccess): Promise<Principal | null> => {
    const origin = sealedOrigin(request.raw);
    if (origin === undefined) return checkRealm(await byKey(request, wanted), wanted);
    if (wanted === 'login') return null;
    return checkRealm(await gateway.access.authorize(origin.session, origin.address), wanted);
  };

  const byKey = async (request: FastifyRequest, wanted: RouteAccess): Promise<Principal> => {
    if (wanted !== 'api' && wanted !== 'any') throw new ApiError('sealed_required');
    const presented = credentials(request.headers.authorization);
    const found = await gateway.access.authorizeKey(presented.secret, addressOf(request));
    const named = `${found.account?.name}:${found.user.name}`;
    if (presented.name !== null && presented.name !== named) throw new ApiError('access_denied');
    return found;
  };
}

/**
 * Asks again whether the caller may go on: after an upload and between the slices of a wait, because a right can end
 * meanwhile. @throws AccessError
 */
export async function recheck({ gateway }: ApiContext, request: FastifyRequest): Promise<void> {
  const { session } = principalOf(request);
  if (session === null)
    await gateway.access.authorizeKey(credentials(request.headers.authorization).secret, addressOf(request));
  else await gateway.access.authorize(session, addressOf(request));
}

interface Credentials {
  readonly secret: string;
  /** `account:user` of Basic credentials. */
  readonly name: string | null;
}

/** RFC 6750 Bearer, or RFC 7617 Basic with `account/user` as the user name. Passwords never travel outside the seal. */
function credentials(header: string | undefined): Credentials {
  const [scheme = '', value = ''] = (header ?? '').split(' ', 2);
  const presented = scheme.toLowerCase() === 'basic' ? basic(value) : { secret: value, name: null };
  if (header === undefined) throw new ApiError('login_required', 'an API key or a sealed session is needed');
  if (!isApiSecret(presented.secret)) throw new ApiError('access_denied');
  return presented;
}

function basic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const at = text.lastIndexOf(':');
  return { secret: text.slice(at + 1), name: text.slice(0, Math.max(0, at)).replace('/', ':') };
}
