import { setImmediate as turn } from 'node:timers/promises';
import { randomBytes } from '../../crypto/index.ts';
import type { CarrierAdapter, CarrierCapabilities } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { LoopbackConfig } from './config.ts';
import { type Cable, cablesIn } from './lines/cable.ts';
import { Switchboard } from './lines/switchboard.ts';
import { Exchange } from './network/exchange.ts';
import { directoryPaper, NO_PAPER, type Paper } from './network/paper.ts';
import type { Subscriber } from './network/subscriber.ts';
import { place } from './place.ts';
import { RemoteNetwork } from './wire/client.ts';

/**
 * A telephone network without a telephone company: see the README of this folder.
 *
 * @param paper what its machines print on; by default as `config.print` says
 * @param cable what its packets travel over; by default as `config.network` says
 */
export function createLoopback(
  config: LoopbackConfig,
  clock: Clock,
  paper = paperOf(config),
  cable = cablesIn(config.network, clock),
): CarrierAdapter {
  const line = lineOf(config, clock, paper, cable);
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
    place: (call) => line.place(call),
    lookup: (reference) => line.lookup(reference),
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
interface NetworkLine extends Pick<CarrierAdapter, 'place' | 'lookup'> {
  open(subscriber: Subscriber): Promise<void>;
  close(): void;
  health(): { readonly ok: boolean; readonly detail: string };
}

function lineOf(config: LoopbackConfig, clock: Clock, paper: Paper, cable: Cable): NetworkLine {
  const { socket, speed, rules } = config;
  if (socket !== undefined) return socketLine(socket, clock);
  if (speed === 'instant') {
    const exchange = new Exchange({ clock, speed, rules, paper, outlives: false });
    return insideLine(exchange, (call) => place(exchange, call));
  }
  const random = randomBytes;
  const switchboard = new Switchboard({ clock, speed, rules, paper, cable, random, pause: () => turn() });
  return insideLine(switchboard, (call) => switchboard.place(call));
}

function paperOf(config: LoopbackConfig): Paper {
  return config.print === undefined ? NO_PAPER : directoryPaper(config.print);
}

function insideLine(network: Exchange | Switchboard, placing: CarrierAdapter['place']): NetworkLine {
  let unsubscribe = () => {};
  return {
    place: placing,
    lookup: (reference) => network.lookup(reference),
    async open(subscriber) {
      unsubscribe = network.subscribe(subscriber);
    },
    close() {
      unsubscribe();
      network.cutAll();
    },
    health: () => ({ ok: true, detail: `${network.liveCalls} calls` }),
  };
}

function socketLine(path: string, clock: Clock): NetworkLine {
  const network = new RemoteNetwork(path, clock);
  return {
    place: (call) => place(network, call),
    lookup: (reference) => network.lookup(reference),
    open: (subscriber) => network.open(subscriber),
    close: () => network.close(),
    health: () => ({ ok: network.connected, detail: network.connected ? 'connected' : 'no exchange at the socket' }),
  };
}
