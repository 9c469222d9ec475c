import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Fax } from '../../gateway/fax/fax.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { SubmitAnswer } from '../../gateway/gateway.ts';
import type { Channels } from '../../gateway/ports/carrier-records.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { pathId } from '../fields.ts';
import {
  CallList,
  CancelView,
  FaxFilter,
  FaxList,
  FaxView,
  PageList,
  PreviewQuery,
  ReceiptView,
  ResendBody,
} from '../schemas/index.ts';
import { accept } from '../submit/accept.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { callView, faxView } from '../views/fax-view.ts';
import { actorOf, viewOf } from './account-lookup.ts';
import { notePreview } from './audit-entry.ts';
import { assertResent, canceled, faxQuery, pagesOf, receiptOf } from './fax-answers.ts';
import { faxOf, pageNumber } from './fax-lookup.ts';

const Params = z.object({ id: z.string() });
const PageParams = Params.extend({ page: z.string() });
const tags = ['faxes'];

/** Sending: submit, follow, cancel, resend, preview. */
export function faxRoutes(app: App, context: ApiContext): void {
  submitRoutes(app, context);
  readingRoutes(app, context);
  wishRoutes(app, context);
  imageRoutes(app, context);
}

/** A fax by itself says whether it has to wait for a channel. */
async function faxWithChannels(context: ApiContext, request: FastifyRequest, fax: Fax): Promise<FaxView> {
  if (fax.direction === 'inbound') return faxView(fax);
  return { ...faxView(fax), channels: await viewOf(context, request).carriers.channels(fax.account) };
}

/** The fax as it was accepted, or as it is now when the request came again. */
export async function acceptedFax(
  context: ApiContext,
  request: FastifyRequest,
  { faxes: [id], accepted }: SubmitAnswer,
  account: AccountId,
): Promise<{ readonly fax: Fax; readonly channels: Channels }> {
  if (accepted !== undefined) return { fax: accepted.first, channels: accepted.channels };
  const { faxes, carriers } = viewOf(context, request);
  const fax = id === undefined ? undefined : await faxes.fax(id, account);
  if (fax === undefined) throw new Error('an accepted fax is missing');
  return { fax, channels: await carriers.channels(account) };
}

function submitRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'POST',
    url: '/v1/faxes',
    config: { access: 'api', needs: 'send', upload: 'fax' },
    schema: { tags, summary: 'Send a document to one number', response: { 202: FaxView } },
    handler: async (request, reply) => {
      const answer = await accept(context, request, 'fax');
      const { fax, channels } = await acceptedFax(context, request, answer, customerOf(request).account.id);
      const view = { ...faxView(fax), channels };
      if (answer.replayed) reply.header('idempotency-replayed', 'true');
      return reply.status(202).header('location', `/v1/faxes/${view.id}`).send(view);
    },
  });
}

function readingRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/faxes',
    config: { access: 'api', needs: 'read' },
    schema: { tags, summary: 'Faxes, newest first', querystring: FaxFilter, response: { 200: FaxList } },
    handler: async (request) => {
      const query = faxQuery(request.query, customerOf(request).account.id);
      const page = await viewOf(context, request).faxes.faxes(query);
      return { items: page.items.map(faxView), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id',
    config: { access: 'api', needs: 'read' },
    schema: { tags, summary: 'One fax', params: Params, response: { 200: FaxView } },
    handler: async (request) => faxWithChannels(context, request, await faxOf(context, request, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id/pages',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'Geometry, marks and legibility warnings of its pages',
      params: Params,
      response: { 200: PageList },
    },
    handler: async (request) => pagesOf(context, request, await faxOf(context, request, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id/calls',
    config: { access: 'api', needs: 'read' },
    schema: { tags, summary: 'Its calls so far', params: Params, response: { 200: CallList } },
    handler: async (request) => {
      const fax = await faxOf(context, request, request.params.id);
      return { items: (await viewOf(context, request).faxes.calls(fax.id)).map(callView) };
    },
  });
}

function wishRoutes(app: App, context: ApiContext): void {
  const { gateway } = context;

  app.route({
    method: 'POST',
    url: '/v1/faxes/:id/cancel',
    config: { access: 'api', needs: 'send' },
    schema: { tags, summary: 'Cancel: now, or by ending its call', params: Params, response: { 200: CancelView } },
    handler: async (request) => {
      const id = pathId('fax', request.params.id, 'fax_not_found');
      return canceled(await gateway.wishes.cancel(id, customerOf(request).account.id, actorOf(request)));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/faxes/:id/resend',
    config: { access: 'api', needs: 'send' },
    schema: {
      tags,
      summary: 'Decide an uncertain fax: send the rest or all of it again, while its image exists',
      params: Params,
      body: ResendBody,
      response: { 200: FaxView },
    },
    handler: async (request) => {
      const id = pathId('fax', request.params.id, 'fax_not_found');
      assertResent(
        await gateway.wishes.resend(id, customerOf(request).account.id, request.body.mode, actorOf(request)),
      );
      return faxView(await faxOf(context, request, id));
    },
  });
}

function imageRoutes(app: App, context: ApiContext): void {
  const { gateway } = context;

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id/preview/:page',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'The page exactly as it is sent, as PNG',
      description:
        'From the end of the rendering until the wipe, so also before the first call. The field Page-Mark holds the ' +
        'mark of the page, as the list of pages and the sent page have it.',
      params: PageParams,
      querystring: PreviewQuery,
      produces: ['image/png'],
    },
    handler: async (request, reply) => {
      const fax = await faxOf(context, request, request.params.id);
      const number = pageNumber(request.params.page);
      const page = (await viewOf(context, request).faxes.pages(fax.id)).find((one) => one.number === number);
      const mark = page === undefined ? {} : { 'page-mark': page.mark };
      await notePreview(context, request, fax, number);
      await sendBytes(reply, gateway.images.page(fax, number, request.query.pixels), {
        'content-type': 'image/png',
        ...mark,
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id/receipt',
    config: { access: 'api', needs: 'read' },
    schema: { tags, summary: 'Its signed wipe receipts', params: Params, response: { 200: ReceiptView } },
    handler: async (request) => receiptOf(context, request, await faxOf(context, request, request.params.id)),
  });
}
