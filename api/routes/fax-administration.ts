import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Fax } from '../../gateway/fax/fax.ts';
import { type App, boundTo, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId, queryId } from '../fields.ts';
import { masksNumbers, numbersFor } from '../masking.ts';
import {
  AdminFaxFilter,
  AdminFaxList,
  AdminFaxView,
  CallList,
  CancelView,
  EndedCallView,
  FaxProgressView,
  LiveQuery,
  LiveView,
  PageList,
  PreviewQuery,
  ReceiptView,
  ResendBody,
  Watch,
} from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { cdrView, maskedCdr } from '../views/cdr-view.ts';
import { adminFaxView, callView, liveCallView, maskedFax } from '../views/fax-view.ts';
import { actorOf, viewOf } from './account-lookup.ts';
import { notePreview } from './audit-entry.ts';
import { assertResent, canceled, faxQuery, pagesOf, receiptOf } from './fax-answers.ts';
import { pageNumber } from './fax-lookup.ts';
import { watched } from './watching.ts';

const Params = z.object({ id: z.string() });
const PageParams = Params.extend({ page: z.string() });
const tags = ['admin'];

/** Faxes and calls of all accounts: looking after them, and ending or repeating them where the account cannot. */
export function faxAdministrationRoutes(app: App, context: ApiContext): void {
  readingRoutes(app, context);
  pageRoutes(app, context);
  wishRoutes(app, context);
  callRoutes(app, context);
}

/** A fax of the accounts that the caller is for. @throws ApiError fax_not_found */
async function faxOf(context: ApiContext, request: FastifyRequest, id: string): Promise<Fax> {
  const fax = await viewOf(context, request).faxes.fax(
    pathId('fax', id, 'fax_not_found'),
    boundTo(request) ?? undefined,
  );
  if (fax === undefined) throw new ApiError('fax_not_found');
  return fax;
}

/** A fax as its reader may see it. */
function viewFor(request: FastifyRequest): (fax: Fax) => AdminFaxView {
  const masked = masksNumbers(principalOf(request).user.role);
  return (fax) => (masked ? maskedFax(adminFaxView(fax)) : adminFaxView(fax));
}

function readingRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/faxes',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Faxes of all accounts, or of one, newest first',
      querystring: AdminFaxFilter,
      response: { 200: AdminFaxList },
    },
    handler: async (request) => {
      const account = queryId('acc', request.query.account, '/account');
      const page = await viewOf(context, request).faxes.faxes(faxQuery(request.query, account));
      return { items: page.items.map(viewFor(request)), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'One fax of any account', params: Params, response: { 200: AdminFaxView } },
    handler: async (request) => {
      const fax = await faxOf(context, request, request.params.id);
      const view = viewFor(request)(fax);
      return fax.direction === 'inbound'
        ? view
        : { ...view, channels: await viewOf(context, request).carriers.channels(fax.account) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/calls',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'The calls of a fax so far', params: Params, response: { 200: CallList } },
    handler: async (request) => {
      const fax = await faxOf(context, request, request.params.id);
      return { items: (await viewOf(context, request).faxes.calls(fax.id)).map(callView) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/progress',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: {
      tags,
      summary: 'A fax and its calls, page by page',
      description: 'With `wait`, as soon as it is something else than what `seen` names.',
      params: Params,
      querystring: Watch,
      response: { 200: FaxProgressView },
    },
    handler: async (request, reply) => {
      const { id, account } = await faxOf(context, request, request.params.id);
      const { faxes } = viewOf(context, request);
      return watched(context, { request, reply }, request.query, account, async () => {
        const [fax, calls] = await Promise.all([faxOf(context, request, id), faxes.calls(id)]);
        return { fax: viewFor(request)(fax), calls: calls.map(callView) };
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/receipt',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: { tags, summary: 'The signed wipe receipts of a fax', params: Params, response: { 200: ReceiptView } },
    handler: async (request) => receiptOf(context, request, await faxOf(context, request, request.params.id)),
  });
}

/** What is on the pages is the customer's: whoever looks at one is named in the audit log. */
function pageRoutes(app: App, context: ApiContext): void {
  const { images } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/pages',
    config: { access: 'admin', role: 'operator', bound: 'own' },
    schema: {
      tags,
      summary: 'Geometry, marks and legibility warnings of the pages of a fax',
      params: Params,
      response: { 200: PageList },
    },
    handler: async (request) => pagesOf(context, request, await faxOf(context, request, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/preview/:page',
    config: { access: 'admin', role: 'operator', bound: 'own' },
    schema: {
      tags,
      summary: 'A page exactly as it is sent, as PNG; the audit log names who has looked at it',
      params: PageParams,
      querystring: PreviewQuery,
      produces: ['image/png'],
    },
    handler: async (request, reply) => {
      const fax = await faxOf(context, request, request.params.id);
      const page = pageNumber(request.params.page);
      await notePreview(context, request, fax, page);
      await sendBytes(reply, images.page(fax, page, request.query.pixels), { 'content-type': 'image/png' });
    },
  });
}

function wishRoutes(app: App, context: ApiContext): void {
  const { wishes, approvals } = context.gateway;

  app.route({
    method: 'POST',
    url: '/v1/admin/faxes/:id/release',
    config: { access: 'admin', role: 'operator', bound: 'own' },
    schema: {
      tags,
      summary: 'Let a fax go that was sent with `review`: somebody has looked at its pages',
      params: Params,
      response: { 200: AdminFaxView },
    },
    handler: async (request) => {
      const fax = await faxOf(context, request, request.params.id);
      const result = await approvals.release(fax, actorOf(request));
      if (result === 'state_conflict') throw new ApiError('state_conflict', 'the fax does not wait to be looked at');
      return viewFor(request)(await faxOf(context, request, fax.id));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/faxes/:id/cancel',
    config: { access: 'admin', role: 'operator', bound: 'own' },
    schema: {
      tags,
      summary: 'Cancel a fax of any account: now, or by ending its call',
      params: Params,
      response: { 200: CancelView },
    },
    handler: async (request) => {
      const { id, account } = await faxOf(context, request, request.params.id);
      return canceled(await wishes.cancel(id, account, actorOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/faxes/:id/resend',
    config: { access: 'admin', role: 'operator', bound: 'own' },
    schema: {
      tags,
      summary: 'Decide an uncertain fax of any account: send the rest or all of it again, while its image exists',
      params: Params,
      body: ResendBody,
      response: { 200: AdminFaxView },
    },
    handler: async (request) => {
      const { id, account } = await faxOf(context, request, request.params.id);
      assertResent(await wishes.resend(id, account, request.body.mode, actorOf(request)));
      return viewFor(request)(await faxOf(context, request, id));
    },
  });
}

function callRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/calls/live',
    config: { access: 'admin', role: 'auditor', bound: 'query' },
    schema: {
      tags,
      summary: 'Calls in progress, page by page, and the faxes that wait, of all accounts or of one',
      description: 'With `wait`, as soon as it is something else than what `seen` names.',
      querystring: LiveQuery,
      response: { 200: LiveView },
    },
    handler: async (request, reply) => {
      const { limit, account } = request.query;
      const whose = queryId('acc', account, '/account');
      const shown = numbersFor(request);
      const { faxes: own } = viewOf(context, request);
      return watched(context, { request, reply }, request.query, whose, async () => {
        const { calls, liveCalls, faxes: states } = await own.live(limit, whose);
        return { calls: calls.map((call) => liveCallView(call, shown)), liveCalls, faxes: states };
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/calls/:id',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: {
      tags,
      summary: 'A call of any account that has ended, with its ladder',
      params: Params,
      response: { 200: EndedCallView },
    },
    handler: async (request) => {
      const id = pathId('call', request.params.id, 'call_not_found');
      const call = await viewOf(context, request).faxes.callRecord(id, boundTo(request) ?? undefined);
      if (call === undefined) throw new ApiError('call_not_found');
      const { cdr, ladder } = call;
      const masked = masksNumbers(principalOf(request).user.role);
      const view = cdrView(masked ? maskedCdr(cdr) : cdr);
      return { ...view, ladder: ladder === null ? null : { ...ladder, steps: [...ladder.steps] } };
    },
  });
}
