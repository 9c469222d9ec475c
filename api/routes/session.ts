import { z } from 'zod';
import { isApiSecret } from '../../crypto/index.ts';
import type { Principal } from '../../gateway/gateway.ts';
import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { LoginBody, SessionView } from '../schemas/index.ts';
import { isoTimeOrNull } from '../schemas/shape.ts';
import { evenTime } from '../transport/even-time.ts';
import type { HelloGate } from '../transport/hello-gate.ts';
import { sealedOrigin } from '../transport/inner-request.ts';

/**
 * Refusals are told at multiples of these times, ms: whether a user or an account is known, and has what, does not show in
 * how long a log-in takes. Each is longer than its work, of which Argon2id is the most.
 */
const REFUSED_AT = { quick: 50, password: 250 };

/** Log-in, who am I, log-out. A session of either realm may ask and leave. */
export function sessionRoutes(app: App, { gateway, settings }: ApiContext, gate: HelloGate): void {
  const view = ({ user, account, session }: Principal): SessionView => ({
    realm: user.realm,
    account: account === null ? null : { id: account.id, name: account.name },
    user: { id: user.id, name: user.name },
    sealed: session !== null,
    tlsIntercepted: session?.login?.tlsIntercepted ?? 'unknown',
    expiresAt: isoTimeOrNull(session?.expiresAt ?? null),
    idle: settings.sessionIdle,
  });

  app.route({
    method: 'POST',
    url: '/v1/session',
    config: { access: 'login' },
    schema: {
      tags: ['session'],
      summary: 'Log in: the first message of a sealed session',
      body: LoginBody,
      response: { 200: SessionView },
    },
    handler: async (request) => {
      const origin = sealedOrigin(request.raw);
      if (origin === undefined) throw new ApiError('sealed_required');
      const { realm } = request.body;
      if (!settings.realms.includes(realm)) {
        await gateway.access.sessions.end(origin.session.sid);
        throw new ApiError('realm_forbidden', `users of the ${realm} realm log in at another address of this gateway`);
      }
      const began = gateway.clock.monotonic();
      const principal = await gateway.access
        .login(origin.session, request.body, origin.address)
        .catch(async (error) => {
          const { secret } = request.body;
          const step = secret === null || isApiSecret(secret) ? REFUSED_AT.quick : REFUSED_AT.password;
          if (error instanceof Error && 'code' in error && error.code === 'access_denied')
            await evenTime(gateway.clock, began, step);
          throw error;
        });
      gate.know(origin.address);
      return view(principal);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/session',
    config: { access: 'any' },
    schema: { tags: ['session'], summary: 'Who am I', response: { 200: SessionView } },
    handler: async (request) => view(principalOf(request)),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/session',
    config: { access: 'any' },
    schema: { tags: ['session'], summary: 'Log out: the session and its keys end', response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { session } = principalOf(request);
      if (session !== null) await gateway.access.sessions.end(session.sid);
      return reply.status(204).send(null);
    },
  });
}
