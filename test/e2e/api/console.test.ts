import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { App } from '../../../api/app.ts';
import { readConsole } from '../../../api/console-files.ts';
import type { ApiContext } from '../../../api/context.ts';
import { addSecurityHeaders } from '../../../api/plugins/security-headers.ts';
import { consoleRoutes } from '../../../api/routes/console.ts';

/** A server with the console's routes alone, over `files` in a folder of its own. */
async function serverOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<App> {
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-console-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const app: App = fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addSecurityHeaders(app);
  consoleRoutes(app, {} as ApiContext, directory);
  t.after(() => app.close());
  return app;
}

const BUILT = {
  'index.html': '<!doctype html><script type="module" src="/console/assets/index-a1.js"></script>',
  'assets/index-a1.js': 'export {};',
  'assets/index-b2.css': 'body{}',
  'assets/.secret': 'no',
};

describe('the console’s files', () => {
  test('the page is never kept, and may load nothing but its own files', async (t) => {
    const app = await serverOf(t, BUILT);
    for (const url of ['/console', '/console/']) {
      const { statusCode, headers, body } = await app.inject({ url });
      assert.equal(statusCode, 200);
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(headers['cache-control'], 'no-store');
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /);
      assert.match(policy, /form-action 'none'; frame-ancestors 'none'$/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(body, BUILT['index.html']);
    }
  });

  test('what is named by its hash is kept for good', async (t) => {
    const app = await serverOf(t, BUILT);
    const script = await app.inject({ url: '/console/assets/index-a1.js' });
    assert.equal(script.statusCode, 200);
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(
      (await app.inject({ url: '/console/assets/index-b2.css' })).headers['content-type'],
      'text/css; charset=utf-8',
    );
  });

  test('nothing else can be had by this way', async (t) => {
    const app = await serverOf(t, BUILT);
    for (const name of ['index-zz.js', '.secret', '..%2Findex.html', '..%2f..%2fpackage.json', '%00', 'index-a1.js%00'])
      assert.notEqual((await app.inject({ url: `/console/assets/${name}` })).statusCode, 200, name);
  });

  test('where it was not built, the gateway says so in plain words', async (t) => {
    const app = await serverOf(t, { 'readme.txt': 'empty' });
    const { statusCode, headers, body } = await app.inject({ url: '/console' });
    assert.equal(statusCode, 503);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    assert.match(body, /^The console has not been built on this gateway\.\n\nRun "npm run console"/);
    assert.equal((await app.inject({ url: '/console/assets/index-a1.js' })).statusCode >= 400, true);
  });

  test('half a build is none', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'sealfax-console-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    await writeFile(join(directory, 'index.html'), BUILT['index.html']);
    assert.equal(await readConsole(directory), undefined);
  });
});
