import { wipe } from '../../crypto/index.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import type { CallReception, IncomingCall, KnownFax } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { nothingSent } from './call-end.ts';
import { deliverFile, isReadable, type PdfPages } from './incoming-file.ts';
import { ReplayCache } from './replay-cache.ts';
import { readNumber } from './written-number.ts';

/** How far back received faxes are looked for, ms. */
const BACK = 7 * 86_400_000;

/** A fax that the carrier has received, with its numbers as the carrier writes them. */
export interface StoredFax {
  readonly to: string | null | undefined;
  readonly from: string | null | undefined;
  /** Its file, which the caller wipes. `gone`: there is none, nor will there be one; undefined: it cannot be had now. */
  file(): Promise<Uint8Array | 'gone' | undefined>;
}

/** Where received faxes come from. */
export interface FaxSource {
  /** The carrier, as the details of results call it. */
  readonly carrier: string;
  /** Undefined: the carrier has received no such fax, or nobody knows. */
  fax(id: string): Promise<StoredFax | undefined>;
  /** Ids of faxes that were received since `since` (ISO 8601). */
  list(since: string): AsyncIterable<string>;
}

/** What received faxes are taken with. */
export interface ReceptionParts {
  /** The configured name of the carrier. */
  readonly carrier: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the adapter stops. */
  readonly signal: AbortSignal;
  /** Absent: received PDFs are not read. */
  readonly pdfPages?: PdfPages | undefined;
}

/**
 * Faxes that the carrier has received: fetched and sealed; the gateway has them deleted there when they are durable. A fax
 * that cannot be taken now stays with the carrier and is found again by the next look.
 */
export class ReceivedFaxes {
  readonly #source: FaxSource;
  readonly #parts: ReceptionParts;
  readonly #reception: CallReception;
  /** Faxes that are being taken. */
  readonly #running = new Map<string, Promise<void>>();
  /** Faxes that need no other look: they are here, or the carrier has nothing of them any more. */
  readonly #settled = new ReplayCache();
  /** Faxes that were fetched and cannot be read; they stay with the carrier, and nobody fetches them again. */
  readonly #unreadable = new ReplayCache();

  constructor(source: FaxSource, parts: ReceptionParts, reception: CallReception) {
    this.#source = source;
    this.#parts = parts;
    this.#reception = reception;
  }

  /** Faxes at the carrier that this gateway cannot read. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /** Takes one fax, unless that is happening or has happened. Never rejects. */
  take(id: string): Promise<void> {
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    const taking = this.#take(id)
      .catch((error: unknown) => this.#parts.log.warn({ error: String(error) }, 'a received fax could not be taken'))
      .finally(() => this.#running.delete(id));
    this.#running.set(id, taking);
    return taking;
  }

  /** Looks for faxes whose callback never came. */
  async look(): Promise<void> {
    const { clock, signal } = this.#parts;
    if (signal.aborted) return;
    for await (const id of this.#source.list(new Date(clock.now() - BACK).toISOString())) {
      if (signal.aborted) return;
      await this.take(id);
    }
  }

  async #take(id: string): Promise<void> {
    const { log, signal } = this.#parts;
    if (this.#settled.has(id) || this.#unreadable.has(id) || signal.aborted) return;
    // The callback named it; what it is, the carrier says.
    const fax = await this.#source.fax(id);
    if (fax === undefined) return;
    const to = readNumber(fax.to);
    if (to === null) return log.warn({}, 'a received fax names no called number');
    const file = await fax.file();
    if (file === 'gone') this.#settled.take(id);
    if (file === 'gone' || file === undefined) return;
    try {
      await this.#deliver(file, id, to, readNumber(fax.from));
    } finally {
      wipe(file);
    }
  }

  async #deliver(file: Uint8Array, id: string, to: E164, from: E164 | null): Promise<void> {
    const { carrier, log, pdfPages } = this.#parts;
    if (!isReadable(file, { pdf: pdfPages })) {
      this.#unreadable.take(id);
      return log.warn({}, 'a received fax is neither TIFF nor PDF and stays with the carrier');
    }
    const answer = await this.#reception.offer({ carrier, reference: id, from, to, stored: true });
    if ('accepted' in answer) return this.#write(file, id, answer.accepted);
    if (answer.known !== undefined) return this.#note(id, answer.known);
    log.info({ cause: answer.refused }, 'a received fax is refused for now and stays with the carrier');
  }

  /** Another process, or this one before its restart, has judged the fax. One that is being taken may come again. */
  #note(id: string, known: KnownFax): void {
    if (known === 'received') this.#settled.take(id);
    if (known === 'rejected') this.#unreadable.take(id);
  }

  async #write(file: Uint8Array, id: string, call: IncomingCall): Promise<void> {
    await call.answered(null).catch(() => {}); // the reception has noted its failure and refuses the pages
    const { pdfPages: pdf, signal } = this.#parts;
    const title = this.#source.carrier;
    const result = await deliverFile(file, call, { pdf, signal });
    const confirmed = { pagesConfirmed: result.pages };
    if (result.ok) {
      await call.ended({ ...nothingSent('ok', `${title}: received`), ...confirmed }, 'purge');
      this.#settled.take(id);
      return;
    }
    const unreadable = result.reason === 'unreadable';
    const cause = unreadable ? 'page_rejected' : 'gateway_stopped';
    const end = { ...nothingSent(cause, `${title}: the file: ${result.detail}`), ...confirmed };
    await call.ended(end, unreadable ? 'leave' : 'take_again');
    if (unreadable) this.#unreadable.take(id);
  }
}
