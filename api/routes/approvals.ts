import { z } from 'zod';
import { type Place, parsePlace } from '../../gateway/fax/destination.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { PlaceState } from '../../gateway/gateway.ts';
import type { Actor } from '../../gateway/ports/account-records.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import {
  DecisionBody,
  DestinationLookView,
  LookQuery,
  PlaceList,
  PlaceView,
  WaitingPlaceList,
} from '../schemas/index.ts';
import { placeView, waitingPlaceView } from '../views/approval-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const PlaceParams = AccountParams.extend({ place: z.string().max(8) });
const tags = ['admin'];

/** Countries that accounts may call, and the faxes that wait for an approval. */
export function approvalRoutes(app: App, context: ApiContext): void {
  const { approvals } = context.gateway;
  /** @throws ApiError account_unknown, place_unknown */
  const decide = async (
    name: string,
    text: string,
    decision: 'approved' | 'denied' | null,
    actor: Actor,
  ): Promise<PlaceView> => {
    const { id } = await accountOf(context, name);
    const place = parsePlace(text);
    if (place === undefined || !(await approvals.decide(id, place, decision, actor)))
      throw new ApiError('place_unknown');
    const state = (await approvals.list(id)).find((one) => one.place === place);
    return placeView(state ?? undecided(place));
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/destinations',
    config: { access: 'admin', role: 'auditor' },
    schema: { tags, summary: 'Countries that held faxes of any account wait for', response: { 200: WaitingPlaceList } },
    handler: async () => ({ items: (await approvals.waiting()).map(waitingPlaceView) }),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/destinations/look',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Where a number is, what it is, and whether it may be called: at all, or by an account',
      querystring: LookQuery,
      response: { 200: DestinationLookView },
    },
    handler: async (request) => {
      const number = parseE164(request.query.number, '/number');
      const { account } = request.query;
      const look = await approvals.look(number, account === undefined ? null : await accountOf(context, account));
      return { number, ...look };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/destinations',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: {
      tags,
      summary: 'Countries that an account may call, may not call, or waits for',
      params: AccountParams,
      response: { 200: PlaceList },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return { items: (await approvals.list(id)).map(placeView) };
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/admin/accounts/:account/destinations/:place',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'Allow or deny a country to an account; its held faxes go on, or fail',
      params: PlaceParams,
      body: DecisionBody,
      response: { 200: PlaceView },
    },
    handler: async (request) => {
      const { account, place } = request.params;
      return decide(account, place, request.body.decision, actorOf(request));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/accounts/:account/destinations/:place',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'Take a decision back: the next faxes to the country wait again',
      params: PlaceParams,
      response: { 200: PlaceView },
    },
    handler: async (request) => {
      const { account, place } = request.params;
      return decide(account, place, null, actorOf(request));
    },
  });
}

function undecided(place: Place): PlaceState {
  return { place, state: 'waiting', waiting: 0, until: null, decided: null };
}
