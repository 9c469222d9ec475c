import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { PaperWidth } from '../../../gateway/fax/fax.ts';
import type { IncomingCall, OutgoingCall } from '../../../gateway/ports/carrier-adapter.ts';
import type { FaxCallOptions } from '../../sip-t38/call/call-io.ts';
import type { Ticker } from '../../sip-t38/io/ticker.ts';
import { LiveCall } from '../../sip-t38/live-call.ts';
import { refusalOf } from '../../sip-t38/outcome.ts';
import { take } from '../../sip-t38/take.ts';
import type { Directory, FarEnd } from '../network/directory.ts';
import type { Rule } from '../network/rules.ts';
import { deadTone, type Ended } from '../network/signals.ts';
import { commonRate, DURATIONS } from '../network/timing.ts';
import { Connection } from './connection.ts';
import { Person } from './person.ts';
import { PrintingMachine } from './printing-machine.ts';
import type { SwitchboardSettings } from './switchboard.ts';

/** What a call needs from its switchboard. */
export interface EngineContext extends SwitchboardSettings {
  readonly directory: Directory;
  readonly ticker: Ticker;
}

/** Fastest modem of the engine: V.17. */
const FASTEST = 14_400;
/** ms after which a caller asks for T.38 itself, when the machine has not. */
const CALLER_WAITS = 5_000;
/** Recording widths of T.4 table 1, in pels. */
const PELS = { a4: 1_728, b4: 2_048, a3: 2_432 } as const satisfies Record<PaperWidth, number>;
/** Where the two ends are, by the addresses that RFC 5737 keeps for documents. */
const CALLER = { address: '192.0.2.1', port: 4_000 } as const;
const CALLED = { address: '192.0.2.2', port: 4_000 } as const;

type TakenMachine = Extract<FaxCallOptions, { readonly direction: 'in' }>['machine'];

/** One call over the lines of a switchboard, from the caller's first order to the last word of both ends. */
export class EngineCall {
  /** The caller's end; it dials when it is told to begin. */
  readonly caller: LiveCall;
  readonly #order: OutgoingCall;
  readonly #context: EngineContext;
  readonly #connection: Connection;
  /** Cables to either end. */
  readonly #toCaller: (packet: Uint8Array) => void;
  readonly #toCalled: (packet: Uint8Array) => void;
  #called: LiveCall | null = null;
  #muted = false;
  #refusal: Ended | null = null;

