import { z } from 'zod';
import type { User } from '../../gateway/fax/account.ts';
import { ACCOUNT_TOPICS, type NoticeSettings, type NoticeTopic } from '../../gateway/fax/notice.ts';
import { type App, boundTo, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { defined, pathId, queryId } from '../fields.ts';
import { MailTrialBody, NoticesBody, NoticesView, OutboxList, OutboxQuery } from '../schemas/index.ts';
import { noticesView, outboxMailView } from '../views/mail-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const UserParams = z.object({ id: z.string() });
const tags = ['admin'];

/** Where notices go, what was sent, and whether it arrives. Addresses are taken on the word of whoever sets them. */
export function mailRoutes(app: App, context: ApiContext): void {
  ownNotices(app, context);
  administratorNotices(app, context);
  accountNotices(app, context);
  outbox(app, context);
}

function ownNotices(app: App, { gateway: { mail } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/me/notices',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'Where my notices go, and what of', response: { 200: NoticesView } },
    handler: async (request) => noticesView(await mail.settings(principalOf(request).user.id), mail.sends),
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/me/notices',
    config: { access: 'admin', role: 'auditor', bound: 'own', stepUp: true },
    schema: {
      tags,
      summary: 'Change where my notices go; the addresses from before are told',
      body: NoticesBody,
      response: { 200: NoticesView },
    },
    handler: async (request) => {
      const { user } = principalOf(request);
      checkTopics(user.scope === null, request.body.topics);
      await mail.changeOfUser(user, request.body, actorOf(request));
      return noticesView(request.body, mail.sends);
    },
  });
}

function administratorNotices(app: App, context: ApiContext): void {
  const { mail } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/users/:id/notices',
    config: { access: 'admin', role: 'owner' },
    schema: {
      tags,
      summary: 'Where the notices of an administrator go',
      params: UserParams,
      response: { 200: NoticesView },
    },
    handler: async (request) => {
      const user = await administratorOf(context, request.params.id);
      return noticesView(await mail.settings(user.id), mail.sends);
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/users/:id/notices',
    config: { access: 'admin', role: 'owner', stepUp: true },
    schema: {
      tags,
      summary: 'Change where the notices of an administrator go; the addresses from before are told',
      params: UserParams,
      body: NoticesBody,
      response: { 200: NoticesView },
    },
    handler: async (request) => {
      const user = await administratorOf(context, request.params.id);
      checkTopics(user.scope === null, request.body.topics);
      await mail.changeOfUser(user, request.body, actorOf(request));
      return noticesView(request.body, mail.sends);
    },
  });
}

function accountNotices(app: App, context: ApiContext): void {
  const { mail } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/notices',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: {
      tags,
      summary: 'Where the notices of an account go',
      params: AccountParams,
      response: { 200: NoticesView },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return noticesView(await mail.settings(id), mail.sends);
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/accounts/:account/notices',
    config: { access: 'admin', role: 'admin', bound: 'path', stepUp: true },
    schema: {
      tags,
      summary: 'Change where the notices of an account go; the addresses from before are told',
      params: AccountParams,
      body: NoticesBody,
      response: { 200: NoticesView },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.params.account);
      checkAccountTopics(request.body);
      await mail.changeOfAccount(account, request.body, actorOf(request));
      return noticesView(request.body, mail.sends);
    },
  });
}

function outbox(app: App, { gateway: { mail } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/mail',
    config: { access: 'admin', role: 'admin', bound: 'query' },
    schema: {
      tags,
      summary: 'Mails that wait, and those of the last 30 days that were sent or given up; newest first',
      querystring: OutboxQuery,
      response: { 200: OutboxList },
    },
    handler: async (request) => {
      const { account, before, state, limit } = request.query;
      const of = { account: queryId('acc', account, '/account'), before: queryId('mail', before, '/before') };
      const found = await mail.outbox({ ...defined({ ...of, state }), limit });
      return { items: found.map(outboxMailView), sends: mail.sends };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/mail/trial',
    config: { access: 'admin', role: 'admin', bound: 'own' },
    schema: {
      tags,
      summary: 'Send a message to see whether it arrives',
      body: MailTrialBody,
      response: { 202: z.null() },
    },
    handler: async (request, reply) => {
      const sent = await mail.try(request.body.to, principalOf(request).user, actorOf(request), boundTo(request));
      if (!sent) throw new ApiError('mail_off');
      return reply.status(202).send(null);
    },
  });
}

/** An administrator by id; notices of an API user go to its account. @throws ApiError user_unknown, realm_mismatch */
async function administratorOf({ gateway }: ApiContext, id: string): Promise<User> {
  const row = await gateway.accounts.accessById(pathId('usr', id, 'user_unknown'));
  if (row === undefined) throw new ApiError('user_unknown');
  if (row.user.realm !== 'admin') throw new ApiError('realm_mismatch', 'notices of API users go to their account');
  return row.user;
}

/** What goes on over all accounts is not for those of one. @throws ApiError request_invalid */
function checkTopics(isGlobal: boolean, topics: readonly NoticeTopic[]): void {
  const own: readonly NoticeTopic[] = ['administrators', ...ACCOUNT_TOPICS];
  const wrong = isGlobal ? undefined : topics.find((topic) => !own.includes(topic));
  if (wrong === undefined) return;
  throw new ApiError('request_invalid', `${wrong} is for administrators of all accounts`, { pointer: '/topics' });
}

/** @throws ApiError request_invalid */
function checkAccountTopics({ topics }: NoticeSettings): void {
  const wrong = topics.find((topic) => !ACCOUNT_TOPICS.includes(topic));
  if (wrong === undefined) return;
  throw new ApiError('request_invalid', `${wrong} does not concern an account`, { pointer: '/topics' });
}
