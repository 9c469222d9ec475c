import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Fax } from '../../gateway/fax/fax.ts';
import { explainFax } from '../../gateway/fax/why.ts';
import { type App, boundTo, principalOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { maskedText, masksNumbers } from '../masking.ts';
import { WhyView } from '../schemas/index.ts';
import { whyView } from '../views/why-view.ts';
import { viewOf } from './account-lookup.ts';
import { faxOf } from './fax-lookup.ts';

const Params = z.object({ id: z.string() });

/** Why did this fax fail? In plain words, from the causes and ladders of its calls. */
export function whyRoutes(app: App, context: ApiContext): void {
  const answer = async (request: FastifyRequest, fax: Fax, words?: (text: string) => string) =>
    whyView(fax, explainFax(fax, await viewOf(context, request).faxes.callRecords(fax.id)), words);

  app.route({
    method: 'GET',
    url: '/v1/faxes/:id/why',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags: ['faxes'],
      summary: 'Why it stands or ended as it did, in plain words, and what to do',
      params: Params,
      response: { 200: WhyView },
    },
    handler: async (request) => answer(request, await faxOf(context, request, request.params.id)),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/faxes/:id/why',
    config: { access: 'admin', role: 'auditor', bound: 'own' },
    schema: {
      tags: ['admin'],
      summary: 'Why a fax of any account stands or ended as it did',
      params: Params,
      response: { 200: WhyView },
    },
    handler: async (request) => {
      const { faxes } = viewOf(context, request);
      const fax = await faxes.fax(pathId('fax', request.params.id, 'fax_not_found'), boundTo(request) ?? undefined);
      if (fax === undefined) throw new ApiError('fax_not_found');
      return answer(request, fax, masksNumbers(principalOf(request).user.role) ? maskedText : undefined);
    },
  });
}