  constructor(order: OutgoingCall, context: EngineContext) {
    this.#order = order;
    this.#context = context;
    this.#connection = new Connection(order.reference, context.clock, (offer) => {
      // A far end that fails to put itself in order says so in its own log; the call is over all the same.
      this.#dialled(offer).catch(() => this.cut());
    });
    this.#toCaller = context.cable((datagram) => this.caller.tell({ type: 'media', datagram, from: CALLED }));
    this.#toCalled = context.cable((datagram) => this.#called?.tell({ type: 'media', datagram, from: CALLER }));
    this.caller = this.#live('caller', {
      ...this.#terms(order.settings.maxRate),
      direction: 'out',
      local: CALLER,
      trunk: 'loopback',
      to: order.to,
      from: order.from,
      pages: order.pages.map(({ width, rows, xDpi, yDpi }) => ({ width, rows, xDpi, yDpi })),
      ringTime: DURATIONS.noAnswer,
      t38Wait: CALLER_WAITS,
      ecm: order.settings.ecm,
      stationId: order.csid.slice(0, 20),
    });
    this.#connection.connect('caller', this.caller);
  }

  /** The result as the network knows it: a refusal has the cause that was given, not what SIP could say of it. */
  told(result: CallResult): CallResult {
    if (this.#refusal === null || result.cause === 'canceled' || result.cause === 'gateway_stopped') return result;
    return { ...result, cause: this.#refusal.cause, detail: this.#refusal.detail };
  }

  /** Cuts the line, as when the exchange loses its power. */
  cut(): void {
    for (const end of [this.caller, this.#called]) {
      if (end === null || end.over) continue;
      end.tell({ type: 'cut', why: 'cut' });
      end.tell({ type: 'abandon' });
    }
  }

  async #dialled(offer: string): Promise<void> {
    const { directory } = this.#context;
    const { reference, from, to } = this.#order;
    const [end] = await Promise.all([directory.find({ reference, from, to }), this.#pass(DURATIONS.setUp)]);
    const dead = deadLine(end);
    if (dead !== null) this.#refuse(dead);
    else if ('accepted' in end) await this.#ringThrough(end.accepted, offer);
    else if ('rule' in end) await this.#machine(end.rule, offer);
  }

  #refuse(refusal: Ended): void {
    const { status, cause } = refusalOf(refusal.cause);
    if (!this.#connection.over) this.#refusal = refusal;
    this.#connection.refuse(status, cause, refusal.detail);
  }

  /** Whether it was still ringing when it should be answered. */
  async #ring(seconds = DURATIONS.ring / 1_000): Promise<boolean> {
    if (this.#connection.over) return false;
    this.#connection.ringing();
    await this.#pass(seconds * 1_000);
    return !this.#connection.over;
  }

  /** A number of a subscriber whose reception has accepted the call. */
  async #ringThrough(incoming: IncomingCall, offer: string): Promise<void> {
    if (!(await this.#ring())) return incoming.ended(LEFT);
    const live = this.#answerer(offer, { stationId: this.#order.to, maxRate: FASTEST, ecm: true });
    await take(live, incoming, this.#context.pause);
  }

  async #machine({ behaviour, ringSeconds, rate, paper, remoteId }: Rule, offer: string): Promise<void> {
    if (behaviour.does === 'no_answer') return this.#connection.ringing();
    if (!(await this.#ring(ringSeconds))) return;
    if (behaviour.does === 'voice') return this.#person(offer);
    const live = this.#answerer(offer, {
      stationId: remoteId ?? this.#order.to,
      maxRate: rate ?? FASTEST,
      // With error correction a page is corrected block by block, and RTN is never sent.
      ecm: behaviour.does !== 'rtn',
      machine: { width: PELS[paper ?? 'a4'], ...(behaviour.does === 'refuse_training' && { refusesTraining: true }) },
    });
    const machine = new PrintingMachine(behaviour, {
      live,
      reference: this.#order.reference,
      pageNumber: (index) => this.#order.pages[index]?.number ?? index + 1,
      paper: this.#context.paper,
      mute: () => {
        this.#muted = true;
      },
    });
    await take(machine.driven, machine, this.#context.pause);
  }

  #person(offer: string): void {
    const person = new Person(this.#order.reference, (order) => this.#connection.order('called', order));
    this.#connection.connect('called', person);
    person.answer(offer, CALLED.address);
  }

  #answerer(
    offer: string,
    own: {
      readonly stationId: string;
      readonly maxRate: number;
      readonly ecm: boolean;
      readonly machine?: TakenMachine;
    },
  ): LiveCall {
    const live = this.#live('called', {
      ...this.#terms(own.maxRate),
      direction: 'in',
      local: CALLED,
      offer,
      t38Wait: 0,
      ecm: own.ecm,
      stationId: own.stationId,
      ...(own.machine !== undefined && { machine: own.machine }),
    });
    this.#called = live;
    this.#connection.connect('called', live);
    return live;
  }

  #terms(maxRate: number) {
    return {
      call: this.#order.reference,
      codecs: ['PCMU'],
      maxRate: commonRate(FASTEST, this.#context.speed, maxRate),
      errorCorrection: 'redundancy',
      recovery: { kind: 'redundancy', depth: 3 },
      latch: false,
      random: this.#context.random,
    } as const;
  }

  #live(side: 'caller' | 'called', options: FaxCallOptions): LiveCall {
    const { clock, ticker } = this.#context;
    return new LiveCall(options, {
      port: {
        advertised: options.local,
        send: (datagram) => this.#send(side, datagram),
        close: () => {},
      },
      ticker,
      order: (order) => this.#connection.order(side, order),
      now: () => clock.monotonic(),
      over: () => {},
    });
  }

  #send(side: 'caller' | 'called', datagram: Uint8Array): void {
    if (side === 'caller') this.#toCalled(datagram);
    else if (!this.#muted) this.#toCaller(datagram);
    datagram.fill(0);
  }

  /** Lets `ms` of the call pass; less when it ends before. */
  #pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.after(ms, resolve);
      void this.#connection.ended.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** Why a number cannot ring; null: it can. */
function deadLine(end: FarEnd): Ended | null {
  if ('hear' in end) return end;
  if ('accepted' in end) return null;
  return deadTone(end.rule.behaviour) ?? null;
}

/** What a receiver hears of a caller that left before it was answered. */
const LEFT: CallResult = {
  cause: 'hung_up',
  detail: 'the caller disconnected while it rang',
  pagesConfirmed: 0,
  pageInFlight: false,
  remoteId: null,
  line: null,
};
