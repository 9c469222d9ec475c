import { z } from 'zod';
import type { FaxNumber } from '../../gateway/fax/account.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import { parseSubaddress } from '../../gateway/fax/subaddress.ts';
import type { Actor } from '../../gateway/ports/account-records.ts';
import type { CarrierNumber } from '../../gateway/ports/carrier-adapter.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import {
  CarrierNumberList,
  HeldNumberList,
  HeldNumberQuery,
  HeldNumberView,
  NumberBody,
  NumberChange,
  NumberImport,
  NumberImportBody,
  NumberList,
  NumberView,
  SubaddressBody,
} from '../schemas/index.ts';
import { carrierNumberView, heldNumberView, numberView } from '../views/number-view.ts';
import { accountOf, actorOf, viewOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const AccountNumberParams = AccountParams.extend({ number: z.string() });
const NumberParams = z.object({ number: z.string() });
const SubaddressParams = NumberParams.extend({ subaddress: z.string() });
const CarrierParams = z.object({ carrier: z.string().max(40) });
const tags = ['admin'];

/** Numbers of one account and over all accounts: their subaddresses, and what carriers say of them. */
export function numberAdministrationRoutes(app: App, context: ApiContext): void {
  accountNumberRoutes(app, context);
  numberRoutes(app, context);
  subaddressRoutes(app, context);
  importRoutes(app, context);
}

function accountNumberRoutes(app: App, context: ApiContext): void {
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
    schema: {
      tags,
      summary: 'Take a number from an account',
      params: AccountNumberParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const account = await accountOf(context, request.params.account);
      const number = parseE164(request.params.number, '/number');
      const removed = await accounts.removeNumber(number, account.id, actorOf(request), clock.now());
      if (!removed) throw new ApiError('number_not_found');
      return reply.status(204).send(null);
    },
  });
}

function numberRoutes(app: App, { gateway: { accounts, clock } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/numbers',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Fax numbers of all accounts, with their subaddresses',
      querystring: HeldNumberQuery,
      response: { 200: HeldNumberList },
    },
    handler: async (request) => {
      const { limit } = request.query;
      const { after } = request.query;
      const from = after === undefined ? {} : { after: parseE164(after, '/after') };
      const held = await accounts.allNumbers({ limit, ...from });
      const subaddresses = await accounts.subaddresses({ numbers: held.map(({ number }) => number) });
      const next = held.length < limit ? null : (held.at(-1)?.number ?? null);
      return { items: held.map((one) => heldNumberView(one, subaddresses)), next };
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/admin/numbers/:number',
    config: { access: 'admin', role: 'admin' },
    schema: {
      tags,
      summary: 'Whether the number itself receives, or its subaddresses alone',
      params: NumberParams,
      body: NumberChange,
      response: { 200: HeldNumberView },
    },
    handler: async (request) => {
      const number = parseE164(request.params.number, '/number');
      const { subaddressOnly } = request.body;
      const known = await accounts.setSubaddressOnly(number, subaddressOnly, actorOf(request), clock.now());
      const [held] = known ? await accounts.numbersAmong([number]) : [];
      if (held === undefined) throw new ApiError('number_not_found');
      return heldNumberView(held, await accounts.subaddresses({ numbers: [number] }));
    },
  });
}

function subaddressRoutes(app: App, context: ApiContext): void {
  const { accounts, clock } = context.gateway;

  app.route({
    method: 'PUT',
    url: '/v1/admin/numbers/:number/subaddresses/:subaddress',
    config: { access: 'admin', role: 'admin' },
    schema: {
      tags,
      summary: 'Give a subaddress of a number to an account',
      params: SubaddressParams,
      body: SubaddressBody,
      response: { 201: NumberView },
    },
    handler: async (request, reply) => {
      const number = parseE164(request.params.number, '/number');
      const subaddress = parseSubaddress(request.params.subaddress);
      const { id: account } = await accountOf(context, request.body.account);
      const wish = { number, subaddress, account, label: request.body.label };
      const made = await accounts.addSubaddress(wish, actorOf(request), clock.now());
      return reply.status(201).send(numberView(made));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/numbers/:number/subaddresses/:subaddress',
    config: { access: 'admin', role: 'admin' },
    schema: {
      tags,
      summary: 'Take a subaddress from its account',
      params: SubaddressParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const number = parseE164(request.params.number, '/number');
      const subaddress = parseSubaddress(request.params.subaddress);
      const removed = await accounts.removeSubaddress(number, subaddress, actorOf(request), clock.now());
      if (!removed) throw new ApiError('subaddress_not_found');
      return reply.status(204).send(null);
    },
  });
}

function importRoutes(app: App, context: ApiContext): void {
  const { accounts } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/carriers/:carrier/numbers',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'Numbers that we have at a carrier, and who has them here',
      params: CarrierParams,
      response: { 200: CarrierNumberList },
    },
    handler: async (request) => {
      const listed = await numbersAt(context, request.params.carrier);
      const held = await accounts.numbersAmong(listed.map(({ number }) => number));
      return { items: listed.map((one) => carrierNumberView(one, held)) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/carriers/:carrier/numbers',
    config: { access: 'admin', role: 'admin' },
    schema: {
      tags,
      summary: 'Give numbers at a carrier to an account; whatever somebody has already stays as it is',
      params: CarrierParams,
      body: NumberImportBody,
      response: { 200: NumberImport },
    },
    handler: async (request) => {
      const account = await accountOf(context, request.body.account);
      const listed = await numbersAt(context, request.params.carrier);
      const wanted = chosen(listed, request.body.numbers);
      const held = await accounts.numbersAmong(wanted.map(({ number }) => number));
      const has = new Set(held.map(({ number }) => number));
      const free = wanted.filter(({ number }) => !has.has(number));
      const added: FaxNumber[] = [];
      for (const one of free) added.push(await give(context, one, account.id, actorOf(request)));
      const kept = wanted.filter(({ number }) => has.has(number));
      return { added: added.map(numberView), kept: kept.map((one) => carrierNumberView(one, held)) };
    },
  });
}

/** Longest label of a number; a carrier may have a longer one. */
const LONGEST_LABEL = 100;

function give({ gateway }: ApiContext, { number, label }: CarrierNumber, account: FaxNumber['account'], actor: Actor) {
  return gateway.accounts.addNumber(number, account, label.slice(0, LONGEST_LABEL), actor, gateway.clock.now());
}

/** The numbers at a carrier. @throws ApiError carrier_unknown, numbers_unlisted, carrier_failed */
async function numbersAt({ gateway }: ApiContext, carrier: string): Promise<readonly CarrierNumber[]> {
  const told = await gateway.carriers.numbers(carrier);
  if (told === 'unknown') throw new ApiError('carrier_unknown');
  if (told === 'unlisted') throw new ApiError('numbers_unlisted');
  if (!told.ok) throw new ApiError('carrier_failed', told.detail);
  return told.numbers;
}

/** Those of `listed` that were asked for; all when nothing was. @throws ApiError number_not_found */
function chosen(listed: readonly CarrierNumber[], wish: readonly string[] | undefined): readonly CarrierNumber[] {
  if (wish === undefined) return listed;
  const asked = new Set<E164>(wish.map((text, index) => parseE164(text, `/numbers/${index}`)));
  const found = listed.filter(({ number }) => asked.has(number));
  if (found.length < asked.size)
    throw new ApiError('number_not_found', 'the carrier does not list all of these numbers');
  return found;
}
