import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { IncomingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { CallEvent } from './call/call-io.ts';
import { createPageDecoder, type PageDecoder } from './call/pages/decode.ts';
import type { LiveCall } from './live-call.ts';
import { lineReport, resultOf } from './result.ts';
import type { PageTerms } from './t30/page-terms.ts';
import type { LineState, RemoteStation } from './t30/remote-station.ts';

/** Octets decoded in one go: about 3 ms of work. With error correction up to 64 KiB come at once. */
const PIECE = 8_192;

/** A live call as far as it is driven here. */
type TakenCall = Pick<LiveCall, 'tell' | 'next'>;

/**
 * Takes one incoming call to its end: pages go to `incoming` as they arrive, and are confirmed when it has kept them.
 *
 * @param pause a turn of the event loop
 */
export async function take(live: TakenCall, incoming: IncomingCall, pause: () => Promise<void>): Promise<CallResult> {
  const receiver = new Receiver(live, incoming, pause);
  live.tell({ type: 'begin' });
  for (;;) {
    const event = await live.next();
    if (event.type === 'over') return receiver.ended(resultOf(event.end));
    await receiver.hear(event);
  }
}

class Receiver {
  readonly #live: TakenCall;
  readonly #incoming: IncomingCall;
  readonly #pause: () => Promise<void>;
  #answered = false;
  #page: PageDecoder | null = null;
  #badRows = 0;
  #failed = false;

  constructor(live: TakenCall, incoming: IncomingCall, pause: () => Promise<void>) {
    this.#live = live;
    this.#incoming = incoming;
    this.#pause = pause;
  }

  /** One event; a reception that throws has no room or no right any more, and the caller is told so. */
  async hear(event: Exclude<CallEvent, { readonly type: 'over' }>): Promise<void> {
    if (this.#failed) {
      if (event.type === 'page_data') wipe(event.octets);
      return;
    }
    try {
      await this.#hear(event);
    } catch {
      this.#failed = true;
      this.#spoil();
      if (event.type === 'page_end') this.#live.tell({ type: 'page_verdict', verdict: 'failed' });
      else this.#live.tell({ type: 'end', why: 'stopped' });
    }
  }

  async ended(result: CallResult): Promise<CallResult> {
    this.#spoil();
    const { line } = result;
    const own = line === null ? result : { ...result, line: { ...line, badRows: line.badRows + this.#badRows } };
    await this.#incoming.ended(own);
    return own;
  }

  async #hear(event: Exclude<CallEvent, { readonly type: 'over' }>): Promise<void> {
    switch (event.type) {
      case 'identified':
        await this.#answer(event.remote);
        break;
      case 'page_begin':
        await this.#begin(event.terms);
        break;
      case 'page_data':
        await this.#data(event.octets, event.gap);
        break;
      case 'page_end':
        await this.#end(event.line);
        break;
      case 'page_void':
        await this.#drop();
        break;
      default:
    }
  }

  async #answer({ id, subaddress }: RemoteStation): Promise<void> {
    if (this.#answered) return;
    this.#answered = true;
    await this.#incoming.answered(id, subaddress);
  }

  async #begin(terms: PageTerms): Promise<void> {
    await this.#answer({ id: null, subaddress: null });
    await this.#drop();
    await this.#incoming.beginPage({ width: terms.width, xDpi: terms.xDpi, yDpi: terms.yDpi });
    this.#page = createPageDecoder(terms);
  }

  async #data(octets: Uint8Array, gap: number): Promise<void> {
    try {
      // A gap is told even when nothing stands behind it.
      for (let at = 0; at === 0 || at < octets.length; at += PIECE) {
        const t6 = this.#page?.push(octets.subarray(at, at + PIECE), at === 0 ? gap : 0);
        if (t6 !== undefined) await this.#write(t6);
        if (octets.length > PIECE) await this.#pause();
      }
    } finally {
      wipe(octets);
    }
  }

  async #write(t6: Uint8Array): Promise<void> {
    if (t6.length > 0) await this.#incoming.write(t6);
    wipe(t6);
  }

  async #end(line: LineState): Promise<void> {
    const page = this.#page;
    if (page === null) return;
    this.#page = null;
    const { t6, report } = page.finish();
    if (report.verdict === 'bad') {
      wipe(t6);
      await this.#incoming.dropPage();
    } else {
      await this.#write(t6);
      await this.#incoming.endPage({ rows: report.rows, line: lineReport(line, report.badRows) });
      this.#badRows += report.badRows;
    }
    this.#live.tell({ type: 'page_verdict', verdict: report.verdict });
  }

  async #drop(): Promise<void> {
    if (this.#page === null) return;
    this.#spoil();
    await this.#incoming.dropPage();
  }

  /** Nothing of an open page stays in memory. */
  #spoil(): void {
    if (this.#page !== null) wipe(this.#page.finish().t6);
    this.#page = null;
  }
}
