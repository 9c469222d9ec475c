import { z } from 'zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { pathId } from '../fields.ts';
import { ConnectionView } from '../schemas/index.ts';

/** What connection strings of administrators have in the place of an account. */
const ADMINISTRATORS = 'admin';

/** Connection strings, as often as somebody asks for one: they hold no secret. */
export function connectionRoutes(app: App, { gateway: { accounts, keys }, settings }: ApiContext): void {
  app.route({
    method: 'GET',
    url: '/v1/admin/users/:id/connection',
    config: { access: 'admin', role: 'operator', bound: 'user' },
    schema: {
      tags: ['admin'],
      summary: 'The connection string of a user, without its secret; with the pins that hold now',
      params: z.object({ id: z.string() }),
      response: { 200: ConnectionView },
    },
    handler: async (request) => {
      const row = await accounts.accessById(pathId('usr', request.params.id, 'user_unknown'));
      if (row === undefined) throw new ApiError('user_unknown');
      if (settings.connection === null)
        throw new ApiError('route_not_found', 'this server knows no address of its own');
      const connection = settings.connection(row.account?.name ?? ADMINISTRATORS, row.user.name);
      return { connection, pins: [...keys.pins()] };
    },
  });
}
