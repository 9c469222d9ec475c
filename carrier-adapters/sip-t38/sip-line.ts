import { setImmediate as turn } from 'node:timers/promises';
import { digestHash, randomBytes } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import type {
  CallReception,
  CallStep,
  IncomingCall,
  LookupAnswer,
  OutgoingCall,
} from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log, Metrics } from '../../gateway/ports/log.ts';
import { termsOf } from './call-terms.ts';
import { type SipT38Config, trunkOf } from './config.ts';
import { HostNetwork } from './io/host-network.ts';
import type { FaultSink, Network } from './io/network.ts';
import { CallJournal } from './journal.ts';
import type { LiveCall } from './live-call.ts';
import { calledNumber, readNumber } from './number.ts';
import { refusalOf } from './outcome.ts';
import { place } from './place.ts';
import type { IncomingEvent, TrunkEvent } from './sip/agent/events.ts';
import { type CallOrder, Station } from './station.ts';
import { take } from './take.ts';
import { TrunkTries } from './trunk-tries.ts';
import { Trunks } from './trunks.ts';

/** What the adapter may use of the gateway around it. */
export interface SipSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** By default the sockets of this host. */
  readonly network?: Network;
  /** By default the system's. */
  readonly random?: (octets: number) => Uint8Array;
  /** A turn of the event loop. */
  readonly pause?: () => Promise<void>;
}

/** ms by which a deadline must be missed to be counted: half of the shortest pause between two packets. */
const LATE = 10;

/** What is known of a call whose driver has left it. */
const GIVEN_UP: CallResult = {
  cause: 'gateway_stopped',
  detail: 'the gateway gave the call up',
  pagesConfirmed: 0,
  pageInFlight: false,
  remoteId: null,
  line: null,
};

/** The working parts of one SIP carrier: its station, its trunks, and what became of its calls. */
export class SipLine {
  readonly #name: string;
  readonly #config: SipT38Config;
  readonly #surroundings: SipSurroundings;
  readonly #journal = new CallJournal();
  readonly #trunks: Trunks;
  readonly #pause: () => Promise<void>;
  #station: Station | null = null;
  #reception: CallReception | null = null;
  /** Ends the asking of trunks. */
  readonly #hush = new Map<string, () => void>();

