import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AccountId } from '../../gateway/fax/ids.ts';
import { SCOPES, type Scope } from '../../gateway/fax/scope.ts';
import { allowed, parseRules } from '../../gateway/index.ts';
import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined, pathId } from '../fields.ts';
import {
  AdministratorBody,
  CodeBody,
  MeView,
  PasswordBody,
  SecretBody,
  SecretView,
  TotpView,
  UserBody,
  UserChange,
  UserList,
  UserView,
  UserWithSecret,
} from '../schemas/index.ts';
import { isoTimeOrNull } from '../schemas/shape.ts';
import { addressOf } from '../transport/address.ts';
import { meView, userView } from '../views/account-view.ts';
import { accountOf, actorOf, viewOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const UserParams = z.object({ id: z.string() });
const tags = ['admin'];

/** Users of both realms, and what they log in with. */
export function userAdministrationRoutes(app: App, context: ApiContext): void {
  apiUserRoutes(app, context);
  adminUserRoutes(app, context);
  userChangeRoutes(app, context);
  totpRoutes(app, context);
}

function apiUserRoutes(app: App, context: ApiContext): void {
  const { access } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/users',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: { tags, summary: 'API users of an account', params: AccountParams, response: { 200: UserList } },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      return { items: (await viewOf(context, request).accounts.users('api', account.id)).map(userView) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/users',
    config: { access: 'admin', role: 'admin', bound: 'path', stepUp: true },
    schema: {
      tags,
      summary: 'Add an API user; without a password its generated secret is shown once',
      params: AccountParams,
      body: UserBody,
      response: { 201: UserWithSecret },
    },
    handler: async (request, reply) => {
      const { id } = await accountOf(context, request.params.account);
      const { name, password, cidrs } = request.body;
      const scopes = storedScopes(request.body.scopes) ?? null;
      const actor = actorOf(request);
      const made =
        password === undefined
          ? await access.createApiUser(id, name, cidrs, actor, scopes)
          : {
              user: await access.createPasswordUser('api', id, name, password, cidrs, actor, undefined, scopes),
              secret: null,
            };
      return reply.status(201).send({ ...userView(made.user), secret: made.secret });
    },
  });
}

function adminUserRoutes(app: App, context: ApiContext): void {
  const { accounts, access } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/me',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'Who am I, and what may I do', response: { 200: MeView } },
    handler: async (request) => {
      const { user } = principalOf(request);
      const scope = user.scope === null ? null : await accountOf(context, user.scope);
      if (user.role === null) throw new ApiError('realm_forbidden');
      return meView(user, user.role, scope, addressOf(request));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/users',
    config: { access: 'admin', role: 'auditor' },
    schema: { tags, summary: 'Administrators', response: { 200: UserList } },
    handler: async () => ({ items: (await accounts.users('admin', null)).map(userView) }),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/users',
    config: { access: 'admin', role: 'owner', stepUp: true },
    schema: { tags, summary: 'Add an administrator', body: AdministratorBody, response: { 201: UserView } },
    handler: async (request, reply) => {
      const { name, password, cidrs, role, scope } = request.body;
      const rank = { role, scope: await scopeOf(context, scope) };
      const user = await access.createPasswordUser('admin', null, name, password, cidrs, actorOf(request), rank);
      return reply.status(201).send(userView(user));
    },
  });
}

/** The account that an administrator is to be bound to. @throws ApiError account_unknown */
async function scopeOf(context: ApiContext, text: string | null): Promise<AccountId | null> {
  return text === null ? null : (await accountOf(context, text)).id;
}

/** Whoever names all scopes gives those that may come later, too: null. Undefined: they stay as they are. */
function storedScopes(scopes: readonly Scope[] | undefined): readonly Scope[] | null | undefined {
  return SCOPES.every((scope) => scopes?.includes(scope)) ? null : scopes;
}

/** Nobody shuts the door behind which they stand: another administrator may. @throws ApiError locks_out */
function refuseLockOut(request: FastifyRequest, cidrs: readonly string[] | undefined): void {
  const address = addressOf(request);
  if (cidrs === undefined || allowed(parseRules(cidrs), address)) return;
  throw new ApiError('locks_out', `${address} would not be let in any more`, { pointer: '/cidrs' });
}

/** How long an old API secret goes on when nothing is said. */
const DAY_SECONDS = 86_400;

function userChangeRoutes(app: App, context: ApiContext): void {
  const { access, accounts } = context.gateway;

  app.route({
    method: 'PATCH',
    url: '/v1/admin/users/:id',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'Disable a user, change its CIDR rules, log-in key, role or scope; its sessions end',
      params: UserParams,
      body: UserChange,
      response: { 200: UserView },
    },
    handler: async (request) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      const { scope, scopes, ...rest } = request.body;
      const bound = scope === undefined ? {} : { scope: await scopeOf(context, scope) };
      if (id === principalOf(request).user.id) refuseLockOut(request, rest.cidrs);
      const change = { ...defined({ ...rest, scopes: storedScopes(scopes) }), ...bound };
      return userView(await access.changeUser(id, change, actorOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/users/:id/secret',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'A new API secret, shown once; the old one goes on beside it for a day, or for as long as is said',
      params: UserParams,
      body: SecretBody,
      response: { 200: SecretView },
    },
    handler: async (request) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      const { overlap } = request.body ?? { overlap: DAY_SECONDS };
      const secret = await access.rotateSecret(id, actorOf(request), overlap * 1_000);
      const row = await accounts.accessById(id);
      return { secret, oldSecretUntil: isoTimeOrNull(row?.user.oldSecretUntil ?? null) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/secret/old',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'End the old API secret now; the user’s sessions end',
      params: UserParams,
      response: { 200: UserView },
    },
    handler: async (request) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      return userView(await access.endOldSecret(id, actorOf(request)));
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/users/:id/password',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: { tags, summary: 'Set a password', params: UserParams, body: PasswordBody, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      await access.setPassword(id, request.body.password, actorOf(request));
      return reply.status(204).send(null);
    },
  });
}

/** The second step of a user's log-in. Its beginning and its end end the user's sessions. */
function totpRoutes(app: App, context: ApiContext): void {
  const { access } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/users/:id/totp',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'A new TOTP secret, shown once, which waits for its first code',
      params: UserParams,
      response: { 200: TotpView },
    },
    handler: async (request) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      return access.enableTotp(id, actorOf(request));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/users/:id/totp/confirm',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'Its first code: log-ins need one from now on; the user’s sessions end',
      params: UserParams,
      body: CodeBody,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      await access.confirmTotp(id, request.body.code, actorOf(request));
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/totp',
    config: { access: 'admin', role: 'admin', bound: 'user', stepUp: true },
    schema: {
      tags,
      summary: 'Log-ins need no code any more; the user’s sessions end',
      params: UserParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const id = pathId('usr', request.params.id, 'user_unknown');
      await access.disableTotp(id, actorOf(request));
      return reply.status(204).send(null);
    },
  });
}
