import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { UserId } from '../../gateway/fax/ids.ts';
import type { Session } from '../../gateway/ports/session-store.ts';
import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { checkOwnWayIn } from '../plugins/step-up.ts';
import {
  CodeBody,
  LoginSessionList,
  PasswordBody,
  ProvenView,
  RecoveryCodesView,
  SignInView,
  StepUpBody,
  TotpView,
} from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';
import { addressOf } from '../transport/address.ts';
import { loginSessionView, sessionName, signInView } from '../views/sign-in-view.ts';
import { actorOf } from './account-lookup.ts';

const tags = ['sign-in'];
/** What is one's own needs no role but the least. */
const own = { access: 'admin', role: 'auditor', bound: 'own' } as const;
/** Changes of what one logs in with: after a proof just now. */
const ownChange = { ...own, stepUp: 'again' } as const;
const UserParams = z.object({ id: z.string() });
const SessionParams = z.object({ session: z.string() });

/** What administrators log in with, the proof for dangerous acts, and sessions. */
export function signInRoutes(app: App, context: ApiContext): void {
  proofRoutes(app, context);
  passwordRoute(app, context);
  authenticatorRoutes(app, context);
  ownSessionRoutes(app, context);
  userSessionRoutes(app, context);
}

/** The session of an administrator: there is no other way in. */
function sessionOf(request: FastifyRequest): Session {
  const { session } = principalOf(request);
  if (session === null) throw new ApiError('sealed_required');
  return session;
}

function proofRoutes(app: App, context: ApiContext): void {
  const { access, accounts, clock } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/me/sign-in',
    config: own,
    schema: { tags, summary: 'What I log in with', response: { 200: SignInView } },
    handler: async (request) => {
      const { user } = principalOf(request);
      const { sid } = sessionOf(request);
      const [session, row] = [await access.sessions.get(sid, clock.now()), await accounts.accessById(user.id)];
      if (session === undefined || session.login === null || row === undefined) throw new ApiError('session_ended');
      const facts = { totp: row.totp !== null, passkeys: row.passkeys.length };
      return signInView(session.login, facts, await accounts.secondSteps(user.id));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/me/step-up',
    config: own,
    schema: {
      tags,
      summary: 'Prove who I am, for dangerous acts of the next ten minutes',
      body: StepUpBody,
      response: { 200: ProvenView },
    },
    handler: async (request) => ({
      provenAt: isoTime(await access.prove(sessionOf(request), request.body, addressOf(request))),
    }),
  });
}

function passwordRoute(app: App, { gateway: { access } }: ApiContext): void {
  app.route({
    method: 'PUT',
    url: '/v1/admin/me/password',
    config: ownChange,
    schema: {
      tags,
      summary: 'My new password; my other sessions end',
      body: PasswordBody,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { user } = principalOf(request);
      checkOwnWayIn(principalOf(request));
      await access.credentials.setPassword(user.id, request.body.password, actorOf(request), sessionOf(request));
      return reply.status(204).send(null);
    },
  });
}

function authenticatorRoutes(app: App, { gateway: { access } }: ApiContext): void {
  const { credentials } = access;

  app.route({
    method: 'POST',
    url: '/v1/admin/me/totp',
    config: ownChange,
    schema: {
      tags,
      summary: 'A TOTP secret for me, shown once, which waits for its first code',
      response: { 200: TotpView },
    },
    handler: async (request) => credentials.pendTotp(principalOf(request).user.id, actorOf(request)),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/me/totp/confirm',
    config: own,
    schema: {
      tags,
      summary: 'Its first code: my log-ins need one from now on; my other sessions end',
      body: CodeBody,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { user } = principalOf(request);
      await credentials.confirmTotp(user.id, request.body.code, actorOf(request), sessionOf(request));
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/me/totp',
    config: ownChange,
    schema: {
      tags,
      summary: 'My log-ins need no code any more; recovery codes and my other sessions end',
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await credentials.removeTotp(principalOf(request).user.id, actorOf(request), sessionOf(request));
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/me/recovery-codes',
    config: ownChange,
    schema: {
      tags,
      summary: 'Ten recovery codes, shown once, in the place of those from before',
      response: { 200: RecoveryCodesView },
    },
    handler: async (request) => ({
      codes: [...(await credentials.newRecoveryCodes(principalOf(request).user.id, actorOf(request)))],
    }),
  });
}

function ownSessionRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/me/sessions',
    config: own,
    schema: { tags, summary: 'Where I am logged in', response: { 200: LoginSessionList } },
    handler: async (request) => listed(context, principalOf(request).user.id, sessionOf(request)),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/me/sessions',
    config: own,
    schema: { tags, summary: 'End my other sessions', response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { user } = principalOf(request);
      await endAll(context, request, user.id, sessionOf(request).sid);
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/me/sessions/:session',
    config: own,
    schema: { tags, summary: 'End one of my sessions', params: SessionParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await endOne(context, request, principalOf(request).user.id, request.params.session);
      return reply.status(204).send(null);
    },
  });
}

/** Those of others: API users for administrators, administrators for owners. */
function userSessionRoutes(app: App, context: ApiContext): void {
  const config = { access: 'admin', role: 'admin', bound: 'user' } as const;

  app.route({
    method: 'GET',
    url: '/v1/admin/users/:id/sessions',
    config,
    schema: { tags, summary: 'Where a user is logged in', params: UserParams, response: { 200: LoginSessionList } },
    handler: async (request) => listed(context, pathId('usr', request.params.id, 'user_unknown'), sessionOf(request)),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/sessions',
    config,
    schema: { tags, summary: 'End all sessions of a user', params: UserParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      await endAll(context, request, pathId('usr', request.params.id, 'user_unknown'));
      return reply.status(204).send(null);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/sessions/:session',
    config,
    schema: {
      tags,
      summary: 'End one session of a user',
      params: UserParams.extend(SessionParams.shape),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { id, session } = request.params;
      await endOne(context, request, pathId('usr', id, 'user_unknown'), session);
      return reply.status(204).send(null);
    },
  });
}

/** Newest first. */
async function listed({ gateway }: ApiContext, user: UserId, current: Session) {
  const sessions = await gateway.access.sessions.list({ user });
  const views = sessions.flatMap((one) => (one.login === null ? [] : [loginSessionView(one, one.login, current.sid)]));
  return { items: views.toSorted((a, b) => b.at.localeCompare(a.at)) };
}

async function endAll({ gateway }: ApiContext, request: FastifyRequest, user: UserId, except?: Uint8Array) {
  const ended = await gateway.access.sessions.endWhere(except === undefined ? { user } : { user, except });
  await noteEnd(gateway, request, user, { ended });
}

async function endOne({ gateway }: ApiContext, request: FastifyRequest, user: UserId, name: string) {
  const sessions = await gateway.access.sessions.list({ user });
  const session = sessions.find(({ sid }) => sessionName(sid) === name);
  if (session === undefined) throw new ApiError('session_not_found');
  await noteEnd(gateway, request, user, { ended: 1 });
  await gateway.access.sessions.end(session.sid);
}

async function noteEnd(
  { accounts, clock }: ApiContext['gateway'],
  request: FastifyRequest,
  user: UserId,
  detail: object,
) {
  const { who, address } = actorOf(request);
  const of = (await accounts.accessById(user))?.user;
  await accounts.audit({
    at: clock.now(),
    ...{ actor: who, address, account: of?.account ?? of?.scope ?? null },
    ...{ action: 'session.end', object: user, detail: { ...detail } },
  });
}
