import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_RULES } from '../../../gateway/destinations/rules.ts';
import { ConfigError, readConfig } from '../../../ops/config.ts';
import { destinationsOf } from '../../../ops/destinations.ts';

const settingsOf = (env: Record<string, string> = {}) => destinationsOf(readConfig(env));
const CARRIERS = { SEALFAX_CARRIERS: '[]', SEALFAX_LOOPBACK: 'on' };

describe('what the settings say of destinations', () => {
  test('with the loopback network alone nothing is held', () => {
    assert.deepEqual(settingsOf(), {
      ...{ rules: DEFAULT_RULES, homes: [], watched: false, holds: false, holdFor: 20 * 3_600_000 },
    });
  });

  test('with a carrier the first faxes to a country are', () => {
    const { watched, holds } = settingsOf(CARRIERS);
    assert.deepEqual([watched, holds], [true, true]);
  });

  test('holding may be switched on without a carrier, and off with one, where decisions and caps go on', () => {
    const on = settingsOf({ SEALFAX_HOLD_COUNTRIES: 'on' });
    assert.deepEqual([on.watched, on.holds], [true, true]);
    const off = settingsOf({ ...CARRIERS, SEALFAX_HOLD_COUNTRIES: 'off' });
    assert.deepEqual([off.watched, off.holds], [true, false]);
  });

  test('rules, home countries and hours are read', () => {
    const { rules, homes, holdFor } = settingsOf({
      SEALFAX_DESTINATIONS: '{"allow":["de"],"satellite":true}',
      SEALFAX_COUNTRY: 'DE, at',
      SEALFAX_HOLD_HOURS: '8',
    });
    assert.deepEqual(rules, { ...DEFAULT_RULES, allow: ['DE'], satellite: true });
    assert.deepEqual(homes, ['DE', 'AT']);
    assert.equal(holdFor, 8 * 3_600_000);
  });

  const wrong: readonly (readonly [variable: string, value: string])[] = [
    ['SEALFAX_DESTINATIONS', '{"allow":["Germany"]}'],
    ['SEALFAX_DESTINATIONS', '{"alow":["DE"]}'],
    ['SEALFAX_DESTINATIONS', '{'],
    ['SEALFAX_DESTINATIONS', '@/nowhere/destinations.json'],
    ['SEALFAX_COUNTRY', 'Germany'],
    ['SEALFAX_COUNTRY', '+49'],
    ['SEALFAX_HOLD_HOURS', '24'],
    ['SEALFAX_HOLD_COUNTRIES', 'yes'],
  ];
  for (const [variable, value] of wrong) {
    test(`${variable}=${value} stops the start with the name of the setting`, () => {
      assert.throws(
        () => settingsOf({ [variable]: value }),
        (error) => error instanceof ConfigError && error.variable === variable,
      );
    });
  }
});
