import type { CallResult } from '../../../gateway/fax/call-result.ts';
import type { Cause } from '../../../gateway/fax/cause.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import { type Command, type DialOrder, type Ended, ended, type Leg, type LineSignal } from './signals.ts';
import type { Station, StationCall } from './station.ts';
import { Tally } from './tally.ts';
import { DURATIONS, type Pace, SILENCE } from './timing.ts';

/** Which command may follow which; anything else is a caller that has lost its way. */
const NEXT: Readonly<Record<string, readonly Command['do'][]>> = {
  start: ['ring'],
  ring: ['wait'],
  wait: ['train'],
  train: ['page'],
  page: ['block', 'end_of_page'],
  block: ['block', 'end_of_page'],
  end_of_page: ['page', 'train'],
};

/** What a call needs from its exchange. */
export interface CallContext {
  readonly clock: Clock;
  readonly pace: Pace;
  /** Finds the far end when the caller dials. */
  connect(call: StationCall): Promise<Station | Ended>;
  /** Once, when the call is over and its far end has put everything in order. */
  over(result: CallResult): void;
}

/** One call in the exchange: the caller's leg, its far end, and the rule that silence ends it. */
export class ExchangeCall implements Leg {
  readonly order: DialOrder;
  readonly #context: CallContext;
  readonly #tally = new Tally();
  readonly #gone = new AbortController();
  readonly #end = Promise.withResolvers<Ended>();
  #station: Station | undefined;
  #done: Command['do'] | 'start' = 'start';
  #ended: Ended | undefined;
  #stopWaiting = () => {};
  /** The command under way, so that the far end is released only after it. */
  #working: Promise<unknown> = Promise.resolve();

  constructor(order: DialOrder, context: CallContext) {
    this.order = order;
    this.#context = context;
  }

  /** The result once the call is over. */
  get result(): CallResult | undefined {
    return this.#ended && this.#tally.result(this.#ended.cause, this.#ended.detail);
  }

  async tell(command: Command): Promise<LineSignal> {
    if (this.#ended !== undefined) return this.#ended;
    this.#stopWaiting();
    if (command.do !== 'disconnect' && !NEXT[this.#done]?.includes(command.do)) {
      return this.#finish(ended('line_lost', `${command.do} after ${this.#done}`));
    }
    this.#done = command.do;
    this.#tally.told(command);
    const work = this.#carryOut(command);
    this.#working = work.catch(() => {});
    const signal = await Promise.race([work.catch(() => this.#end.promise), this.#end.promise]);
    // The race may be lost to a hang-up in the same turn: the end stands.
    if (this.#ended !== undefined) return this.#ended;
    this.#tally.heard(signal);
    if (signal.hear === 'ended') return this.#finish(signal);
    this.#stopWaiting = this.#context.clock.after(SILENCE, () => this.hangUp('line_lost', 'the caller fell silent'));
    return signal;
  }

  hangUp(cause: Cause, detail: string): void {
    this.#finish(ended(cause, detail));
  }

  async #carryOut(command: Command): Promise<LineSignal> {
    if (command.do === 'ring') return this.#ring();
    if (command.do === 'disconnect') return this.#disconnect();
    const station = this.#station;
    if (station === undefined) return ended('line_lost', 'no connection');
    if (command.do === 'wait') return station.pickUp();
    if (command.do === 'train') return station.train();
    if (command.do === 'page') return station.beginPage(command.page);
    if (command.do === 'block') return station.block(command.data);
    return station.endOfPage();
  }

  async #ring(): Promise<LineSignal> {
    const station = await this.#context.connect(this.#stationCall());
    if ('hear' in station) return station;
    this.#station = station;
    return station.ring();
  }

  async #disconnect(): Promise<LineSignal> {
    await this.#context.pace.pass(DURATIONS.disconnect, this.#gone.signal);
    return ended('ok', 'DCN');
  }

  #stationCall(): StationCall {
    const over = this.#gone.signal;
    const { pace } = this.#context;
    return { order: this.order, maxRate: pace.maxRate, over, pass: (ms) => pace.pass(ms, over) };
  }

  #finish(end: Ended): Ended {
    if (this.#ended !== undefined) return this.#ended;
    this.#ended = end;
    this.#stopWaiting();
    this.#gone.abort(new Error('the call is over'));
    this.#end.resolve(end);
    void this.#release();
    return end;
  }

  async #release(): Promise<void> {
    await this.#working;
    const result = this.#tally.result(this.#ended?.cause ?? 'line_lost', this.#ended?.detail ?? '');
    // A far end that fails to put itself in order says so in its own log; the call is over all the same.
    await this.#station?.released(result).catch(() => {});
    this.#context.over(result);
  }
}
