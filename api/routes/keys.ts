import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { KeyList, KeyRotation, KeyStatementView } from '../schemas/index.ts';
import { keyView } from '../views/key-view.ts';
import { actorOf } from './account-lookup.ts';

/** The keys of the gateway: looked at, replaced, and published. */
export function keyRoutes(app: App, { gateway: { keys } }: ApiContext): void {
  const tags = ['admin'];
  const list = async () => ({ items: (await keys.list()).map(keyView) });

  app.route({
    method: 'GET',
    url: '/v1/admin/keys',
    config: { access: 'admin', role: 'auditor' },
    schema: { tags, summary: 'Root, signing and sealing keys, current and retired', response: { 200: KeyList } },
    handler: list,
  });

  app.route({
    method: 'POST',
    url: '/v1/admin/keys/rotate',
    config: { access: 'admin', role: 'owner', stepUp: true },
    schema: {
      tags,
      summary: 'Another key in the place of one; open sessions go on, what the old one signed stays valid',
      body: KeyRotation,
      response: { 200: KeyList },
    },
    handler: async (request) => {
      await keys.rotate(request.body.key, actorOf(request));
      return list();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/admin/keys/statement',
    config: { access: 'admin', role: 'auditor' },
    schema: {
      tags,
      summary: 'The public keys, signed by the root: a file that anybody can verify off-line',
      response: { 200: KeyStatementView },
    },
    handler: async () => keys.statement(),
  });
}
