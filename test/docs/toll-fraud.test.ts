import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { SPECIAL_RANGES } from '../../gateway/destinations/special-ranges.ts';
import { DEFAULT_POLICY } from '../../gateway/fax/policy.ts';
import { COMMANDS } from '../../ops/cli/index.ts';
import { readConfig } from '../../ops/config.ts';
import { destinationsOf } from '../../ops/destinations.ts';

const page = await readFile(new URL('../../docs/operations/toll-fraud.md', import.meta.url), 'utf8');

describe('docs/operations/toll-fraud.md', () => {
  test('its commands are commands', () => {
    const written = [...page.matchAll(/^sealfax (\w+ \w+)/gm)].map(([, command = '']) => command);
    assert.ok(written.length >= 8);
    for (const command of written) assert.ok(Object.hasOwn(COMMANDS, command), command);
  });

  test('its setting can be read', () => {
    const [, rules = ''] = /SEALFAX_DESTINATIONS='([^']+)'/.exec(page) ?? [];
    const settings = destinationsOf(readConfig({ SEALFAX_DESTINATIONS: rules }));
    assert.deepEqual(settings.rules.allow, ['DE', 'AT', '+41']);
    assert.equal(settings.rules.revenueShare, true);
  });

  test('its policies are those of an account, with their defaults', () => {
    for (const [, name = ''] of page.matchAll(/--policy (\w+)=/g)) assert.ok(Object.hasOwn(DEFAULT_POLICY, name), name);
    assert.match(page, new RegExp(`\\| ${DEFAULT_POLICY.abroadPerHour} and ${DEFAULT_POLICY.abroadPerDay} \\|`));
    assert.match(page, new RegExp(`SEALFAX_HOLD_HOURS\` \\(${destinationsOf(readConfig({})).holdFor / 3_600_000}\\)`));
  });

  test('it names every special range that is dialled by a code of its own', () => {
    // Inmarsat's former codes are assigned to nobody any more.
    const named = SPECIAL_RANGES.filter(({ what, pattern }) => !what.includes('until') && !pattern.includes('.'));
    const text = page.replaceAll('British 070', '+4470');
    for (const { pattern } of named) {
      assert.ok(text.replaceAll(/(\+\d+) (\d+)/g, '$1$2').includes(`+${pattern}`), pattern);
    }
  });
});
