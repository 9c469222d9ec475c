import type { Clock } from '../../gateway/ports/clock.ts';
import type { FaxCallOptions } from './call/call-io.ts';
import type { MediaPort, Network, Signalling } from './io/network.ts';
import { Ticker } from './io/ticker.ts';
import { LiveCall } from './live-call.ts';
import { createSipAgent } from './sip/agent/agent.ts';
import type { AgentEvent, IncomingEvent, ProbedEvent, TrunkEvent } from './sip/agent/events.ts';
import type { Inquired, Question } from './sip/agent/inquiry.ts';
import type { NetworkOutput } from './sip/agent/io.ts';
import type { AgentInput, AgentOptions, Listening, SipAgent } from './sip/agent/options.ts';
import type { Order } from './sip/agent/orders.ts';

/** ms that unregistering and the last BYEs may take when everything is closed. */
const STOP_TIME = 3_000;
/** ms after which an OPTIONS without an answer is none (RFC 3261 §17.1.2.2, timer F). */
const PROBE_TIME = 32_000;
/** ms until an inquiry is given up: a first place of the trunk that is silent (timer F), and time for a second one. */
const INQUIRY_TIME = 70_000;

/** What a station is made of. */
export interface StationOptions extends Omit<AgentOptions, 'listening'> {
  readonly network: Network;
  readonly clock: Clock;
  /** A call comes in; `take` or `refuse` is due. */
  readonly incoming: (event: IncomingEvent) => void;
  /** How a trunk stands, on each change. */
  readonly trunk: (event: TrunkEvent) => void;
  /** By how many ms something was done too late. */
  readonly late: (ms: number) => void;
}

type WithoutOwn<T> = T extends unknown ? Omit<T, 'local' | 'random'> : never;
/** Options of a call but for what the station itself knows. */
export type CallOrder = WithoutOwn<FaxCallOptions>;

/** A SIP user agent on a network with its fax calls: what happens on either is told to the other, in order. */
export class Station {
  readonly #options: StationOptions;
  readonly #ticker: Ticker;
  readonly #calls = new Map<string, LiveCall>();
  /** Events of calls that came in and whose media port is being opened. */
  readonly #early = new Map<string, AgentEvent[]>();
  readonly #probes = new Map<string, (event: ProbedEvent | null) => void>();
  readonly #inputs: AgentInput[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #signalling: Signalling | null = null;
  #agent: SipAgent | null = null;
  #busy = false;
  #probe = 0;
  readonly #inquiries = new Map<string, (answer: Inquired | null) => void>();
  #inquiry = 0;

  constructor(options: StationOptions) {
    this.#options = options;
    this.#ticker = new Ticker(options.clock, options.late);
  }

  /** Calls that have not ended. */
  get liveCalls(): number {
    return this.#calls.size;
  }

  /** Opens the sockets and registers. @throws NetworkError */
  async start(): Promise<void> {
    await this.open();
    this.#order({ type: 'start' });
  }

  /** Opens the sockets alone: trunks can be asked and calls placed, but nothing is registered and nobody is let in. @throws NetworkError */
  async open(): Promise<readonly Listening[]> {
    const { network } = this.#options;
    this.#signalling = await network.openSignalling((input) => this.#tell(input));
    const { listening } = this.#signalling;
    this.#agent = createSipAgent({ ...this.#options, listening });
    return listening;
  }

  /** No new calls come in. */
  drain(): void {
    this.#order({ type: 'drain' });
  }

