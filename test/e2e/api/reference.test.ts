import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Rig, startRig } from './rig.ts';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, unknown>>;
}

describe('the OpenAPI document and its page', () => {
  let rig: Rig;
  before(async () => {
    rig = await startRig();
  });
  after(() => rig.stop());

  test('describe every resource that the router has, and no other', async () => {
    const spec = (await (await fetch(`${rig.origin}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
    };
    assert.equal(spec.openapi, '3.1.0');
    const documented = Object.entries(spec.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    assert.deepEqual(documented.toSorted(), routesOf(rig.app.printRoutes({ commonPrefix: false })).toSorted());
    for (const methods of Object.values(spec.paths)) {
      for (const operation of Object.values(methods)) {
        assert.ok(operation.summary);
        assert.ok(operation.responses['4XX']);
      }
    }
  });

  test('need no network but this server, and run no inline script', async () => {
    for (const path of ['/reference', '/reference/reference.css', '/reference/reference.js']) {
      const answer = await fetch(rig.origin + path);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
      const text = await answer.text();
      assert.doesNotMatch(text, /https?:\/\//);
      if (path === '/reference') assert.doesNotMatch(text, /<script>|<style>| on\w+=| style=/);
    }
  });
});

/** `METHOD /path` of fastify's route tree, without HEAD and the routes that are not documented. */
function routesOf(tree: string): string[] {
  // The callbacks of carriers end in a wildcard, of which the tree shows nothing else; links are for whoever was given one,
  // and log-outs for identity providers.
  const hidden = /^(\*$|\/(sfx1|console|reference|openapi\.json|media\/|oidc\/))/;
  const stack: string[] = [];
  const found: string[] = [];
  for (const line of tree.split('\n')) {
    const match = /^([│ ]*)[├└]── (\S+)(?: \(([^)]*)\))?/.exec(line);
    if (match === null) continue;
    const depth = (match[1] ?? '').length / 4;
    stack.length = depth;
    stack.push(match[2] ?? '');
    const path = stack.join('');
    const methods = (match[3] ?? '').split(', ').filter((method) => method !== '' && method !== 'HEAD');
    if (!hidden.test(path)) found.push(...methods.map((method) => `${method} ${path}`));
  }
  return found;
}
