import { z } from 'zod';
import type { CarrierStatus } from '../../gateway/gateway.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { AccountView, CarrierList, CarrierView, PauseBody } from '../schemas/index.ts';
import { accountView } from '../views/account-view.ts';
import { carrierView } from '../views/carrier-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const CarrierParams = z.object({ carrier: z.string().max(40) });
const AccountParams = z.object({ account: z.string() });
const tags = ['admin'];

/** Stopping a carrier or an account for a while, and how busy carriers are. */
export function pauseRoutes(app: App, context: ApiContext): void {
  carrierRoutes(app, context);
  accountPauseRoutes(app, context);
}

function carrierRoutes(app: App, { gateway: { carriers } }: ApiContext): void {
  const found = async (name: string, known: boolean): Promise<CarrierStatus> => {
    const carrier = known ? (await carriers.list()).find((one) => one.name === name) : undefined;
    if (carrier === undefined) throw new ApiError('carrier_unknown');
    return carrier;
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/carriers',
    config: { access: 'admin', role: 'auditor' },
    schema: { tags, summary: 'Carriers: their load, limits and pauses', response: { 200: CarrierList } },
    handler: async () => ({ items: (await carriers.list()).map(carrierView) }),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/carriers/:carrier/pause',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'No new calls over a carrier; live ones go on, faxes are accepted and wait',
      params: CarrierParams,
      body: PauseBody,
      response: { 200: CarrierView },
    },
    handler: async (request) => {
      const { carrier } = request.params;
      const known = await carriers.pause(carrier, request.body.reason, actorOf(request));
      return carrierView(await found(carrier, known));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/carriers/:carrier/resume',
    config: { access: 'admin', role: 'operator' },
    schema: { tags, summary: 'End the pause of a carrier', params: CarrierParams, response: { 200: CarrierView } },
    handler: async (request) => {
      const { carrier } = request.params;
      return carrierView(await found(carrier, await carriers.resume(carrier, actorOf(request))));
    },
  });
}

function accountPauseRoutes(app: App, context: ApiContext): void {
  const { access } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/pause',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'No new faxes and calls of an account; live calls go on, queued faxes wait',
      params: AccountParams,
      body: PauseBody,
      response: { 200: AccountView },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      const change = { paused: true, pausedReason: request.body.reason };
      return accountView(await access.changeAccount(id, change, actorOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/resume',
    config: { access: 'admin', role: 'operator' },
    schema: { tags, summary: 'End the pause of an account', params: AccountParams, response: { 200: AccountView } },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return accountView(await access.changeAccount(id, { paused: false }, actorOf(request)));
    },
  });
}