  constructor(config: SipT38Config, surroundings: SipSurroundings) {
    this.#name = config.name;
    this.#config = config;
    this.#surroundings = surroundings;
    this.#trunks = new Trunks(
      config.trunks.map(({ name }) => name),
      config.inTurn,
    );
    this.#pause = surroundings.pause ?? (() => turn());
  }

  async start(reception: CallReception): Promise<void> {
    const { clock, random = randomBytes } = this.#surroundings;
    const { trunks, sessionExpires, maxIncoming } = this.#config;
    this.#reception = reception;
    const station = new Station({
      trunks: trunks.map(trunkOf),
      product: 'Sealfax',
      sessionExpires,
      maxIncoming,
      random,
      hash: digestHash,
      network: this.#network(),
      clock,
      incoming: (event) => void this.#offered(event),
      trunk: (event) => this.#trunkChanged(event),
      late: (ms) => this.#late(ms),
    });
    await station.start();
    this.#station = station;
    for (const trunk of trunks) if (trunk.register === false && trunk.probe > 0) this.#askTrunk(station, trunk);
  }

  drain(): void {
    this.#reception = null;
    this.#station?.drain();
  }

  async stop(): Promise<void> {
    const station = this.#station;
    this.#station = null;
    this.#reception = null;
    for (const hush of this.#hush.values()) hush();
    await station?.stop();
  }

  async *place(call: OutgoingCall): AsyncGenerator<CallStep, CallResult> {
    const station = this.#station;
    this.#journal.begun(call.reference);
    const tries = this.#tries();
    const connect = async () => station?.connect(this.#placed(call, tries)) ?? null;
    const again = (one: CallResult) => this.#station === station && tries.again(one);
    let result = GIVEN_UP;
    try {
      result = tries.whole(yield* place(call, { connect, again, pause: this.#pause }));
      return result;
    } finally {
      this.#journal.ended(call.reference, result);
    }
  }

  find(reference: string): LookupAnswer {
    return this.#journal.find(reference);
  }

  health(): { readonly ok: boolean; readonly detail: string } {
    if (this.#station === null) return { ok: false, detail: 'not started' };
    const ok = this.#trunks.names.some((name) => this.#trunks.isGood(name));
    return { ok, detail: `${this.#station.liveCalls} calls; ${this.#trunks.summary}` };
  }

  #network(): Network {
    const { network, clock } = this.#surroundings;
    if (network !== undefined) return network;
    const { listen, media, publicAddress, authorities, trunks } = this.#config;
    const peers = trunks.map(({ outboundProxy, server }) => (outboundProxy ?? server).host);
    const { address, ports } = media;
    return new HostNetwork({
      listen,
      media: { address, ports },
      publicAddress,
      authorities,
      peers,
      clock,
      fault: this.#fault,
    });
  }

  readonly #fault: FaultSink = (fault) => {
    this.#surroundings.metrics.count('sip_faults_total', { carrier: this.#name, fault });
  };

  #late(ms: number): void {
    if (ms < LATE) return;
    this.#surroundings.metrics.observe('sip_late_seconds', ms / 1_000, { carrier: this.#name });
  }

  /** Asks a trunk that nothing else is heard of whether it lives, again and again until the line is stopped. */
  #askTrunk(station: Station, { name, probe }: SipT38Config['trunks'][number]): void {
    const ask = async () => {
      const answer = await station.probe(name);
      if (this.#station !== station) return;
      const status = answer?.status ?? null;
      if (this.#trunks.probed(name, status)) this.#tellTrunk(name, { status, detail: answer?.detail ?? 'no answer' });
      this.#hush.set(
        name,
        this.#surroundings.clock.after(probe * 1_000, () => void ask()),
      );
    };
    void ask();
  }

  #trunkChanged(event: TrunkEvent): void {
    if (!this.#trunks.note(event)) return;
    const { trunk, state, status, seconds, detail } = event;
    this.#tellTrunk(trunk, { state, status, seconds, detail });
  }

  #tellTrunk(trunk: string, about: Readonly<Record<string, unknown>>): void {
    const good = this.#trunks.isGood(trunk);
    const fields = { carrier: this.#name, trunk, ...about };
    this.#surroundings.metrics.gauge('sip_trunk_up', good ? 1 : 0, { carrier: this.#name, trunk });
    if (good) this.#surroundings.log.info(fields, 'a SIP trunk is ready');
    else this.#surroundings.log.warn(fields, 'a SIP trunk does not work; it is tried again');
  }

  #tries(): TrunkTries {
    return new TrunkTries({
      trunks: this.#trunks,
      now: () => this.#surroundings.clock.monotonic(),
      passed: (trunk, next, { detail }) => {
        this.#surroundings.metrics.count('sip_trunk_passed_total', { carrier: this.#name, trunk });
        const fields = { carrier: this.#name, trunk, next: next ?? null, detail };
        this.#surroundings.log.warn(fields, 'a SIP trunk did not take a call');
      },
    });
  }

  #placed(call: OutgoingCall, { trunk, before }: TrunkTries): CallOrder {
    const { t38, ringTime } = this.#config;
    const terms = termsOf(this.#config);
    return {
      ...terms,
      direction: 'out',
      // A late answer to an earlier try must not be taken for one to this.
      call: before === 0 ? call.reference : `${call.reference}-${before + 1}`,
      trunk,
      to: call.to,
      from: call.from,
      pages: call.pages.map(({ width, rows, xDpi, yDpi }) => ({ width, rows, xDpi, yDpi })),
      ringTime: ringTime * 1_000,
      t38Wait: t38.wait * 1_000,
      maxRate: Math.min(terms.maxRate, call.settings.maxRate),
      ecm: terms.ecm && call.settings.ecm,
      stationId: call.csid === '' ? terms.stationId : call.csid,
    };
  }

  /** A call rings: the reception decides, and the call is taken to its end. */
  async #offered(event: IncomingEvent): Promise<void> {
    const station = this.#station;
    try {
      if (station !== null) await this.#receive(station, event);
    } catch (error) {
      this.#surroundings.log.error({ carrier: this.#name, error: String(error) }, 'an incoming call was not taken');
    }
  }

  async #receive(station: Station, event: IncomingEvent): Promise<void> {
    const reception = this.#reception;
    const trunk = this.#config.trunks.find(({ name }) => name === event.trunk);
    const to = trunk === undefined ? null : calledNumber(event.to, trunk);
    if (trunk === undefined || to === null || reception === null) {
      const { status, cause } = refusalOf(to === null ? 'number_invalid' : 'carrier_unavailable');
      station.refuse(event.call, status, cause);
      return;
    }
    const live = await station.connect(this.#called(event, to));
    if (live === null) {
      station.refuse(event.call, 503, 42);
      return;
    }
    const from = event.from === null ? null : readNumber(event.from, trunk.inboundPrefix);
    try {
      const answer = await reception.offer({
        carrier: this.#name,
        reference: event.call,
        from,
        to,
        subaddressed: true,
      });
      if ('refused' in answer) live.tell({ type: 'refuse', ...refusalOf(answer.refused) });
      else await this.#taken(event.call, live, answer.accepted);
    } finally {
      // Whatever has failed on our side: nobody is left on the line.
      if (!live.over) live.tell({ type: 'refuse', status: 500, cause: 41 });
      if (!live.over) live.tell({ type: 'cut', why: 'cut' });
    }
  }

  #called(event: IncomingEvent, to: E164): CallOrder {
    const { t38, stationId } = this.#config;
    return {
      ...termsOf(this.#config),
      direction: 'in',
      call: event.call,
      offer: event.sdp,
      t38Wait: t38.answerWait * 1_000,
      // Who has no name says the number that was called, as fax machines do.
      stationId: stationId === '' ? to : stationId,
    };
  }

  async #taken(reference: string, live: LiveCall, incoming: IncomingCall): Promise<void> {
    this.#journal.begun(reference);
    let result = GIVEN_UP;
    try {
      result = await take(live, incoming, this.#pause);
    } finally {
      this.#journal.ended(reference, result);
    }
  }
}
