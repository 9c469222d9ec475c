import { wipe } from '../../crypto/index.ts';
import type { E164 } from '../../gateway/fax/number.ts';
import type { CallReception, IncomingCall } from '../../gateway/ports/carrier-adapter.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { deliverFile, isReadable, nothingSent, type PdfPages, ReplayCache, readNumber } from '../http/index.ts';
import { failed } from './outcome.ts';
import type { SinchApi, SinchFax } from './wire.ts';

/** Pages of a listing that are read in one look. */
const PAGES = 20;

/** What received faxes are taken with. */
export interface InboundParts {
  readonly carrier: string;
  readonly api: SinchApi;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Absent: PDFs, and so all that Sinch hands out, cannot be read. */
  readonly pdfPages?: PdfPages | undefined;
}

/**
 * Faxes that the carrier has received: fetched, or as they came with their callback, and sealed. What cannot be taken now
 * comes again: by the next look while the carrier keeps the document, else by the callback, which it repeats for three days.
 */
export class Inbound {
  readonly #parts: InboundParts;
  readonly #reception: CallReception;
  /** Faxes that are being taken. */
  readonly #running = new Map<string, Promise<boolean>>();
  /** Faxes of which nothing more is to be fetched: they are here, or nobody can read them. The records know better. */
  readonly #taken = new ReplayCache();
  readonly #unreadable = new Set<string>();

  constructor(parts: InboundParts, reception: CallReception) {
    this.#parts = parts;
    this.#reception = reception;
  }

  /** Faxes at the carrier that this process could not read. */
  get unreadable(): number {
    return this.#unreadable.size;
  }

  /**
   * True: the fax is here, every page of it sealed, or there is nothing of it that could be taken. Never rejects.
   * @param file as it came with the callback
   */
  take(id: string, file: Uint8Array | null): Promise<boolean> {
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    const taking = this.#take(id, file)
      .catch((error: unknown) => {
        this.#parts.log.warn({ error: String(error) }, 'a received fax could not be taken');
        return false;
      })
      .finally(() => this.#running.delete(id));
    this.#running.set(id, taking);
    return taking;
  }

  /** Looks for faxes whose callback never came, among those whose document the carrier keeps. */
  async look(): Promise<void> {
    const { api, signal } = this.#parts;
    for (let page = 1; page <= PAGES && !signal.aborted; page++) {
      const told = await api.list('INBOUND', page);
      if (told.is !== 'value') return;
      for (const fax of told.value.faxes) {
        const waits = isOver(fax) && fax.hasFile === true && !this.#taken.has(fax.id);
        if (waits && !signal.aborted) await this.take(fax.id, null);
      }
      if (told.value.last) return;
    }
  }

  async #take(id: string, file: Uint8Array | null): Promise<boolean> {
    const { api, log, signal } = this.#parts;
    if (this.#taken.has(id)) return true;
    if (this.#unreadable.has(id) || signal.aborted) return false;
    // Whoever called named it; what it is, the carrier says.
    const told = await api.fax(id);
    if (told.is !== 'value' || told.value.direction !== 'INBOUND' || !isOver(told.value)) return false;
    const fax = told.value;
    const to = readNumber(fax.to);
    if (to === null) {
      log.warn({}, 'a received fax names no called number');
      return false;
    }
    // What the carrier keeps is asked for over a connection that is its own, whatever the callback brought.
    const kept = fax.hasFile === true ? await this.#fetch(id) : undefined;
    const content = kept ?? file;
    // Of a call without a page, and of a fax that was taken and erased, there is nothing: no repetition would bring it.
    if (content === null) return fax.hasFile !== true;
    try {
      return await this.#deliver(content, fax, to);
    } finally {
      if (kept !== undefined) wipe(kept);
    }
  }

  async #fetch(id: string): Promise<Uint8Array | undefined> {
    const { api, log, signal } = this.#parts;
    const told = await api.file(id, signal);
    if (told.is === 'value') return told.value;
    const why = told.is === 'refused' ? `HTTP ${told.status}` : told.is === 'unknown' ? told.detail : 'there is none';
    log.warn({ why }, 'the document of a received fax cannot be fetched');
    return undefined;
  }

  async #deliver(file: Uint8Array, fax: SinchFax, to: E164): Promise<boolean> {
    const { carrier, log, pdfPages } = this.#parts;
    if (!isReadable(file, { pdf: pdfPages })) {
      this.#giveUp(fax.id, 'neither TIFF nor PDF');
      return false;
    }
    const offer = { carrier, reference: fax.id, from: readNumber(fax.from), to, stored: true } as const;
    const answer = await this.#reception.offer(offer);
    if ('accepted' in answer) return this.#write(file, fax, answer.accepted);
    if (answer.known === 'received') return this.#taken.take(fax.id) || true;
    if (answer.known === 'rejected') this.#unreadable.add(fax.id);
    log.info(
      { cause: answer.refused, known: answer.known },
      'a received fax is refused for now and stays with the carrier',
    );
    return false;
  }

  async #write(file: Uint8Array, fax: SinchFax, call: IncomingCall): Promise<boolean> {
    await call.answered(null).catch(() => {}); // the reception has noted its failure and refuses the pages
    const { pdfPages: pdf, signal } = this.#parts;
    const result = await deliverFile(file, call, { pdf, signal });
    const confirmed = { pagesConfirmed: result.pages };
    if (result.ok) {
      // Of a call that broke, all that arrived is here now: it is the sender who comes again.
      await call.ended({ ...endOfReceived(fax), ...confirmed }, 'purge');
      this.#taken.take(fax.id);
      return true;
    }
    if (result.reason === 'not_kept') {
      await call.ended({ ...nothingSent('gateway_stopped', `Sinch: the file: ${result.detail}`), ...confirmed });
      return false;
    }
    this.#giveUp(fax.id, result.detail);
    await call.ended({ ...nothingSent('page_rejected', `Sinch: the file: ${result.detail}`), ...confirmed }, 'leave');
    return false;
  }

  #giveUp(id: string, why: string): void {
    this.#unreadable.add(id);
    this.#parts.log.warn({ why }, 'a received fax cannot be read and stays with the carrier');
  }
}

function isOver({ status }: SinchFax): boolean {
  return status === 'COMPLETED' || status === 'FAILURE';
}

function endOfReceived(fax: SinchFax) {
  if (fax.status === 'COMPLETED') return nothingSent('ok', 'Sinch: received');
  const { cause, detail } = failed(fax);
  return nothingSent(cause, detail);
}
