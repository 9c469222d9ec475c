import { z } from 'zod';
import type { CallLadder } from '../../gateway/fax/ladder.ts';
import type { CallRecord } from '../../gateway/ports/fax-records.ts';
import { type App, customerOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { EndedCallView } from '../schemas/index.ts';
import { sendBytes } from '../transport/outgoing.ts';
import { cdrView } from '../views/cdr-view.ts';
import { ladderSvg } from '../views/ladder-svg.ts';
import { viewOf } from './account-lookup.ts';

const tags = ['CDRs'];
const Params = z.object({ id: z.string() });

/** One call that has ended: what was said on the line, step by step, for whoever asks why a fax failed. */
export function callRoutes(app: App, context: ApiContext): void {
  const callOf = async (request: Parameters<typeof customerOf>[0], id: string): Promise<CallRecord> => {
    const { account } = customerOf(request);
    const call = await viewOf(context, request).faxes.callRecord(pathId('call', id, 'call_not_found'), account.id);
    if (call === undefined) throw new ApiError('call_not_found');
    return call;
  };

  app.route({
    method: 'GET',
    url: '/v1/calls/:id',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'A call that has ended, with its ladder',
      params: Params,
      response: { 200: EndedCallView },
    },
    handler: async (request) => {
      const { cdr, ladder } = await callOf(request, request.params.id);
      return { ...cdrView(cdr), ladder: ladder === null ? null : { ...ladder, steps: [...ladder.steps] } };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/calls/:id/ladder.svg',
    config: { access: 'api', needs: 'read' },
    schema: {
      tags,
      summary: 'The ladder of a call as a sequence diagram',
      params: Params,
      produces: ['image/svg+xml'],
    },
    handler: async (request, reply) => {
      const { ladder } = await callOf(request, request.params.id);
      if (ladder === null) throw new ApiError('ladder_not_found');
      await sendBytes(reply, diagram(ladder), {
        'content-type': 'image/svg+xml; charset=utf-8',
        // A diagram opened by itself may do nothing but be looked at.
        'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      });
    },
  });
}

async function* diagram(ladder: CallLadder): AsyncGenerator<Uint8Array> {
  yield Buffer.from(ladderSvg(ladder));
}
