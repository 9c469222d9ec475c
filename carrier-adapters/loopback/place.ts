import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import type { CallStep, OutgoingCall, OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import type { Command, Leg, LineSignal, Network } from './network/signals.ts';
import { Tally } from './network/tally.ts';
import { causeOfAbort, unexpected } from './outcome.ts';

/** Largest block that is given to the line at once, bytes: 2 s at 33,600 bit/s. */
const BLOCK = 8_192;
/** Progress steps of a page, beside its start and confirmation. */
const PROGRESS_STEPS = 10;
/** RTN answers to one page after which the page counts as refused. */
const MAX_RTN = 3;

/** How a page or a phase went: on, or the call is over. */
type Onward = CallResult | undefined;

/** Drives one outgoing call step by step; see `CarrierAdapter.place` for what may happen between two steps. */
export async function* place(network: Network, call: OutgoingCall): AsyncGenerator<CallStep, CallResult> {
  const caller = new Caller(network, call);
  try {
    return yield* caller.run();
  } finally {
    caller.leave();
  }
}

class Caller {
  readonly #call: OutgoingCall;
  readonly #leg: Leg;
  readonly #tally = new Tally();
  readonly #onAbort = () => this.#leg.hangUp(causeOfAbort(this.#call.signal), 'ended by the gateway');

  constructor(network: Network, call: OutgoingCall) {
    this.#call = call;
    this.#leg = network.dial({
      reference: call.reference,
      from: call.from,
      to: call.to,
      csid: call.csid.slice(0, 20),
      maxRate: call.settings.maxRate,
      ecm: call.settings.ecm,
    });
    if (call.signal.aborted) this.#onAbort();
    else call.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Whatever is left of the call is cut: the generator was given up, or it has ended. */
  leave(): void {
    this.#call.signal.removeEventListener('abort', this.#onAbort);
    this.#leg.hangUp('line_lost', 'the caller left');
  }

  async *run(): AsyncGenerator<CallStep, CallResult> {
    const over = (yield* this.#setUp()) ?? (yield* this.#train()) ?? (yield* this.#pages());
    if (over !== undefined) return over;
    await this.#tell({ do: 'disconnect' });
    // Every page is confirmed: whatever happens to DCN, the fax is delivered.
    return this.#tally.result('ok', 'DCN sent');
  }

  async *#setUp(): AsyncGenerator<CallStep, Onward> {
    const ringing = await this.#tell({ do: 'ring' });
    if (ringing.hear !== 'ringing') return this.#over(ringing);
    yield { type: 'ringing' };
    const answered = await this.#tell({ do: 'wait' });
    if (answered.hear !== 'answered') return this.#over(answered);
    yield { type: 'answered' };
    return undefined;
  }

  async *#train(): AsyncGenerator<CallStep, Onward> {
    const trained = await this.#tell({ do: 'train' });
    if (trained.hear !== 'trained') return this.#over(trained);
    yield { type: 'negotiated', remoteId: trained.remoteId, line: trained.line };
    return undefined;
  }

  async *#pages(): AsyncGenerator<CallStep, Onward> {
    for (const page of this.#call.pages) {
      yield { type: 'page_started', page: page.number };
      const over = yield* this.#page(page);
      if (over !== undefined) return over;
    }
    return undefined;
  }

  /** One page, again after each RTN. */
  async *#page(page: OutgoingPage): AsyncGenerator<CallStep, Onward> {
    for (let refused = 0; ; ) {
      const answer = yield* this.#send(page);
      if (answer.hear === 'mcf') {
        yield { type: 'page_confirmed', page: page.number, line: answer.line };
        return undefined;
      }
      if (answer.hear !== 'rtn') return this.#over(answer);
      if (++refused === MAX_RTN) return this.#give('page_rejected', `RTN ${MAX_RTN} times`);
      yield { type: 'retrain', page: page.number };
      const over = yield* this.#train();
      if (over !== undefined) return over;
    }
  }

  /** The page's data, then its end; answers MCF, RTN or the end of the call. */
  async *#send(page: OutgoingPage): AsyncGenerator<CallStep, LineSignal> {
    const { number, width, rows, xDpi, yDpi } = page;
    const begun = await this.#tell({ do: 'page', page: { number, width, rows, xDpi, yDpi } });
    if (begun.hear !== 'taken') return begun;
    const sent = yield* this.#blocks(page);
    return sent ?? (await this.#tell({ do: 'end_of_page' }));
  }

  async *#blocks(page: OutgoingPage): AsyncGenerator<CallStep, LineSignal | undefined> {
    let sent = 0;
    let told = 0;
    try {
      for await (const chunk of page.open()) {
        for (let at = 0; at < chunk.length; at += BLOCK) {
          const data = chunk.subarray(at, at + BLOCK);
          const taken = await this.#tell({ do: 'block', data });
          if (taken.hear !== 'taken') return taken;
          sent += data.length;
          const { line } = this.#tally;
          if (line === null || sent - told < page.bytes / PROGRESS_STEPS) continue;
          told = sent;
          yield { type: 'progress', page: page.number, sent, line };
        }
      }
    } catch {
      // The page's own source failed: the rest of it does not exist.
      return { hear: 'ended', cause: 'image_lost', detail: `page ${page.number} cannot be read` };
    }
    return undefined;
  }

  async #tell(command: Command): Promise<LineSignal> {
    this.#tally.told(command);
    const signal = await this.#leg.tell(command);
    this.#tally.heard(signal);
    return signal;
  }

  #over(signal: LineSignal): CallResult {
    if (signal.hear !== 'ended') return this.#give('line_lost', unexpected(signal));
    return this.#give(signal.cause, signal.detail);
  }

  #give(cause: Cause, detail: string): CallResult {
    this.#leg.hangUp(cause, detail);
    return this.#tally.result(cause, detail);
  }
}
