import { readFile } from 'node:fs/promises';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';

/** The page's own files and nothing else; no network, no inline script or style. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FILES = [
  { url: '/reference', file: 'reference.html', type: 'text/html; charset=utf-8' },
  { url: '/reference/reference.css', file: 'reference.css', type: 'text/css; charset=utf-8' },
  { url: '/reference/reference.js', file: 'reference.js', type: 'text/javascript; charset=utf-8' },
];

/** The OpenAPI document, and a page that shows it without any network. */
export function referenceRoutes(app: App, _context: ApiContext): void {
  let document: string | undefined;
  app.route({
    method: 'GET',
    url: '/openapi.json',
    config: { access: 'open' },
    schema: { hide: true },
    handler: async (_request, reply) => {
      document ??= JSON.stringify(app.swagger());
      return reply.type('application/json').send(document);
    },
  });

  for (const { url, file, type } of FILES) {
    let content: Promise<Buffer> | undefined;
    app.route({
      method: 'GET',
      url,
      config: { access: 'open' },
      schema: { hide: true },
      handler: async (_request, reply) => {
        content ??= readFile(new URL(`../reference/${file}`, import.meta.url));
        return reply
          .type(type)
          .header('content-security-policy', CONTENT_SECURITY_POLICY)
          .send(await content);
      },
    });
  }
}
