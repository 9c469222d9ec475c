import { z } from 'zod';
import type { CarrierAdapter } from '../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { Log, Metrics } from '../gateway/ports/log.ts';
import { createEtherfax } from './etherfax/adapter.ts';
import { etherfaxConfigSchema } from './etherfax/config.ts';
import type { PdfPages } from './http/index.ts';
import { createLoopback } from './loopback/adapter.ts';
import { loopbackConfigSchema } from './loopback/config.ts';
import { createPhaxio } from './phaxio/adapter.ts';
import { phaxioConfigSchema } from './phaxio/config.ts';
import { createSignalwire } from './signalwire/adapter.ts';
import { signalwireConfigSchema } from './signalwire/config.ts';
import { createSinch } from './sinch/adapter.ts';
import { sinchConfigSchema } from './sinch/config.ts';
import { createSipT38 } from './sip-t38/adapter.ts';
import { sipT38ConfigSchema } from './sip-t38/config.ts';
import { createTelnyx } from './telnyx/adapter.ts';
import { telnyxConfigSchema } from './telnyx/config.ts';
import { twilioCarrierSchema } from './twilio/config.ts';

/** Settings of any carrier that this build knows, told apart by `kind`. */
export const carrierConfigSchema = z.discriminatedUnion('kind', [
  loopbackConfigSchema,
  sipT38ConfigSchema,
  etherfaxConfigSchema,
  telnyxConfigSchema,
  sinchConfigSchema,
  signalwireConfigSchema,
  twilioCarrierSchema,
  phaxioConfigSchema,
]);
export type CarrierConfig = z.infer<typeof carrierConfigSchema>;

/** The carriers of a gateway: at least one, each with a name of its own. */
export const carrierConfigsSchema = z
  .array(carrierConfigSchema)
  .min(1)
  .max(50)
  .refine((configs) => new Set(configs.map((config) => config.name)).size === configs.length, {
    message: 'two carriers have the same name',
  });

/** What adapters may use of their surroundings. */
export interface CarrierSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Reads received PDFs. Absent: such faxes stay with their carriers. */
  readonly pdfPages?: PdfPages;
  /** Origin by which carriers reach the gateway: URL signatures are made over it. Absent: they cannot. */
  readonly publicUrl?: URL;
}

/** One adapter for each configuration, in order; none is started. */
export function createCarriers(configs: readonly CarrierConfig[], surroundings: CarrierSurroundings): CarrierAdapter[] {
  return configs.map((config) => createCarrier(config, surroundings));
}

function createCarrier(config: CarrierConfig, surroundings: CarrierSurroundings): CarrierAdapter {
  switch (config.kind) {
    case 'loopback':
      return createLoopback(config, surroundings.clock);
    case 'sip-t38':
      return createSipT38(config, surroundings);
    case 'etherfax':
      return createEtherfax(config, surroundings);
    case 'telnyx':
      return createTelnyx(config, surroundings);
    case 'sinch':
      return createSinch(config, surroundings);
    case 'signalwire':
      return createSignalwire(config, surroundings);
    case 'phaxio':
      return createPhaxio(config, surroundings);
  }
}
