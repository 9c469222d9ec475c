import type { IdentityProvider } from '../../gateway/ports/identity-provider.ts';
import { readService } from '../carrier-settings.ts';
import { type Config, SETTINGS } from '../config.ts';
import { parsed } from '../lines.ts';
import { providersSchema } from './config.ts';
import { createProvider, type ProviderSurroundings } from './provider.ts';

/** The OpenID providers of the settings, none of them asked yet. @throws ConfigError, never with a secret in its message */
export function providersOf({ oidc }: Pick<Config, 'oidc'>, around: ProviderSurroundings): readonly IdentityProvider[] {
  if (oidc === undefined) return [];
  const setting = SETTINGS.oidc;
  return parsed(providersSchema, readService(oidc, setting), setting).map((config) => createProvider(config, around));
}
