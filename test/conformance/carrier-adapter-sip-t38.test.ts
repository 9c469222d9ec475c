import type { CallReception, IncomingCall } from '../../gateway/ports/carrier-adapter.ts';
import { VirtualClock } from '../scenarios/calls/virtual-clock.ts';
import { TURNS, virtualEngine } from '../scenarios/sip-t38/call/engines.ts';
import { type Packet, SIP_PORT, VirtualNetwork } from '../scenarios/sip-t38/call/virtual-network.ts';
import { type CarrierBench, carrierAdapterConformance } from './carrier-adapter.ts';
import { LINE_PAPER, modemData } from './line-paper.ts';

const NUMBERS = {
  answers: '+15550100001',
  busy: '+15550110001',
  noAnswer: '+15550120001',
  voice: '+15550130001',
  refusesTraining: '+15550170001',
  hangsUpInPage2: '+15550152001',
  vanishesAfterPage2: '+15550182001',
  retrainsPage1: '+15550161001',
  own: '+15551230000',
} as const;

/** Where everybody is. What goes to the hub is led to one of the machines behind it by the number that is called. */
const CALLER = '192.0.2.1';
const HUB = '192.0.2.9';
const MACHINE = '192.0.2.2';
const MACHINE_WITHOUT_ECM = '192.0.2.3';

/** Packets of a page in which half of each ten are lost so that it comes out spoilt: more than redundancy brings back. */
const SPOILT = 300;

const text = new TextDecoder('latin1');

/** Leads SIP as the hub does, and does to the media what the called number stands for. */
class Wire {
  /** Octets of image data that the caller has sent, those of repetitions of UDPTL left out. */
  image = 0;
  called = '';
  /** Pages that the machines behind the hub have begun and kept. */
  begun = 0;
  kept = 0;
  dead = false;
  #spoilt = 0;
  #afterPage1 = 0;
  readonly #hangUp: () => void;

  constructor(hangUp: () => void) {
    this.#hangUp = hangUp;
  }

  route(packet: Packet): Packet | null {
    if (this.dead) return null;
    return packet.kind === 'sip' ? this.#lead(packet) : this.#carry(packet);
  }

  #lead(packet: Packet): Packet {
    if (packet.from.address === CALLER && packet.to.address === HUB) {
      const [, number] = /^INVITE sip:(\+\d+)@/.exec(text.decode(packet.bytes)) ?? [];
      this.called = number ?? this.called;
      const machine = this.called === NUMBERS.retrainsPage1 ? MACHINE_WITHOUT_ECM : MACHINE;
      return { ...packet, from: { address: HUB, port: SIP_PORT }, to: { address: machine, port: SIP_PORT } };
    }
    if (packet.to.address !== HUB) return packet;
    return { ...packet, from: { address: HUB, port: SIP_PORT }, to: { address: CALLER, port: SIP_PORT } };
  }

  #carry(packet: Packet): Packet | null {
    if (this.called === NUMBERS.voice) return null;
    const data = packet.from.address === CALLER ? modemData(packet.bytes) : null;
    if (data === null) return packet;
    if (!data.raw) this.#counted(data.octets);
    return data.raw && this.#spoils() ? null : packet;
  }

  /** Data of ECM. */
  #counted(octets: number): void {
    this.image += octets;
    if (this.called === NUMBERS.hangsUpInPage2 && this.kept === 1 && ++this.#afterPage1 === 5) this.#hangUp();
  }

  /** TCF, or a page without ECM. */
  #spoils(): boolean {
    if (this.called === NUMBERS.refusesTraining) return true;
    if (this.called !== NUMBERS.retrainsPage1 || this.begun !== 1 || this.kept > 0) return false;
    return ++this.#spoilt <= SPOILT && this.#spoilt % 10 < 5;
  }
}

/** The reception of the machines behind the hub; calls to the bench's own number are the bench's. */
function receptionOf(wire: Wire, own: CallReception): CallReception {
  return {
    async offer(call) {
      if (call.to === NUMBERS.own) return own.offer(call);
      if (call.to === NUMBERS.busy) return { refused: 'busy' };
      if (call.to === NUMBERS.noAnswer) return new Promise(() => {});
      return { accepted: machine(wire) };
    },
  };
}

/** A fax machine whose pages nobody looks at. */
function machine(wire: Wire): IncomingCall {
  return {
    answered: async () => {},
    beginPage: async () => {
      wire.begun++;
    },
    write: async () => {},
    endPage: async () => {
      wire.kept++;
      if (wire.called === NUMBERS.vanishesAfterPage2 && wire.kept === 2) wire.dead = true;
    },
    dropPage: async () => {},
    ended: async () => {},
  };
}

/** Our engine at both ends of a virtual network: outbound it is called through one adapter, inbound comes in by another. */
async function bench(reception: CallReception): Promise<CarrierBench> {
  const clock = new VirtualClock(undefined, TURNS);
  const network = new VirtualNetwork(clock);
  const caller = virtualEngine(network, clock, CALLER, { server: HUB, peers: [MACHINE, MACHINE_WITHOUT_ECM] });
  const called = virtualEngine(network, clock, MACHINE, { server: HUB, peers: [CALLER] });
  const plain = virtualEngine(network, clock, MACHINE_WITHOUT_ECM, { server: HUB, peers: [CALLER] }, false);
  const all = [caller, called, plain];
  const wire = new Wire(() => void called.stop());
  network.route = (packet) => wire.route(packet);
  for (const adapter of all) await adapter.start(receptionOf(wire, reception));
  const stop = async () => {
    await Promise.all(all.map((adapter) => adapter.stop()));
  };
  const drain = async () => {
    await Promise.all(all.map((adapter) => adapter.drain()));
  };
  return {
    adapter: { ...caller, stop, drain },
    numbers: NUMBERS,
    received: () => wire.image,
    countsPages: false,
    paper: LINE_PAPER,
    // SIP has no word for a customer who is not there.
    notReady: 'no_answer',
    run: (work) => clock.until(work),
    stop: () => clock.until(stop()),
  };
}

carrierAdapterConformance('sip-t38', bench);
