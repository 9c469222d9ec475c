import { z } from 'zod';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import {
  CarrierHealthList,
  type CarrierHealthView,
  CarrierHistoryView,
  LessonsParams,
  LessonsView,
  PauseBody,
} from '../schemas/index.ts';
import { isoTimeOrNull } from '../schemas/shape.ts';
import { breakerChangeView, carrierHealthView } from '../views/carrier-health-view.ts';
import { actorOf } from './account-lookup.ts';

const CarrierParams = z.object({ carrier: z.string().max(40) });
const tags = ['admin'];

/** How well carriers work, their breakers, and what calls have taught about numbers. */
export function carrierHealthRoutes(app: App, context: ApiContext): void {
  breakerRoutes(app, context);
  lessonRoutes(app, context);
}

function breakerRoutes(app: App, { gateway: { carriers, health } }: ApiContext): void {
  const views = async (): Promise<CarrierHealthView[]> => {
    const [all, loads] = await Promise.all([health.list(), carriers.list()]);
    return all.map((one) =>
      carrierHealthView(one, loads.find(({ name }) => name === one.breaker.carrier)?.paused ?? null),
    );
  };
  const history = async (carrier: string): Promise<CarrierHistoryView> => {
    const changes = await health.changes(carrier);
    const view = (await views()).find(({ name }) => name === carrier);
    if (changes === undefined || view === undefined) throw new ApiError('carrier_unknown');
    return { ...view, changes: changes.map(breakerChangeView) };
  };

  app.route({
    method: 'GET',
    url: '/v1/admin/carriers/health',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'How well carriers work: rates of their last calls, and their breakers',
      response: { 200: CarrierHealthList },
    },
    handler: async () => ({ items: await views() }),
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/carriers/:carrier/health',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'How well a carrier works, and the last changes of its breaker',
      params: CarrierParams,
      response: { 200: CarrierHistoryView },
    },
    handler: (request) => history(request.params.carrier),
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/carriers/:carrier/reset',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'Close the breaker of a carrier: it gets calls at once; a pause stays',
      params: CarrierParams,
      body: PauseBody,
      response: { 200: CarrierHistoryView },
    },
    handler: async (request) => {
      const { carrier } = request.params;
      if (!(await health.reset(carrier, request.body.reason, actorOf(request)))) throw new ApiError('carrier_unknown');
      return history(carrier);
    },
  });
}

function lessonRoutes(app: App, { gateway: { lessons } }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/lessons/:number',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'What calls have taught about a number',
      params: LessonsParams,
      response: { 200: LessonsView },
    },
    handler: async (request) => {
      const number = parseE164(request.params.number, '/number');
      const known = await lessons.about(number);
      return {
        number,
        lessons: [...(known?.sentences ?? [])],
        expiresAt: isoTimeOrNull(known?.expiresAt ?? null),
      };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/admin/lessons/:number',
    config: { access: 'admin', role: 'operator' },
    schema: {
      tags,
      summary: 'Forget what calls have taught about a number',
      params: LessonsParams,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      await lessons.forget(parseE164(request.params.number, '/number'), actorOf(request));
      return reply.status(204).send(null);
    },
  });
}
