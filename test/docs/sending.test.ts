import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../ops/cli/index.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = await read('docs/operations/sending.md');

describe('docs/operations/sending.md', () => {
  test('its addresses are those of routes', async () => {
    const sources = await Promise.all(
      ['fax-sending', 'fax-administration', 'faxes'].map((name) => read(`api/routes/${name}.ts`)),
    );
    const written = [...page.matchAll(/^ {4}(GET|POST) +([^\s?]+)/gm)];
    assert.ok(written.length >= 7);
    for (const [, method = '', path = ''] of written) {
      const pattern = path.replace('ACCOUNT', ':account').replace('FAX', ':id').replace('PAGE', ':page');
      const route = new RegExp(`method: '${method}',\\s+url: '${pattern}'`);
      assert.ok(
        sources.some((source) => route.test(source)),
        `${method} ${path}`,
      );
    }
  });

  test('its command is a command', () => {
    assert.match(page, /`sealfax live`/);
    assert.ok(Object.hasOwn(COMMANDS, 'live'));
  });
});
