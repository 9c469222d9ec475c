import { z } from 'zod';
import { type App, boundTo } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined } from '../fields.ts';
import { requireStepUp } from '../plugins/step-up.ts';
import { AccountBody, AccountChange, AccountList, AccountView } from '../schemas/index.ts';
import { accountView } from '../views/account-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const tags = ['admin'];

/** Accounts: what they are called, what they may do, and who may come in. */
export function accountAdministrationRoutes(app: App, context: ApiContext): void {
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
