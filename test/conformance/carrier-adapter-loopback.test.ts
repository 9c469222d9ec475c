import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoopback } from '../../carrier-adapters/loopback/adapter.ts';
import { loopbackConfigSchema } from '../../carrier-adapters/loopback/config.ts';
import { type Cable, cablesIn } from '../../carrier-adapters/loopback/lines/cable.ts';
import { Exchange } from '../../carrier-adapters/loopback/network/exchange.ts';
import type { Paper } from '../../carrier-adapters/loopback/network/paper.ts';
import { serveExchange } from '../../carrier-adapters/loopback/wire/server.ts';
import type { CallReception } from '../../gateway/ports/carrier-adapter.ts';
import { VirtualClock } from '../scenarios/calls/virtual-clock.ts';
import { type CarrierBench, carrierAdapterConformance } from './carrier-adapter.ts';
import { LINE_PAPER, modemData } from './line-paper.ts';

const NUMBERS: CarrierBench['numbers'] = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
  voice: '+15550130001',
  outOfService: '+15550140001',
  refusesTraining: '+15550170001',
  hangsUpInPage2: '+15550152001',
  vanishesAfterPage2: '+15550182001',
  retrainsPage1: '+15550161001',
  own: '+15551230000',
};

/** Counts what the machines of an exchange take. */
function countingPaper(): Paper & { bytes: number } {
  const paper = {
    bytes: 0,
    sheet: () => ({
      block: async (data: Uint8Array) => {
        paper.bytes += data.length;
      },
      whole: async () => {},
      spoiled: async () => {},
    }),
  };
  return paper;
}

/** The exchange in a server on a Unix socket, the adapter as its client; time is virtual on both sides. */
async function socketBench(reception: CallReception): Promise<CarrierBench> {
  const clock = new VirtualClock();
  const directory = await mkdtemp(join(tmpdir(), 'telephone-'));
  const socket = join(directory, 's');
  const paper = countingPaper();
  const exchange = new Exchange({ clock, speed: 14_400, rules: [], paper, outlives: true });
  const server = await serveExchange(exchange, socket);
  const adapter = createLoopback(loopbackConfigSchema.parse({ kind: 'loopback', socket }), clock);
  await adapter.start(reception);
  return {
    adapter,
    numbers: NUMBERS,
    received: () => paper.bytes,
    run: (work) => clock.until(work),
    async stop() {
      await adapter.stop();
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The scripted exchange inside the adapter; what its machines take is counted through its paper. */
async function instantBench(reception: CallReception): Promise<CarrierBench> {
  const clock = new VirtualClock();
  const paper = countingPaper();
  const adapter = createLoopback(loopbackConfigSchema.parse({ kind: 'loopback', speed: 'instant' }), clock, paper);
  await adapter.start(reception);
  return {
    adapter,
    numbers: NUMBERS,
    received: () => paper.bytes,
    run: (work) => clock.until(work),
    stop: () => adapter.stop(),
  };
}

/** Turns of the event loop in which everything that is due in memory is done. */
const TURNS = 6;

/** The fax engine at both ends of the adapter's own lines; what leaves is counted on its cables. */
function engineBench(network: object) {
  return async (reception: CallReception): Promise<CarrierBench> => {
    const clock = new VirtualClock(undefined, TURNS);
    const config = loopbackConfigSchema.parse({ kind: 'loopback', speed: 14_400, network });
    const cable = cablesIn(config.network, clock);
    let octets = 0;
    const counting: Cable = (arrive) => {
      const send = cable(arrive);
      return (packet) => {
        const data = modemData(packet);
        // TCF is data as well, but no image.
        if (data !== null && !data.raw) octets += data.octets;
        send(packet);
      };
    };
    const adapter = createLoopback(config, clock, countingPaper(), counting);
    await adapter.start(reception);
    return {
      adapter,
      numbers: NUMBERS,
      received: () => octets,
      countsPages: false,
      paper: LINE_PAPER,
      run: (work) => clock.until(work),
      stop: () => adapter.stop(),
    };
  };
}

carrierAdapterConformance('loopback by the fax engine', engineBench({}));
carrierAdapterConformance(
  'loopback by the fax engine over a bad network',
  engineBench({ seed: 7, loss: 0.05, reorder: 0.05, jitter: 30 }),
);
carrierAdapterConformance('loopback without waiting', instantBench);
carrierAdapterConformance('loopback behind a socket', socketBench);
