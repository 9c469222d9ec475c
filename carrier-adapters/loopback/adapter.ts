import type { CarrierAdapter, CarrierCapabilities } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { LoopbackConfig } from './config.ts';
import { Exchange } from './network/exchange.ts';
import { directoryPaper, NO_PAPER, type Paper } from './network/paper.ts';
import type { Subscriber } from './network/subscriber.ts';
import { place } from './place.ts';
import { RemoteNetwork } from './wire/client.ts';

/**
 * A telephone network without a telephone company: see the README of this folder.
 *
 * @param paper what its machines print on; by default as `config.print` says
 */
export function createLoopback(config: LoopbackConfig, clock: Clock, paper = paperOf(config)): CarrierAdapter {
  const line = config.socket === undefined ? insideLine(config, clock, paper) : socketLine(config.socket, clock);
  let draining = false;
  return {
    name: config.name,
    kind: 'loopback',
    capabilities: CAPABILITIES,
    async start(reception) {
      draining = false;
      await line.open({
        offer: async (call) =>
          draining ? { refused: 'carrier_unavailable' } : reception.offer({ ...call, carrier: config.name }),
      });
    },
    async drain() {
      draining = true;
    },
    async stop() {
      line.close();
    },
    place: (call) => place(line.network, call),
    lookup: (reference) => line.network.lookup(reference),
    health: async () => line.health(),
  } satisfies CarrierAdapter;
}

const CAPABILITIES: CarrierCapabilities = {
  idempotencyKey: false,
  lookupByRef: true,
  perPageStatus: true,
  cancellable: true,
  inbound: 'push',
  mediaDelivery: 'stream',
  leaseBound: true,
};

/** How the adapter reaches its network. */
interface NetworkLine {
  readonly network: Exchange | RemoteNetwork;
  open(subscriber: Subscriber): Promise<void>;
  close(): void;
  health(): { readonly ok: boolean; readonly detail: string };
}

function paperOf(config: LoopbackConfig): Paper {
  return config.print === undefined ? NO_PAPER : directoryPaper(config.print);
}

function insideLine(config: LoopbackConfig, clock: Clock, paper: Paper): NetworkLine {
  const exchange = new Exchange({ clock, speed: config.speed, rules: config.rules, paper, outlives: false });
  let unsubscribe = () => {};
  return {
    network: exchange,
    async open(subscriber) {
      unsubscribe = exchange.subscribe(subscriber);
    },
    close() {
      unsubscribe();
      exchange.cutAll();
    },
    health: () => ({ ok: true, detail: `${exchange.liveCalls} calls` }),
  };
}

function socketLine(path: string, clock: Clock): NetworkLine {
  const network = new RemoteNetwork(path, clock);
  return {
    network,
    open: (subscriber) => network.open(subscriber),
    close: () => network.close(),
    health: () => ({ ok: network.connected, detail: network.connected ? 'connected' : 'no exchange at the socket' }),
  };
}
