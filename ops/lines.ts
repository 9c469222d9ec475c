import type { z } from 'zod';
import type { PdfPages } from '../carrier-adapters/http/index.ts';
import { loopbackNetworkSchema } from '../carrier-adapters/loopback/config.ts';
import {
  type CarrierConfig,
  carrierConfigSchema,
  carrierConfigsSchema,
  createCarriers,
} from '../carrier-adapters/registry.ts';
import type { CarrierAdapter } from '../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { Log, Metrics } from '../gateway/ports/log.ts';
import { carrierLimitsSchema, carrierPolicySchema, routesSchema } from '../gateway/routing/config.ts';
import { type CarrierTerms, type Route, unknownCarriers } from '../gateway/routing/plan.ts';
import { createTariffs, type Tariffs } from '../gateway/routing/tariffs.ts';
import { readCarriers } from './carrier-settings.ts';
import { type Config, ConfigError, SETTINGS } from './config.ts';

/** The ways out and in: configured carriers, none of them connected yet, and the routes over them. */
export interface Lines {
  readonly carriers: readonly CarrierAdapter[];
  readonly routes: readonly Route[];
  /** One for each carrier, in the same order. */
  readonly terms: readonly CarrierTerms[];
  /** What calls cost, and what may be spent on carriers. */
  readonly tariffs: Tariffs;
}

/** What carriers may use of this process. */
export interface LineSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Reads received PDFs. */
  readonly pdfPages?: PdfPages;
}

/** Builds what the settings name. @throws ConfigError */
export function linesOf(config: Config, surroundings: LineSurroundings): Lines {
  const { publicUrl } = config;
  const around = publicUrl === undefined ? surroundings : { ...surroundings, publicUrl };
  const carriers = limited(createCarriers(reachable(carrierConfigs(config), config), around), config);
  const names = carriers.map(({ name }) => name);
  const policies = policiesOf(names, config);
  const tariffs = createTariffs(config.currency, new Map(Object.entries(policies)));
  return { carriers, routes: routesTo(names, config), terms: termsOf(names, policies, tariffs), tariffs };
}

/** The settings of all carriers, checked. @throws ConfigError */
export function carrierConfigs(config: Config): CarrierConfig[] {
  const own = config.carriers === undefined ? [] : readCarriers(config.carriers);
  if (own.length === 0 && !config.loopback) {
    throw new ConfigError(SETTINGS.loopback.variable, 'is off, and SEALFAX_CARRIERS names no carrier', 'on');
  }
  // The loopback network delivers to nobody: it comes last.
  return parsed(carrierConfigsSchema, config.loopback ? [...own, loopbackOf(config)] : own, SETTINGS.carriers);
}

/** Kinds of carriers that come to the gateway: with callbacks that are signed over their URL, and for the faxes. */
const COMING: readonly CarrierConfig['kind'][] = ['signalwire'];

/** Carriers that come to the gateway need to be told where it is. @throws ConfigError */
function reachable(configs: readonly CarrierConfig[], { publicUrl }: Config): readonly CarrierConfig[] {
  const coming = publicUrl === undefined ? configs.find(({ kind }) => COMING.includes(kind)) : undefined;
  if (coming === undefined) return configs;
  const { variable, example } = SETTINGS.publicUrl;
  throw new ConfigError(
    variable,
    `is not set, and the carrier ${JSON.stringify(coming.name)} has to come here`,
    example,
  );
}

/** The loopback network has settings of its own: as they are written, and looked at here so that an error names them. */
function loopbackOf(config: Config): unknown {
  parsed(loopbackNetworkSchema, config.loopbackNetwork, SETTINGS.loopbackNetwork);
  const loopback = {
    kind: 'loopback',
    speed: config.loopbackSpeed,
    rules: config.loopbackRules,
    network: config.loopbackNetwork,
    ...(config.loopbackSocket === undefined ? {} : { socket: config.loopbackSocket }),
  };
  parsed(carrierConfigSchema, loopback, SETTINGS.loopbackRules);
  return loopback;
}

/** Carriers with the limits of the configuration. @throws ConfigError for a limit of a carrier that does not exist */
function limited(carriers: readonly CarrierAdapter[], config: Config): CarrierAdapter[] {
  const limits = parsed(carrierLimitsSchema, config.carrierLimits, SETTINGS.carrierLimits);
  const unknown = Object.keys(limits).find((name) => !carriers.some((carrier) => carrier.name === name));
  if (unknown !== undefined) {
    const { variable, example } = SETTINGS.carrierLimits;
    throw new ConfigError(variable, `names the carrier ${JSON.stringify(unknown)}, which there is not`, example);
  }
  return carriers.map((carrier) => {
    const own = limits[carrier.name];
    return own === undefined ? carrier : { ...carrier, limits: own };
  });
}

type Policies = z.output<typeof carrierPolicySchema>;

/** What the settings say of the carriers `names`. @throws ConfigError for a carrier that does not exist */
function policiesOf(names: readonly string[], config: Config): Policies {
  const policies = parsed(carrierPolicySchema, config.carrierPolicy, SETTINGS.carrierPolicy);
  const unknown = Object.keys(policies).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const { variable, example } = SETTINGS.carrierPolicy;
    throw new ConfigError(variable, `names the carrier ${JSON.stringify(unknown)}, which there is not`, example);
  }
  return policies;
}

function termsOf(names: readonly string[], policies: Policies, tariffs: Tariffs): CarrierTerms[] {
  return names.map((name) => {
    const { tags = [], callerId = 'pass' } = policies[name] ?? {};
    return { name, tags, callerId, price: (to) => tariffs.price(name, to) };
  });
}

/** The routes of the configuration; a name that no carrier has would let its calls fail one by one. @throws ConfigError */
function routesTo(names: readonly string[], config: Config): readonly Route[] {
  const routes = parsed(routesSchema, config.routes, SETTINGS.routes);
  const [unknown] = unknownCarriers(routes, names);
  if (unknown === undefined) return routes;
  const { variable, example } = SETTINGS.routes;
  throw new ConfigError(
    variable,
    `names the carrier ${JSON.stringify(unknown)}; there is ${names.join(', ')}`,
    example,
  );
}

/** A setting whose shape belongs to another folder. @throws ConfigError */
export function parsed<T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
  },
  value: unknown,
  setting: { readonly variable: string; readonly example: string },
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConfigError(
    setting.variable,
    `is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`,
    setting.example,
  );
}
