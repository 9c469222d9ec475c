import { z } from 'zod';
import { wipe } from '../../crypto/index.ts';
import { COVER_FORM_BYTES } from '../../gateway/fax/cover.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { AddedCoverForm, CoverFormList, CoverList } from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { coverFormView, coverView, shippedCovers } from '../views/cover-view.ts';
import { accountOf, actorOf } from './account-lookup.ts';

const AccountParams = z.object({ account: z.string() });
const CoverParams = AccountParams.extend({ name: z.string() });

/** Covers: which there are, for senders; the forms of accounts, for administrators. */
export function coverRoutes(app: App, context: ApiContext): void {
  const { covers } = context.gateway;

  app.route({
    method: 'GET',
    url: '/v1/covers',
    config: { access: 'api', needs: 'send' },
    schema: {
      tags: ['faxes'],
      summary: 'Covers that a fax may name: shipped ones and own forms',
      response: { 200: CoverList },
    },
    handler: async (request) => {
      const own = await covers.list(customerOf(request).account.id);
      return { items: [...shippedCovers(), ...own.map(coverView)] };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/covers',
    config: { access: 'admin', role: 'auditor', bound: 'path' },
    schema: {
      tags: ['admin'],
      summary: 'Cover forms of an account',
      params: AccountParams,
      response: { 200: CoverFormList },
    },
    handler: async (request) => {
      const { id } = await accountOf(context, request.params.account);
      return { items: (await covers.list(id)).map(coverFormView) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/accounts/:account/covers/:name/preview',
    config: { access: 'admin', role: 'operator', bound: 'path' },
    schema: {
      tags: ['admin'],
      summary: 'The first page of a cover form, filled with a sample, as PNG',
      params: CoverParams,
      produces: ['image/png'],
    },
    handler: async (request, reply) => {
      const { id } = await accountOf(context, request.params.account);
      const png = await covers.preview(id, request.params.name);
      await sendBytes(reply, inOne(png), { 'content-type': 'image/png' });
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/accounts/:account/covers/:name',
    config: { access: 'admin', role: 'admin', bound: 'path' },
    schema: {
      tags: ['admin'],
      summary: 'Remove a cover form; faxes that were accepted with it keep it',
      params: CoverParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      const { id } = await accountOf(context, request.params.account);
      await covers.remove(id, request.params.name, actorOf(request));
      return reply.status(204).send(null);
    },
  });
}

/** Taking a form: the PDF itself is the body. */
export function coverUploadRoute(app: App, context: ApiContext): void {
  app.removeAllContentTypeParsers();
  const whole = { parseAs: 'buffer' as const, bodyLimit: COVER_FORM_BYTES };
  app.addContentTypeParser('application/pdf', whole, (_request, body, done) => done(null, body));

  app.route({
    method: 'POST',
    url: '/v1/admin/accounts/:account/covers/:name',
    config: { access: 'admin', role: 'admin', bound: 'path', upload: 'cover' },
    schema: {
      tags: ['admin'],
      summary: 'Add a cover form: a PDF with text fields, checked and drawn in the sandbox',
      params: CoverParams,
      response: { 201: AddedCoverForm },
    },
    handler: async (request, reply) => {
      const { body } = request;
      if (!(body instanceof Uint8Array)) throw new ApiError('body_invalid', 'the body of the request is the PDF');
      try {
        const { id } = await accountOf(context, request.params.account);
        const { name } = request.params;
        const { cover, preview } = await context.gateway.covers.add(id, name, body, actorOf(request));
        const answer = { ...coverFormView(cover), preview: Buffer.from(preview).toString('base64') };
        return reply.status(201).header('location', `/v1/admin/accounts/${id}/covers/${cover.name}`).send(answer);
      } finally {
        wipe(body);
      }
    },
  });
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
