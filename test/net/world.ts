/** Hosts with UDP sockets, a lossy network between them, and a clock that jumps from packet to packet. */
import type { MediaPort, Network } from '../../carrier-adapters/sip-t38/io/network.ts';
import type { Endpoint, NetworkInput } from '../../carrier-adapters/sip-t38/sip/agent/io.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Random } from '../crash/random.ts';
import { LossyLink, randomOf, type Weather } from './link.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes when promises have nothing left to do; for work without files, threads and sockets. */
export class PacketClock implements Clock {
  /** In order of time, then of setting. */
  readonly #timers: Timer[] = [];
  #now = 0;
  #order = 0;

  now(): number {
    return Date.UTC(2030, 0, 1) + Math.floor(this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, order: this.#order++, run };
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1]?.at ?? 0) > timer.at) place--;
    this.#timers.splice(place, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /** Jumps from timer to timer until `work` has settled. @throws Error when it does not within `limit` ms */
  async until<T>(work: Promise<T>, limit: number): Promise<T> {
    const state = { settled: false };
    const watched = work.finally(() => {
      state.settled = true;
    });
    watched.catch(() => {});
    const end = this.#now + limit;
    for (;;) {
      await new Promise(setImmediate);
      if (state.settled) return watched;
      const next = this.#timers.shift();
      if (next === undefined || next.at > end) throw new Error(`the work has not ended at ${this.#now} ms`);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
  }
}

/** Weather of a network, which may change while it is in use. */
export interface Climate {
  readonly media: Weather;
  readonly sip: Weather;
}

type Heard = (datagram: Uint8Array, from: Endpoint) => void;

const nameOf = ({ address, port }: Endpoint) => `${address}:${port}`;
const SIP_PORT = 5060;
const FIRST_MEDIA_PORT = 40_000;

/** UDP between hosts; each pair of sockets has a link of its own in each direction. */
export class World {
  readonly clock: PacketClock;
  readonly #climate: Climate;
  readonly #random: Random;
  readonly #sockets = new Map<string, Heard>();
  readonly #links = new Map<string, LossyLink>();
  /** Datagrams sent and lost. */
  readonly traffic = { sent: 0, lost: 0 };

  constructor(clock: PacketClock, climate: Climate, seed: number) {
    this.clock = clock;
    this.#climate = climate;
    this.#random = randomOf(seed);
  }

  /** Sockets that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** A host's view of it. */
  host(address: string): Network {
    let ports = FIRST_MEDIA_PORT;
    return {
      openSignalling: async (heard) => this.#openSip({ address, port: SIP_PORT }, heard),
      openMedia: async (heard) => {
        ports += 2;
        return this.#openMedia({ address, port: ports }, heard);
      },
      services: async () => [],
      addresses: async () => [],
    };
  }

  #openSip(local: Endpoint, heard: (input: NetworkInput) => void) {
    this.#sockets.set(nameOf(local), (bytes, remote) =>
      heard({ type: 'received', transport: 'udp', connection: null, local, remote, bytes }),
    );
    return {
      listening: [{ transport: 'udp' as const, local, advertised: null }],
      send: ({ remote }: { readonly remote: Endpoint }, bytes: Uint8Array) => this.#send(local, remote, bytes),
      disconnect: () => {},
      close: async () => void this.#sockets.delete(nameOf(local)),
    };
  }

  #openMedia(local: Endpoint, heard: Heard): MediaPort {
    this.#sockets.set(nameOf(local), heard);
    return {
      advertised: local,
      send: (datagram, to) => this.#send(local, to, datagram),
      close: () => void this.#sockets.delete(nameOf(local)),
    };
  }

  #send(from: Endpoint, to: Endpoint, datagram: Uint8Array): void {
    const link = this.#link(from, to);
    const [before, now] = [link.lost, this.clock.monotonic()];
    link.send(datagram, now);
    this.traffic.sent++;
    this.traffic.lost += link.lost - before;
    const at = link.deadline;
    if (at !== null) this.clock.after(at - now, () => this.#arrive(from, to, link));
  }

  #arrive(from: Endpoint, to: Endpoint, link: LossyLink): void {
    for (const datagram of link.arrived(this.clock.monotonic())) this.#sockets.get(nameOf(to))?.(datagram, from);
    const at = link.deadline;
    if (at !== null) this.clock.after(at - this.clock.monotonic(), () => this.#arrive(from, to, link));
  }

  #link(from: Endpoint, to: Endpoint): LossyLink {
    const name = `${nameOf(from)} ${nameOf(to)}`;
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const weather = from.port === SIP_PORT ? this.#climate.sip : this.#climate.media;
    const link = new LossyLink(weather, randomOf(this.#random.below(2 ** 31)));
    this.#links.set(name, link);
    return link;
  }
}
