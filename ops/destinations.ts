import { readFileSync } from 'node:fs';
import { destinationRulesSchema, homeCountriesSchema } from '../gateway/destinations/config.ts';
import type { DestinationSettings } from '../gateway/destinations/index.ts';
import { type Config, ConfigError, SETTINGS, type SettingDoc } from './config.ts';

const HOUR = 3_600_000;

/**
 * What the settings say of destinations. With the loopback network alone no call costs anything: countries matter only
 * where somebody asks for it. @throws ConfigError
 */
export function destinationsOf(config: Config): DestinationSettings {
  const holds = config.holdCountries ?? config.carriers !== undefined;
  return {
    rules: parsed(destinationRulesSchema, rulesIn(config.destinations), SETTINGS.destinations),
    homes: parsed(homeCountriesSchema, config.countries, SETTINGS.countries),
    watched: holds || config.carriers !== undefined,
    holds,
    holdFor: config.holdHours * HOUR,
  };
}

function rulesIn(text: string): unknown {
  const { variable, example } = SETTINGS.destinations;
  let written = text;
  if (text.startsWith('@')) {
    try {
      written = readFileSync(text.slice(1), 'utf8');
    } catch {
      throw new ConfigError(variable, `names a file that cannot be read: ${text.slice(1)}`, example);
    }
  }
  try {
    return JSON.parse(written);
  } catch {
    throw new ConfigError(variable, 'is not JSON', example);
  }
}

function parsed<T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
  },
  value: unknown,
  { variable, example }: SettingDoc,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(
    variable,
    `is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`,
    example,
  );
}
