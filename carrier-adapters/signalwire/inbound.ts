import { wipe } from '../../crypto/index.ts';
import { FaxError } from '../../gateway/fax/errors.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import type { CallReception, IncomingCall, KnownFax } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { deliverFile, isReadable, type MediaFetcher, type PdfPages } from '../http/index.ts';
import { nothingSent } from './outcome.ts';
import type { Cursor, SignalwireApi, SignalwireFax } from './wire.ts';

/** How far back received faxes are looked for, ms. */
const BACK = 7 * 86_400_000;
/** Parts of a listing that are read in one look. */
const PARTS = 20;
/** Faxes that are remembered, so that nobody fetches them again while they are still in the carrier's list. */
const REMEMBERED = 10_000;

/** What received faxes are taken with. */
export interface InboundParts {
  readonly carrier: string;
  readonly api: SignalwireApi;
  readonly media: MediaFetcher;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Absent: received PDFs are not read. */
  readonly pdfPages?: PdfPages | undefined;
}

/**
 * Faxes that the carrier has received: fetched and sealed; the gateway has them deleted there when they are durable. A fax
 * that cannot be taken now stays with the carrier and is found again by the next look.
 */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #reception: CallReception;
  /** Faxes that are being taken. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #taken = new Set<string>();
  /** Faxes that were fetched and cannot be read; they stay with the carrier, and nobody fetches them again. */
  readonly #unreadable = new Set<string>();

  constructor(parts: InboundParts, reception: CallReception) {
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
    const { api, clock, signal } = this.#parts;
    const after = new Date(clock.now() - BACK).toISOString();
    let cursor: Cursor;
    for (let part = 1; part <= PARTS && !signal.aborted; part++) {
      const told = await api.list(after, cursor);
      if (told.is !== 'value') return;
      for (const fax of told.value.items) {
        if (isReceived(fax) && !signal.aborted) await this.take(fax.sid);
      }
      cursor = told.value.next;
      if (cursor === undefined) return;
    }
  }

  async #take(id: string): Promise<void> {
    if (this.#taken.has(id) || this.#unreadable.has(id) || this.#parts.signal.aborted) return;
    // The callback named it; what it is, the carrier says.
    const told = await this.#parts.api.fax(id);
    if (told.is !== 'value' || !isReceived(told.value)) return;
    const to = numberOf(told.value.to);
    if (to === null) return this.#parts.log.warn({}, 'a received fax names no called number');
    const file = await this.#fetch(told.value);
    if (file === undefined) return;
    try {
      await this.#deliver(file, id, to, numberOf(told.value.from));
    } finally {
      wipe(file);
    }
  }

  async #fetch({ media_url }: SignalwireFax): Promise<Uint8Array | undefined> {
    const { media, log, signal } = this.#parts;
    const got = await media.fetch(media_url ?? '', signal);
    if (got.ok) return got.bytes;
    log.warn({ reason: got.reason, detail: got.detail }, 'the file of a received fax cannot be fetched');
    return undefined;
  }

  async #deliver(file: Uint8Array, id: string, to: E164, from: E164 | null): Promise<void> {
    const { carrier, log, pdfPages } = this.#parts;
    if (!isReadable(file, { pdf: pdfPages })) {
      remember(this.#unreadable, id);
      return log.warn({}, 'a received fax is neither TIFF nor PDF and stays with the carrier');
    }
    const answer = await this.#reception.offer({ carrier, reference: id, from, to, stored: true });
    if ('accepted' in answer) return this.#write(file, id, answer.accepted);
    if (answer.known !== undefined) return this.#note(id, answer.known);
    log.info({ cause: answer.refused }, 'a received fax is refused for now and stays with the carrier');
  }

  /** Another process, or this one before its restart, has judged the fax. One that is being taken may come again. */
  #note(id: string, known: KnownFax): void {
    if (known === 'received') remember(this.#taken, id);
    if (known === 'rejected') remember(this.#unreadable, id);
  }

  async #write(file: Uint8Array, id: string, call: IncomingCall): Promise<void> {
    await call.answered(null).catch(() => {}); // the reception has noted its failure and refuses the pages
    const { pdfPages: pdf, signal } = this.#parts;
    const result = await deliverFile(file, call, { pdf, signal });
    const confirmed = { pagesConfirmed: result.pages };
    if (result.ok) {
      await call.ended({ ...nothingSent('ok', 'SignalWire: received'), ...confirmed }, 'purge');
      return remember(this.#taken, id);
    }
    const unreadable = result.reason === 'unreadable';
    if (unreadable) remember(this.#unreadable, id);
    const cause = unreadable ? 'page_rejected' : 'gateway_stopped';
    const end = { ...nothingSent(cause, `SignalWire: the file: ${result.detail}`), ...confirmed };
    await call.ended(end, unreadable ? 'leave' : 'take_again');
  }
}

function isReceived({ direction, status }: SignalwireFax): boolean {
  return direction === 'inbound' && status === 'received';
}

function remember(set: Set<string>, id: string): void {
  set.add(id);
  for (const oldest of set) {
    if (set.size <= REMEMBERED) break;
    set.delete(oldest);
  }
}

function numberOf(text: string | null | undefined): E164 | null {
  try {
    return parseE164((text ?? '').trim());
  } catch (error) {
    if (error instanceof FaxError) return null;
    throw error;
  }
}
