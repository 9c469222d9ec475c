import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { COMMANDS } from '../../ops/cli/index.ts';
import { SETTINGS } from '../../ops/config.ts';
import { CATALOGUE } from '../../ops/metrics/catalogue.ts';
import { providerSchema, providersSchema } from '../../ops/openid/config.ts';

const page = readFileSync(new URL('../../docs/operations/openid.md', import.meta.url), 'utf8');

describe('docs/operations/openid.md', () => {
  test('its example is one that the gateway takes', () => {
    const [, example = ''] = /SEALFAX_OIDC=@\S+\n\n((?: {4}.*\n)+)/.exec(page) ?? [];
    const settings: unknown = JSON.parse(example.replace('"secretFile": "/run/secrets/sealfax-oidc"', '"secret": "x"'));
    assert.equal(providersSchema.parse(settings).length, 1);
  });

  test('it has a line for each field, and says its default', () => {
    const least = { name: 'corp', issuer: 'https://login.example.org', clientId: 'sealfax' };
    const defaults: Record<string, unknown> = providerSchema.parse(least);
    for (const [, name = '', value = ''] of page.matchAll(/^\| `(\w+)`(?:, `\w+`)? \| (.*?) \|/gm)) {
      const known = defaults[name];
      if (Array.isArray(known) && known.length > 0)
        assert.equal(value, known.map((one) => `\`${one}\``).join(', '), name);
      else if (typeof known === 'number') assert.equal(value, String(known), name);
      else if (typeof known === 'boolean') assert.equal(value, `\`${known}\``, name);
    }
    for (const name of Object.keys(providerSchema.shape)) assert.match(page, new RegExp(`^\\| \`${name}\``, 'm'), name);
  });

  test('commands, settings and metrics that it names exist', () => {
    const lines = [...page.matchAll(/^ {4}sealfax (.+)$/gm)].map(([, line = '']) => line);
    assert.ok(lines.length >= 4);
    for (const line of lines) {
      const words = line.split(' ');
      const name = [words.slice(0, 2).join(' '), words[0] ?? ''].find((one) => Object.hasOwn(COMMANDS, one));
      const command = name === undefined ? undefined : COMMANDS[name];
      assert.ok(command !== undefined, line);
      for (const [, option = ''] of line.matchAll(/--([a-z-]+)/g))
        assert.ok(Object.hasOwn(command.options, option), line);
    }
    const variables = Object.values(SETTINGS).map(({ variable }) => variable);
    for (const [variable] of page.matchAll(/SEALFAX_[A-Z_]+/g)) assert.ok(variables.includes(variable), variable);
    for (const [, name = ''] of page.matchAll(/`sealfax_([a-z_]+)`/g)) assert.ok(name in CATALOGUE, name);
  });
});
