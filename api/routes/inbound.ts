import { z } from 'zod';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { DocumentQuery, FaxList, FaxView, InboundFilter, LeaseBody, PageList, PageQuery } from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { faxView } from '../views/fax-view.ts';
import { viewOf } from './account-lookup.ts';
import { noteFetch, notePreview } from './audit-entry.ts';
import { faxQuery, pagesOf } from './fax-answers.ts';
import { faxOf, pageNumber } from './fax-lookup.ts';

const Params = z.object({ id: z.string() });
const PageParams = Params.extend({ page: z.string() });
const tags = ['inbound'];

/** Receiving without an inbound port: lease the next fax, fetch it, acknowledge it. Acknowledging wipes. */
export function inboundRoutes(app: App, context: ApiContext): void {
  readingRoutes(app, context);
  handOverRoutes(app, context);
  imageRoutes(app, context);
}

function readingRoutes(app: App, context: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/inbound',
    config: { access: 'api', needs: 'inbound' },
    schema: { tags, summary: 'Received faxes, newest first', querystring: InboundFilter, response: { 200: FaxList } },
    handler: async (request) => {
      const query = faxQuery(request.query, customerOf(request).account.id);
      const page = await viewOf(context, request).faxes.faxes({ ...query, direction: 'inbound' });
      return { items: page.items.map(faxView), next: page.next };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/inbound/:id',
    config: { access: 'api', needs: 'inbound' },
    schema: { tags, summary: 'One received fax', params: Params, response: { 200: FaxView } },
    handler: async (request) => faxView(await faxOf(context, request, request.params.id, 'inbound')),
  });

  app.route({
    method: 'GET',
    url: '/v1/inbound/:id/pages',
    config: { access: 'api', needs: 'inbound' },
    schema: { tags, summary: 'Geometry of its pages', params: Params, response: { 200: PageList } },
    handler: async (request) => pagesOf(context, request, await faxOf(context, request, request.params.id, 'inbound')),
  });
}

function handOverRoutes(app: App, context: ApiContext): void {
  const { gateway } = context;

  app.route({
    method: 'POST',
    url: '/v1/inbound/next',
    config: { access: 'api', needs: 'inbound' },
    schema: {
      tags,
      summary: 'Lease the oldest fax that nobody has taken; 204 when there is none',
      body: LeaseBody,
      response: { 200: FaxView, 204: z.null() },
    },
    handler: async (request, reply) => {
      const { account, user } = customerOf(request);
      const now = gateway.clock.now();
      const fax = await viewOf(context, request).faxes.leaseNext(account.id, user.id, request.body.seconds, now);
      return fax === undefined ? reply.status(204).send(null) : reply.status(200).send(faxView(fax));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/inbound/:id/acknowledge',
    config: { access: 'api', needs: 'inbound' },
    schema: {
      tags,
      summary: 'The fax is safe with the caller: wipe it here',
      params: Params,
      response: { 200: FaxView },
    },
    handler: async (request) => {
      const { account, user } = customerOf(request);
      const id = pathId('fax', request.params.id, 'fax_not_found');
      const result = await gateway.wishes.acknowledge(id, account.id, user.id);
      if (result === 'unknown') throw new ApiError('fax_not_found');
      if (result === 'lease_held') throw new ApiError('lease_held');
      if (result === 'state_conflict') throw new ApiError('state_conflict', 'only a received fax can be acknowledged');
      return faxView(await faxOf(context, request, id, 'inbound'));
    },
  });
}

function imageRoutes(app: App, context: ApiContext): void {
  const { gateway } = context;

  app.route({
    method: 'GET',
    url: '/v1/inbound/:id/document',
    config: { access: 'api', needs: 'inbound' },
    schema: {
      tags,
      summary: 'All its pages as PDF or TIFF-F',
      params: Params,
      querystring: DocumentQuery,
      produces: ['application/pdf', 'image/tiff'],
    },
    handler: async (request, reply) => {
      const fax = await faxOf(context, request, request.params.id, 'inbound');
      const { format } = request.query;
      const type = format === 'pdf' ? 'application/pdf' : 'image/tiff';
      const name = `attachment; filename="${fax.id}.${format === 'pdf' ? 'pdf' : 'tif'}"`;
      const headers = { 'content-type': type, 'content-disposition': name };
      await noteFetch(context, request, fax, format);
      await sendBytes(reply, gateway.images.document(fax, format), headers);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/inbound/:id/pages/:page',
    config: { access: 'api', needs: 'inbound' },
    schema: {
      tags,
      summary: 'One page as PNG',
      params: PageParams,
      querystring: PageQuery,
      produces: ['image/png'],
    },
    handler: async (request, reply) => {
      const fax = await faxOf(context, request, request.params.id, 'inbound');
      const page = pageNumber(request.params.page);
      await notePreview(context, request, fax, page);
      const source = gateway.images.page(fax, page, request.query.pixels);
      await sendBytes(reply, source, { 'content-type': 'image/png' });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/inbound/:id/sealed/:page',
    config: { access: 'api', needs: 'inbound' },
    schema: {
      tags,
      summary: 'The ciphertext of one page, for sealed inbound: the account’s own key opens it',
      params: PageParams,
      produces: ['application/octet-stream'],
    },
    handler: async (request, reply) => {
      const fax = await faxOf(context, request, request.params.id, 'inbound');
      const page = pageNumber(request.params.page);
      await noteFetch(context, request, fax, 'sealed', page);
      const source = gateway.images.sealedPage(fax, page);
      await sendBytes(reply, source, { 'content-type': 'application/octet-stream' });
    },
  });
}
