import { z } from 'zod';
import type { App } from '../app.ts';
import { BUILT_CONSOLE, type ConsoleFiles, readConsole } from '../console-files.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';

/** The page's own files and its own gateway; nothing inline, no other server, in nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a page that shows faxes has no use for, and must not lend to anybody. */
const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Names of assets hold a hash of their content. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

const NOT_BUILT = `The console has not been built on this gateway.

Run "npm run console" where the gateway is installed and start it again. Everything else works without it:
"sealfax help" lists the commands, /reference describes the API.
`;

const AssetParams = z.object({ file: z.string() });

/** The administrators' web console: static files, the same for everybody. What they show comes by the sealed session. */
export function consoleRoutes(app: App, _context: ApiContext, directory = BUILT_CONSOLE): void {
  let reading: Promise<ConsoleFiles | undefined> | undefined;
  const files = () => {
    reading ??= readConsole(directory);
    return reading;
  };

  for (const url of ['/console', '/console/']) {
    app.route({
      method: 'GET',
      url,
      config: { access: 'open' },
      schema: { hide: true },
      handler: async (_request, reply) => {
        const found = await files();
        if (found === undefined) return reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
        return reply.headers(HEADERS).type(found.index.type).send(found.index.content);
      },
    });
  }

  app.route({
    method: 'GET',
    url: '/console/assets/:file',
    config: { access: 'open' },
    schema: { hide: true, params: AssetParams },
    handler: async (request, reply) => {
      const file = (await files())?.assets.get(request.params.file);
      if (file === undefined) throw new ApiError('route_not_found');
      return reply
        .headers({ ...HEADERS, 'cache-control': FOR_GOOD })
        .type(file.type)
        .send(file.content);
    },
  });
}
