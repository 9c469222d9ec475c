import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as client from '../../../crypto/client.ts';
import * as door from '../../../crypto/index.ts';
import { SEAL_ERRORS, SealError } from '../../../crypto/index.ts';

describe('the doors of crypto/', () => {
  test('the Node door has everything of the browser-safe one', () => {
    for (const [name, value] of Object.entries(client)) assert.equal(Reflect.get(door, name), value, name);
  });

  test('SPEC.md prints the error table that the code has', () => {
    const spec = readFileSync(new URL('../../../crypto/SPEC.md', import.meta.url), 'utf8');
    const rows = [...spec.matchAll(/^\| `([a-z_]+)` \| `([a-z_]+)` \| (.+) \|$/gm)].map(([, code, peer, meaning]) => [
      code,
      peer,
      meaning,
    ]);
    assert.deepEqual(
      rows,
      Object.entries(SEAL_ERRORS).map(([code, { peer, meaning }]) => [code, peer, meaning]),
    );
  });

  test('nothing behind the browser-safe door needs Node', () => {
    const seen = new Set<string>();
    const visit = (url: URL): void => {
      if (seen.has(url.href)) return;
      seen.add(url.href);
      const code = readFileSync(url, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      assert.doesNotMatch(code, /\b(Buffer|process|require|NodeJS|setImmediate)\b/, url.pathname);
      for (const [, from = ''] of code.matchAll(/from '([^']+)'/g)) {
        assert.match(from, /^\.{1,2}\//, `${url.pathname} imports ${from}`);
        visit(new URL(from, url));
      }
    };
    visit(new URL('../../../crypto/client.ts', import.meta.url));
    assert.ok(seen.size > 25);
  });

  test('an error has its code, the answer for the peer, and fixed text', () => {
    const error = new SealError('commit');
    assert.deepEqual([error.name, error.code, error.peer], ['SealError', 'commit', 'sealed_message_rejected']);
    assert.equal(error.message, SEAL_ERRORS.commit.meaning);
  });
});
