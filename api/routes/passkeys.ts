import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Passkey } from '../../gateway/fax/account.ts';
import { type App, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { checkOwnWayIn } from '../plugins/step-up.ts';
import { PasskeyBody, PasskeyChange, PasskeyList, PasskeyOptions, PasskeyView } from '../schemas/index.ts';
import { isoTime, isoTimeOrNull } from '../schemas/shape.ts';
import { actorOf } from './account-lookup.ts';

const tags = ['admin'];
const Own = z.object({ passkey: z.string() });
const OfUser = z.object({ id: z.string() });

/** Passkeys (WebAuthn) of administrators: one's own, and for owners those of everybody. API users have none. */
export function passkeyRoutes(app: App, context: ApiContext): void {
  ownRoutes(app, context);
  ownerRoutes(app, context);
}

function ownRoutes(app: App, { gateway }: ApiContext): void {
  const { passkeys } = gateway.access;
  const own = { access: 'admin', role: 'auditor', bound: 'own' } as const;

  const optionsFor = async (request: FastifyRequest): Promise<PasskeyOptions> => {
    const { algorithms, known, ...rest } = await passkeys.options(principalOf(request));
    const copies = known.map(({ transports, ...one }) => ({ ...one, transports: [...transports] }));
    return { ...rest, algorithms: [...algorithms], known: copies };
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/me/passkeys/options',
    config: own,
    schema: {
      tags,
      summary: 'What a browser needs to answer with a passkey in this session',
      response: { 200: PasskeyOptions },
    },
    handler: optionsFor,
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/me/passkeys/options',
    // Before the browser makes one, so that none is left in its keeper that the gateway does not take.
    config: { ...own, stepUp: 'again' },
    schema: {
      tags,
      summary: 'What a browser needs to make a passkey; asks who is there first',
      response: { 200: PasskeyOptions },
    },
    handler: async (request) => {
      checkOwnWayIn(principalOf(request));
      return optionsFor(request);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/me/passkeys',
    config: own,
    schema: { tags, summary: 'Your own passkeys', response: { 200: PasskeyList } },
    handler: async (request) => ({ items: (await passkeys.list(principalOf(request).user.id)).map(passkeyView) }),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/me/passkeys',
    config: { ...own, stepUp: true },
    schema: {
      tags,
      summary: 'Register a passkey of your own: from now on it opens the console without password and code',
      body: PasskeyBody,
      response: { 201: PasskeyView },
    },
    handler: async (request, reply) => {
      checkOwnWayIn(principalOf(request));
      const { name, ...registration } = request.body;
      const made = await passkeys.add(principalOf(request), name, registration, actorOf(request));
      return reply.status(201).send(passkeyView(made));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/admin/me/passkeys/:passkey',
    config: own,
    schema: {
      tags,
      summary: 'Give a passkey of your own another name',
      params: Own,
      body: PasskeyChange,
      response: { 200: PasskeyView },
    },
    handler: async (request) => {
      const id = pathId('pky', request.params.passkey, 'passkey_unknown');
      const { user } = principalOf(request);
      return passkeyView(await passkeys.rename(user.id, id, request.body.name, actorOf(request)));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/me/passkeys/:passkey',
    config: { ...own, stepUp: 'again' },
    schema: {
      tags,
      summary: 'Remove a passkey of your own; sessions that were opened with it end',
      params: Own,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const id = pathId('pky', request.params.passkey, 'passkey_unknown');
      await passkeys.remove(principalOf(request).user.id, id, actorOf(request));
      return reply.status(204).send(null);
    },
  });
}

function ownerRoutes(app: App, { gateway }: ApiContext): void {
  const { accounts, access } = gateway;
  const holder = async (text: string) => {
    const id = pathId('usr', text, 'user_unknown');
    if ((await accounts.accessById(id)) === undefined) throw new ApiError('user_unknown');
    return id;
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/users/:id/passkeys',
    config: { access: 'admin', role: 'owner' },
    schema: { tags, summary: 'Passkeys of an administrator', params: OfUser, response: { 200: PasskeyList } },
    handler: async (request) => {
      const user = await holder(request.params.id);
      return { items: (await access.passkeys.list(user)).map(passkeyView) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/users/:id/passkeys/:passkey',
    config: { access: 'admin', role: 'owner', stepUp: true },
    schema: {
      tags,
      summary: 'Remove a passkey of an administrator; sessions that were opened with it end',
      params: OfUser.extend(Own.shape),
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const user = await holder(request.params.id);
      const id = pathId('pky', request.params.passkey, 'passkey_unknown');
      await access.passkeys.remove(user, id, actorOf(request));
      return reply.status(204).send(null);
    },
  });
}

function passkeyView({ createdAt, usedAt, ...passkey }: Passkey): PasskeyView {
  return { ...passkey, createdAt: isoTime(createdAt), usedAt: isoTimeOrNull(usedAt) };
}