  /** Unregisters, cuts what lives and closes everything. */
  async stop(): Promise<void> {
    if (this.#agent === null) return;
    for (const call of this.#calls.values()) call.tell({ type: 'cut', why: 'cut' });
    this.#order({ type: 'stop' });
    await this.#atMost(this.#stopped.promise, STOP_TIME);
    for (const call of [...this.#calls.values()]) call.tell({ type: 'abandon' });
    this.#agent = null;
    this.#ticker.stop();
    this.#calls.clear();
    for (const answer of this.#probes.values()) answer(null);
    for (const answer of this.#inquiries.values()) answer(null);
    await this.#signalling?.close();
  }

  /** Opens a media port for a call, placed or taken, and connects it; null: there is none, or the call is over already. */
  async connect(order: CallOrder): Promise<LiveCall | null> {
    const { network, random, clock } = this.#options;
    const early: AgentEvent[] = [];
    if (order.direction === 'in') this.#early.set(order.call, early);
    const heard = (datagram: Uint8Array, from: { address: string; port: number }) =>
      call?.tell({ type: 'media', datagram, from });
    let call: LiveCall | undefined;
    const port = await this.#openMedia(network, heard);
    this.#early.delete(order.call);
    if (port === null || this.#agent === null) {
      port?.close();
      return null;
    }
    const connections = {
      port,
      ticker: this.#ticker,
      order: (wish: Order) => this.#order(wish),
      now: () => clock.monotonic(),
      over: () => this.#calls.delete(order.call),
    };
    call = new LiveCall({ ...order, local: port.advertised, random }, connections);
    this.#calls.set(order.call, call);
    for (const event of early) call.heard(event);
    return call;
  }

  /** Refuses a call that came in and was never connected. */
  refuse(call: string, status: number, cause: number): void {
    this.#order({ type: 'reject', call, status, cause });
  }

  /** Asks a trunk with OPTIONS; null: it did not answer in time. */
  probe(trunk: string): Promise<ProbedEvent | null> {
    const probe = `probe-${++this.#probe}`;
    const answered = new Promise<ProbedEvent | null>((resolve) => {
      const cancel = this.#options.clock.after(PROBE_TIME, () => resolve(null));
      this.#probes.set(probe, (event) => {
        cancel();
        resolve(event);
      });
    });
    this.#order({ type: 'probe', probe, trunk });
    return answered.finally(() => this.#probes.delete(probe));
  }

  /** Asks a trunk a question; null: it was not settled in time. */
  inquire(trunk: string, question: Question): Promise<Inquired | null> {
    const inquiry = `inquiry-${++this.#inquiry}`;
    const answered = new Promise<Inquired | null>((resolve) => {
      const cancel = this.#options.clock.after(INQUIRY_TIME, () => resolve(null));
      this.#inquiries.set(inquiry, (answer) => {
        cancel();
        resolve(answer);
      });
    });
    this.#order({ type: 'inquire', inquiry, trunk, question });
    return answered.finally(() => this.#inquiries.delete(inquiry));
  }

  /** The agent's deadline, for the ticker. */
  get deadline(): number | null {
    return this.#agent?.deadline ?? null;
  }

  time(): void {
    this.#tell({ type: 'time' });
  }

  #openMedia(network: Network, heard: Parameters<Network['openMedia']>[0]): Promise<MediaPort | null> {
    return this.#agent === null ? Promise.resolve(null) : network.openMedia(heard);
  }

  #order(order: Order): void {
    this.#tell({ type: 'order', order });
  }

  /** One input after the other: what follows from an output waits until the outputs before it are done. */
  #tell(input: AgentInput): void {
    this.#inputs.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#handle(next);
    } finally {
      this.#busy = false;
    }
    if (this.#agent !== null) this.#ticker.touch(this);
  }

  #handle(input: AgentInput): void {
    if (this.#agent === null) return;
    for (const output of this.#agent.handle(input, this.#options.clock.monotonic())) {
      if (output.type === 'event') this.#event(output.event);
      else this.#network(output);
    }
  }

  #network(output: NetworkOutput): void {
    if (output.type === 'send') this.#signalling?.send(output.to, output.bytes);
    else if (output.type === 'disconnect') this.#signalling?.disconnect(output.connection);
    else void this.#resolve(output);
  }

  async #resolve({ query, kind, name }: Extract<NetworkOutput, { readonly type: 'resolve' }>): Promise<void> {
    const { network } = this.#options;
    if (kind === 'srv') this.#tell({ type: 'resolved', query, services: await network.services(name) });
    else this.#tell({ type: 'resolved', query, addresses: await network.addresses(name) });
  }

  #event(event: AgentEvent): void {
    switch (event.type) {
      case 'incoming':
        this.#options.incoming(event);
        break;
      case 'trunk':
        this.#options.trunk(event);
        break;
      case 'probed':
        this.#probes.get(event.probe)?.(event);
        break;
      case 'inquired':
        this.#inquiries.get(event.inquiry)?.(event.answer);
        break;
      case 'stopped':
        this.#stopped.resolve();
        break;
      default:
        this.#early.get(event.call)?.push(event);
        this.#calls.get(event.call)?.heard(event);
    }
  }

  #atMost(work: Promise<void>, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
  }
}
