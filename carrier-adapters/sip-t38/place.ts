import { wipe } from '../../crypto/index.ts';
import type { CallResult, LineReport } from '../../gateway/fax/call-result.ts';
import type { CallStep, OutgoingCall, OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';
import type { CallEvent } from './call/call-io.ts';
import { encodePage } from './call/pages/encode.ts';
import type { LiveCall } from './live-call.ts';
import { lineReport, resultOf } from './result.ts';
import type { PageTerms } from './t30/page-terms.ts';

/** What a placed call needs besides itself. */
export interface Placing {
  /** Connects the call; null: no media port is free. */
  connect(): Promise<LiveCall | null>;
  /** Whether to connect once more, elsewhere, after `result`, before which nothing rang. Left out: never. */
  again?(result: CallResult): boolean;
  /** A turn of the event loop. */
  readonly pause: () => Promise<void>;
}

/** Drives one outgoing call step by step; see `CarrierAdapter.place` for what may happen between two steps. */
export async function* place(call: OutgoingCall, placing: Placing): AsyncGenerator<CallStep, CallResult> {
  for (;;) {
    if (call.signal.aborted) return nothing(call, 'ended before it was placed');
    const live = await placing.connect();
    if (live === null) return { ...NOTHING, cause: 'carrier_unavailable', detail: 'no media port is free' };
    const caller = new Caller(call, live, placing.pause);
    try {
      const result = yield* caller.run();
      if (caller.heard || call.signal.aborted || placing.again?.(result) !== true) return result;
    } finally {
      caller.leave();
    }
  }
}

const NOTHING = { pagesConfirmed: 0, pageInFlight: false, remoteId: null, line: null } as const;

function nothing(call: OutgoingCall, detail: string): CallResult {
  return { ...NOTHING, cause: call.signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped', detail };
}

class Caller {
  readonly #call: OutgoingCall;
  readonly #live: LiveCall;
  readonly #pause: () => Promise<void>;
  readonly #onAbort = () => {
    this.#live.tell({ type: 'end', why: this.#call.signal.reason === 'canceled' ? 'canceled' : 'stopped' });
  };
  /** The page that the engine may still send from, coded; until it is confirmed, asked for anew, or the call is over. */
  #coded: Uint8Array = new Uint8Array(0);
  /** Index of the page that `page_started` was yielded for. */
  #started = -1;
  #remoteId: string | null = null;
  #line: LineReport | null = null;
  #heard = false;

  constructor(call: OutgoingCall, live: LiveCall, pause: () => Promise<void>) {
    this.#call = call;
    this.#live = live;
    this.#pause = pause;
    if (call.signal.aborted) this.#onAbort();
    else call.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Whether anything was heard of the called side: its telephone rang, or more. */
  get heard(): boolean {
    return this.#heard;
  }

  /** Whatever is left of the call is cut: the generator was given up, or it has ended. */
  leave(): void {
    this.#call.signal.removeEventListener('abort', this.#onAbort);
    if (!this.#live.over) this.#live.tell({ type: 'cut', why: 'cut' });
    wipe(this.#coded);
  }

  async *run(): AsyncGenerator<CallStep, CallResult> {
    this.#live.tell({ type: 'begin' });
    for (;;) {
      const event = await this.#live.next();
      if (event.type === 'over') return resultOf(event.end);
      this.#heard = true;
      yield* this.#step(event);
    }
  }

  async *#step(event: Exclude<CallEvent, { readonly type: 'over' }>): AsyncGenerator<CallStep, void> {
    switch (event.type) {
      case 'ringing':
      case 'answered':
        yield event;
        break;
      case 'identified':
        this.#remoteId = event.remote.id;
        break;
      case 'negotiated':
        this.#line = lineReport(event.line);
        yield { type: 'negotiated', remoteId: this.#remoteId, line: this.#line };
        break;
      case 'want_page':
        yield* this.#page(event.index, event.terms);
        break;
      case 'page_progress':
        yield* this.#progress(event.index, event.octets);
        break;
      case 'page_confirmed':
        wipe(this.#coded);
        this.#line = lineReport(event.line);
        yield { type: 'page_confirmed', page: this.#pageAt(event.index).number, line: this.#line };
        break;
      case 'retrain':
        yield { type: 'retrain', page: this.#pageAt(Math.max(this.#started, 0)).number };
        break;
      default:
    }
  }

  /** The page is opened, and anything of it given to the engine, only after the step before it was taken. */
  async *#page(index: number, terms: PageTerms): AsyncGenerator<CallStep, void> {
    const page = this.#pageAt(index);
    if (index !== this.#started) {
      this.#started = index;
      yield { type: 'page_started', page: page.number };
    }
    if (this.#call.signal.aborted) return;
    const coded = await this.#encoded(page, terms);
    // A wish to end may have come while the page was coded; the engine takes no page after it.
    if (coded === null) this.#live.tell({ type: 'page_missing' });
    else this.#live.tell({ type: 'page', coded });
  }

  async #encoded(page: OutgoingPage, terms: PageTerms): Promise<Uint8Array | null> {
    try {
      const coded = await encodePage(page, terms, this.#pause);
      wipe(this.#coded);
      this.#coded = coded;
      return coded;
    } catch {
      // The page's own source failed: the rest of it does not exist.
      return null;
    }
  }

  *#progress(index: number, sent: number): Generator<CallStep, void> {
    if (this.#line !== null) yield { type: 'progress', page: this.#pageAt(index).number, sent, line: this.#line };
  }

  #pageAt(index: number): OutgoingPage {
    const page = this.#call.pages[index];
    if (page === undefined) throw new RangeError('the engine names a page that the call does not have');
    return page;
  }
}
