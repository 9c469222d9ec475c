import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../ops/cli/index.ts';

const page = await readFile(new URL('../../docs/operations/numbers.md', import.meta.url), 'utf8');

describe('docs/operations/numbers.md', () => {
  test('its commands are commands, with options that they take', () => {
    const written = [...page.matchAll(/^sealfax (\w+ \w+)(.*)$/gm)];
    assert.ok(written.length >= 7);
    for (const [, name = '', rest = ''] of written) {
      const options = Object.keys(COMMANDS[name]?.options ?? {});
      assert.ok(Object.hasOwn(COMMANDS, name), name);
      for (const [, option = ''] of rest.matchAll(/--(\w+)/g))
        assert.ok(options.includes(option), `${name} --${option}`);
    }
  });

  test('it names every command for numbers', () => {
    for (const name of Object.keys(COMMANDS).filter((command) => command.startsWith('number '))) {
      assert.ok(page.includes(`sealfax ${name}`), name);
    }
  });
});
