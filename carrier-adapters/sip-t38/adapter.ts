import type { CarrierAdapter, CarrierCapabilities } from '../../gateway/ports/carrier-adapter.ts';
import type { SipT38Config } from './config.ts';
import { SipLine, type SipSurroundings } from './sip-line.ts';

const CAPABILITIES: CarrierCapabilities = {
  idempotencyKey: false,
  lookupByRef: true,
  perPageStatus: true,
  cancellable: true,
  inbound: 'push',
  mediaDelivery: 'stream',
  leaseBound: true,
};

/** Our own telephone line: fax calls over SIP trunks by T.38, see the README of this folder. */
export function createSipT38(config: SipT38Config, surroundings: SipSurroundings): CarrierAdapter {
  const line = new SipLine(config, surroundings);
  return {
    name: config.name,
    kind: 'sip-t38',
    capabilities: CAPABILITIES,
    start: (reception) => line.start(reception),
    async drain() {
      line.drain();
    },
    stop: () => line.stop(),
    place: (call) => line.place(call),
    lookup: async (reference) => line.find(reference),
    health: async () => line.health(),
  } satisfies CarrierAdapter;
}
