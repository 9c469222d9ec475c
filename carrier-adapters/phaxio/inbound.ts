import { wipe } from '../../crypto/index.ts';
import { FaxError } from '../../gateway/fax/errors.ts';
import { type E164, parseE164 } from '../../gateway/fax/number.ts';
import type { CallReception, IncomingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { deliverFile, isReadable, type PdfPages, ReplayCache } from '../http/index.ts';
import { nothingSent } from './outcome.ts';
import type { PhaxioApi } from './wire.ts';

/** How far back received faxes are looked for, ms. */
const BACK = 7 * 86_400_000;
/** Pages of a listing that are read in one look. */
const PAGES = 20;
/** States of a received fax of which there is a file. */
const RECEIVED = ['success', 'partialsuccess'];

/** What received faxes are taken with. */
export interface InboundParts {
  readonly carrier: string;
  readonly api: PhaxioApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Absent: received PDFs are not read. */
  readonly pdfPages?: PdfPages | undefined;
}

/**
 * Faxes that the carrier has received: fetched, sealed, and only then erased there, by the gateway. A fax that cannot be
 * taken now stays with the carrier and is found again by the next look.
 */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #reception: CallReception;
  /** Faxes that are being taken. */
  readonly #running = new Map<string, Promise<void>>();
  /** Faxes that need no other look: taken, erased, or unreadable. Phaxio lists them all the same. */
  readonly #settled = new ReplayCache();
  #unreadable = 0;

  constructor(parts: InboundParts, reception: CallReception) {
    this.#parts = parts;
    this.#reception = reception;
  }

  /** Faxes that this process could not read; they are at the carrier. */
  get unreadable(): number {
    return this.#unreadable;
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
    const since = new Date(clock.now() - BACK).toISOString();
    for (let page = 1; page <= PAGES && !signal.aborted; page++) {
      const told = await api.list('received', since, page);
      if (told.is !== 'value') return;
      for (const { id, status } of told.value.items) {
        if (RECEIVED.includes(status ?? '') && !signal.aborted) await this.take(id);
      }
      if (told.value.last) return;
    }
  }

  async #take(id: string): Promise<void> {
    const { api, log, signal } = this.#parts;
    if (this.#settled.has(id) || signal.aborted) return;
    // The callback named it; what it is, the carrier says.
    const told = await api.fax(id);
    if (told.is !== 'value' || told.value.direction !== 'received' || !RECEIVED.includes(told.value.status ?? ''))
      return;
    const to = numberOf(told.value.to_number);
    if (to === null) return log.warn({}, 'a received fax names no called number');
    const file = await this.#fetch(id);
    if (file === undefined) return;
    try {
      await this.#deliver(file, id, to, numberOf(told.value.from_number));
    } finally {
      wipe(file);
    }
  }

  async #fetch(id: string): Promise<Uint8Array | undefined> {
    const { api, log, signal } = this.#parts;
    const told = await api.file(id, signal);
    if (told.is === 'value') return told.value;
    if (told.is === 'absent') this.#settled.take(id);
    else log.warn({ reason: told.is }, 'the file of a received fax cannot be fetched');
    return undefined;
  }

  async #deliver(file: Uint8Array, id: string, to: E164, from: E164 | null): Promise<void> {
    const { carrier, log, pdfPages } = this.#parts;
    if (!isReadable(file, { pdf: pdfPages })) {
      this.#leave(id);
      return log.warn({}, 'a received fax is neither TIFF nor PDF and stays with the carrier');
    }
    const answer = await this.#reception.offer({ carrier, reference: id, from, to, stored: true });
    if ('accepted' in answer) return this.#write(file, id, answer.accepted);
    if (answer.known === 'received' || answer.known === 'rejected') this.#settled.take(id);
    else log.info({ cause: answer.refused }, 'a received fax is refused for now and stays with the carrier');
  }

  async #write(file: Uint8Array, id: string, call: IncomingCall): Promise<void> {
    await call.answered(null).catch(() => {}); // the reception has noted its failure and refuses the pages
    const { pdfPages: pdf, signal } = this.#parts;
    const result = await deliverFile(file, call, { pdf, signal });
    const confirmed = { pagesConfirmed: result.pages };
    if (result.ok) {
      await call.ended({ ...nothingSent('ok', 'Phaxio: received'), ...confirmed });
      this.#settled.take(id);
      return;
    }
    const unreadable = result.reason === 'unreadable';
    const cause = unreadable ? 'page_rejected' : 'gateway_stopped';
    const end = { ...nothingSent(cause, `Phaxio: the file: ${result.detail}`), ...confirmed };
    await call.ended(end, unreadable ? 'leave' : 'take_again');
    if (unreadable) this.#leave(id);
  }

  #leave(id: string): void {
    if (this.#settled.take(id)) this.#unreadable++;
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
