import { z } from 'zod';
import type { KnownIdentity } from '../../gateway/ports/identity-records.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { DoorList, IdentityBody, IdentityOf, type IdentityView, ProviderList } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';
import { actorOf } from './account-lookup.ts';

/** Longest body of a log-out: a token and its name. */
const LOGOUT_LIMIT = 32 * 1024;
/** Log-outs that are looked at once: whoever sends them has shown no right to it yet. */
const AT_ONCE = 16;

const LogoutParams = z.object({ name: z.string().max(32) });
const UserParams = z.object({ id: z.string().max(64) });

/** Where OpenID providers tell that somebody has left (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8). */
export function openIdLogoutRoute(app: App, { gateway }: ApiContext): void {
  let running = 0;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(String(body)).getAll('logout_token'));
  });

  app.route({
    method: 'POST',
    url: '/oidc/:name/backchannel-logout',
    config: { access: 'open' },
    bodyLimit: LOGOUT_LIMIT,
    schema: { hide: true, params: LogoutParams },
    handler: async (request, reply) => {
      const tokens = Array.isArray(request.body) ? request.body : [];
      const [token] = tokens;
      if (running >= AT_ONCE) throw new ApiError('busy');
      if (!gateway.identities.providers.some(({ name }) => name === request.params.name))
        throw new ApiError('route_not_found');
      running++;
      try {
        const outcome =
          typeof token === 'string' && tokens.length === 1
            ? await gateway.identities.loggedOut(request.params.name, token)
            : 'refused';
        reply.header('cache-control', 'no-store');
        if (outcome === 'ended') return await reply.status(200).send();
        // §2.8 knows no other answer for what could not be done; a provider whose keys are not to be had tries again.
        const error = outcome === 'silent' ? 'temporarily_unavailable' : 'invalid_request';
        return await reply.status(outcome === 'silent' ? 503 : 400).send({ error });
      } finally {
        running--;
      }
    },
  });
}

/** How administrators come in by OpenID providers, and who users are there. */
export function openIdRoutes(app: App, context: ApiContext): void {
  const { identities } = context.gateway;
  const tags = ['admin'];

  app.route({
    method: 'GET',
    url: '/v1/oidc',
    config: { access: 'open' },
    schema: {
      tags: ['session'],
      summary: 'OpenID providers by which administrators sign in',
      response: { 200: DoorList },
    },
    handler: async () => {
      const open = context.settings.realms.includes('admin') ? await identities.doors() : [];
      return { items: [...open] };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/identity-providers',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'OpenID providers of the settings', response: { 200: ProviderList } },
    handler: async () => ({ items: [...identities.providers] }),
  });

  identityRoutes(app, context);
}

function identityRoutes(app: App, { gateway: { identities } }: ApiContext): void {
  const tags = ['admin'];
  const view = ({ user, issuer, subject, createdAt }: KnownIdentity): IdentityView => ({
    ...{ user, issuer, subject, createdAt: isoTime(createdAt) },
    provider: identities.providers.find((one) => one.issuer === issuer)?.name ?? null,
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/users/:id/identity',
    config: { access: 'admin', role: 'auditor', bound: 'user' },
    schema: {
      tags,
      summary: 'Who a user is at an OpenID provider',
      params: UserParams,
      response: { 200: IdentityOf },
    },
    handler: async (request) => {
      const found = await identities.of(pathId('usr', request.params.id, 'user_unknown'));
      return { identity: found === undefined ? null : view(found) };
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/users/:id/identity',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'Say who a user is at an OpenID provider; its sessions end',
      params: UserParams,
      body: IdentityBody,
      response: { 200: IdentityOf },
    },
    handler: async (request) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      await identities.link(id, request.body, actorOf(request));
      const found = await identities.of(id);
      return { identity: found === undefined ? null : view(found) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/identity',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'A user is nobody at an OpenID provider any more; its sessions end',
      params: UserParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await identities.unlink(pathId('usr', request.params.id, 'user_unknown'), actorOf(request));
      return reply.status(204).send(null);
    },
  });
}
