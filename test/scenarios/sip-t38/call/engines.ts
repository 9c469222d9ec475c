import { createSipT38 } from '../../../../carrier-adapters/sip-t38/adapter.ts';
import { sipT38ConfigSchema } from '../../../../carrier-adapters/sip-t38/config.ts';
import type { CarrierAdapter } from '../../../../gateway/ports/carrier-adapter.ts';
import { createRandom } from '../../../crash/random.ts';
import type { VirtualClock } from '../../calls/virtual-clock.ts';
import type { VirtualNetwork } from './virtual-network.ts';

/** Turns of the event loop in which everything that is due in memory is done; see `VirtualClock`. */
export const TURNS = 6;

/** One of our engines as a host of a virtual network, with one trunk. */
export function virtualEngine(
  network: VirtualNetwork,
  clock: VirtualClock,
  address: string,
  trunk: { readonly server: string; readonly peers: readonly string[] },
  ecm = true,
): CarrierAdapter {
  const { next } = createRandom(Number(address.split('.').at(-1)));
  const config = sipT38ConfigSchema.parse({
    kind: 'sip-t38',
    name: 'sip',
    trunks: [{ name: 'hub', probe: 0, ...trunk }],
    ecm,
  });
  const quiet = () => {};
  return createSipT38(config, {
    clock,
    network: network.host(address),
    random: (octets) => Uint8Array.from({ length: octets }, () => Math.floor(next() * 256)),
    pause: () => new Promise(setImmediate),
    log: { debug: quiet, info: quiet, warn: quiet, error: (fields) => console.error(fields) },
    metrics: { count: quiet, observe: quiet, gauge: quiet },
  });
}
