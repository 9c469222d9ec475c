import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AccountId } from '../../gateway/fax/ids.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { SCOPES, type Scope } from '../../gateway/fax/scope.ts';
import { allowed, parseRules } from '../../gateway/index.ts';
import { type App, boundTo, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined, pathId, queryId } from '../fields.ts';
import { masksNumbers, numbersFor, refuseGuess } from '../masking.ts';
import { requireStepUp } from '../plugins/step-up.ts';
import {
  AccountBody,
  AccountChange,
  AccountIdText,
  AccountList,
  AccountView,
  AdministratorBody,
  CdrList,
  CdrQueryText,
  CdrSummaryQuery,
  CdrSummaryView,
  CodeBody,
  MeView,
  NumberBody,
  NumberList,
  NumberView,
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
import { accountView, meView, userView } from '../views/account-view.ts';
import { cdrView, maskedCdr } from '../views/cdr-view.ts';
import { numberView } from '../views/number-view.ts';
import { accountOf, actorOf, viewOf } from './account-lookup.ts';
import { cdrFilter, summaryOf } from './cdrs.ts';

const AccountParams = z.object({ account: z.string() });
const UserParams = z.object({ id: z.string() });
const NumberParams = AccountParams.extend({ number: z.string() });
const tags = ['admin'];

/** Administration: its own realm, inside a sealed session only. */
export function adminRoutes(app: App, context: ApiContext): void {
  accountRoutes(app, context);
  apiUserRoutes(app, context);
  adminUserRoutes(app, context);
  userChangeRoutes(app, context);
  totpRoutes(app, context);
  numberRoutes(app, context);
  reportRoutes(app, context);
}

function accountRoutes(app: App, context: ApiContext): void {
  const { accounts, access, budgets, clock } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts',
    config: { access: 'admin', role: 'admin' },
    schema: { tags, summary: 'Add an account', body: AccountBody, response: { 201: AccountView } },
    handler: async (request, reply) => {
      const { policy, ...rest } = request.body;
      checkCarrierTags(context, policy.carrierTags);
      const account = await accounts.createAccount({ ...rest, policy: defined(policy) }, actorOf(request), clock.now());
      return reply.status(201).header('location', `/v1/admin/accounts/${account.id}`).send(accountView(account));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'All accounts; the own one for an administrator of one', response: { 200: AccountList } },
    handler: async (request) => {
      const own = boundTo(request);
      const all = own === null ? await accounts.accounts() : [await accountOf(context, own)];
      return { items: all.map(accountView) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: { tags, summary: 'One account, by id or name', params: AccountParams, response: { 200: AccountView } },
    handler: async (request) => accountView(await accountOf(context, request.params.account)),
  });

  app.route({
    method: 'PATCH',
    url: '/v1/admin/accounts/:account',
    config: { access: 'admin', role: 'admin', bound: 'path' },
    schema: {
      tags,
      summary: 'Change title, switches, policy or CIDR rules; sessions that it concerns end',
      params: AccountParams,
      body: AccountChange,
      response: { 200: AccountView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      const { policy, ...rest } = request.body;
      if (boundTo(request) !== null) checkOwnChange(request.body);
      if (isDangerous(request.body)) await requireStepUp(context, request);
      checkCarrierTags(context, policy?.carrierTags);
      const change = { ...defined(rest), ...(policy === undefined ? {} : { policy: defined(policy) }) };
      const changed = await access.changeAccount(account.id, change, actorOf(request));
      if (policy !== undefined) await budgets.changed(account.id);
      return accountView(changed);
    },
  });
}

/** Policy that keeps strangers out, or that says who can open what is received. */
const GUARDING: ReadonlySet<string> = new Set([
  ...['sealed', 'localPasswords', 'allowSuite128', 'tlsIntercepted', 'sealedInboundKey'],
]);

/** Whether a change opens the account to somebody, or shuts it: not at a desk that was left open. */
function isDangerous({ disabled, cidrs, policy = {} }: z.output<typeof AccountChange>): boolean {
  const guarding = Object.entries(policy).some(([name, value]) => value !== undefined && GUARDING.has(name));
  return disabled !== undefined || cidrs !== undefined || guarding;
}

/** What an administrator of one account may change of it: nothing that is a limit, a price or a protection. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['title', 'cidrs', 'policy']);
const OWN_POLICY: ReadonlySet<string> = new Set([
  ...['imageLife', 'inboundHold', 'uncertain', 'uncertainHold', 'sealedInboundKey', 'timeZone', 'senderName', 'csid'],
  ...['retries', 'retryInterval', 'neverDial', 'unknownLine'],
]);

/** @throws ApiError role_forbidden with a pointer */
function checkOwnChange(change: z.output<typeof AccountChange>): void {
  const wanted = Object.keys(change).map((name) => [`/${name}`, OWN_FIELDS.has(name)] as const);
  const policy = Object.keys(change.policy ?? {}).map((name) => [`/policy/${name}`, OWN_POLICY.has(name)] as const);
  const refused = [...wanted, ...policy].find(([, allowed]) => !allowed);
  if (refused === undefined) return;
  const detail = 'this is changed by administrators of all accounts';
  throw new ApiError('role_forbidden', detail, { pointer: refused[0] });
}

/** A tag that no carrier has would let every fax of the account fail. @throws ApiError policy_invalid */
function checkCarrierTags({ gateway: { routes } }: ApiContext, wanted: readonly string[] = []): void {
  if (wanted.length === 0 || routes.carriersWith(wanted).length > 0) return;
  const pointer = '/policy/carrierTags';
  throw new ApiError('policy_invalid', `no carrier has the tags ${wanted.join(', ')}`, { pointer });
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

function numberRoutes(app: App, context: ApiContext): void {
  const { accounts, clock } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/numbers',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: { tags, summary: 'Fax numbers of an account', params: AccountParams, response: { 200: NumberList } },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      const own = viewOf(context, request).accounts;
      const subaddresses = await own.subaddresses({ account: account.id });
      return { items: [...(await own.numbers(account.id)), ...subaddresses].map(numberView) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/numbers',
    config: { access: 'admin', role: 'admin' },
    schema: {
      tags,
      summary: 'Give a number to an account',
      params: AccountParams,
      body: NumberBody,
      response: { 201: NumberView },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const number = parseE164(request.body.number, '/number');
      const made = await accounts.addNumber(number, account.id, request.body.label, actorOf(request), clock.now());
      return reply.status(201).send(numberView(made));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/accounts/:account/numbers/:number',
    config: { access: 'admin', role: 'admin' },
    schema: { tags, summary: 'Take a number from an account', params: NumberParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const number = parseE164(request.params.number, '/number');
      const removed = await accounts.removeNumber(number, account.id, actorOf(request), clock.now());
      if (!removed) throw new ApiError('number_not_found');
      return reply.status(204).send(null);
    },
  });
}

function reportRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Call detail records of all accounts, or of one',
      querystring: CdrQueryText.extend({ account: AccountIdText.optional() }),
      response: { 200: CdrList },
    },
    handler: async (request) => {
      const { query } = request;
      refuseGuess(request, query.prefix);
      const filter = cdrFilter(query, queryId('acc', query.account, '/account'));
      const page = await viewOf(context, request).faxes.cdrs(
        defined({ ...filter, limit: query.limit, cursor: query.cursor }),
      );
      const masked = masksNumbers(principalOf(request).user.role);
      return { items: page.items.map((cdr) => cdrView(masked ? maskedCdr(cdr) : cdr)), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/cdrs/summary',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Sums of calls, pages, billable seconds and costs of all accounts, or of one',
      querystring: CdrSummaryQuery.extend({ account: AccountIdText.optional() }),
      response: { 200: CdrSummaryView },
    },
    handler: async (request) => {
      const account = queryId('acc', request.query.account, '/account');
      refuseGuess(request, request.query.prefix);
      const { clock, budgets } = context.gateway;
      const { cdrs } = viewOf(context, request);
      return summaryOf({ cdrs, clock, budgets }, request.query, 'UTC', account, numbersFor(request));
    },
  });
}
