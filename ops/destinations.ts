import { destinationRulesSchema, homeCountriesSchema } from '../gateway/destinations/config.ts';
import type { DestinationSettings } from '../gateway/destinations/index.ts';
import { type Config, SETTINGS } from './config.ts';
import { parsed } from './lines.ts';

const HOUR = 3_600_000;

/**
 * What the settings say of destinations. With the loopback network alone no call costs anything: countries matter only
 * where somebody asks for it. @throws ConfigError
 */
export function destinationsOf(config: Config): DestinationSettings {
  const holds = config.holdCountries ?? config.carriers !== undefined;
  return {
    rules: parsed(destinationRulesSchema, config.destinations, SETTINGS.destinations),
    homes: parsed(homeCountriesSchema, config.countries, SETTINGS.countries),
    watched: holds || config.carriers !== undefined,
    holds,
    holdFor: config.holdHours * HOUR,
  };
}
