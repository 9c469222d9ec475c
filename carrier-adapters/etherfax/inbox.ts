import { wipe } from '../../crypto/index.ts';
import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { CallReception, CarrierCopy, IncomingCall, KnownFax } from '../../gateway/ports/carrier-adapter.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { deliverTiff, type HttpClient } from '../http/index.ts';
import { ended, verdict, wordsOf } from './outcome.ts';
import { type Arrival, download, markReceived, nextUnread, readArrival, readImage } from './wire.ts';

/** Faxes that one look into the inbox takes at the most, and ids that are remembered. */
const ROUND = 100;
const LIMIT = 10_000;

/** What emptying an inbox needs. */
export interface InboxOptions {
  readonly carrier: string;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly reception: CallReception;
  /** ms between two looks. */
  readonly interval: number;
  readonly countryCode: string;
  /** Octets of the longest file. */
  readonly maxFile: number;
  /** Aborted when the adapter stops. */
  readonly stopped: AbortSignal;
}

/** How a fax was taken, and what becomes of it at the carrier. */
interface Taken {
  readonly result: CallResult;
  readonly copy: CarrierCopy;
}

/**
 * The account's inbox, emptied into the reception. A fax stays unread at the carrier until each of its pages is sealed
 * and durable here: its purge marks it as received. What the reception does not take comes again when the carrier's lock
 * of five minutes is over.
 */
export class Inbox {
  readonly #options: InboxOptions;
  /** Ids of faxes that nobody here could read. */
  readonly #unreadable = new Set<string>();
  #cancelTimer = () => {};
  #open = true;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#arm(0);
  }

  /** No fax is begun any more; one that is being taken is taken whole. */
  close(): void {
    this.#open = false;
    this.#cancelTimer();
  }

  #arm(ms: number): void {
    this.#cancelTimer = this.#options.clock.after(ms, () => void this.#round());
  }

  async #round(): Promise<void> {
    const seen = new Set<string>();
    try {
      while (this.#open && seen.size < ROUND) {
        const arrival = await this.#next();
        // A fax that comes twice in one round is not locked by the carrier: the rest has to wait.
        if (arrival === undefined || seen.has(arrival.jobId)) break;
        seen.add(arrival.jobId);
        await this.#take(arrival);
      }
    } catch (error) {
      this.#options.log.warn({ carrier: this.#options.carrier, error: String(error) }, 'an inbox was not emptied');
    }
    if (this.#open) this.#arm(this.#options.interval);
  }

  async #next(): Promise<Arrival | undefined> {
    const { client, carrier, countryCode, log, stopped } = this.#options;
    const answer = await client.exchange({ ...nextUnread(), signal: stopped });
    const arrival = answer.ok ? readArrival(answer, countryCode) : undefined;
    if (arrival === 'none') return undefined;
    if (arrival === undefined && !stopped.aborted) {
      const fault = answer.ok ? `HTTP ${answer.status}` : answer.failure;
      log.warn({ carrier, fault }, 'the inbox of a carrier cannot be read');
    }
    return arrival;
  }

  async #take(arrival: Arrival): Promise<void> {
    const { carrier, log, reception } = this.#options;
    const { jobId, from, to } = arrival;
    if (this.#unreadable.has(jobId)) return;
    if (to === null) return void log.warn({ carrier, jobId }, 'an inbound fax for no number waits at the carrier');
    const offer = await reception.offer({ carrier, reference: jobId, from, to, stored: true });
    if ('accepted' in offer) return this.#receive(arrival, offer.accepted);
    if (offer.known !== undefined) return this.#knownAs(jobId, offer.known);
    log.info({ carrier, jobId, cause: offer.refused }, 'an inbound fax waits at the carrier');
  }

  /** Taken or judged by another process, or by this one before its restart. */
  async #knownAs(jobId: string, known: KnownFax): Promise<void> {
    if (known === 'rejected') this.#leave(jobId);
    if (known === 'received') await this.#acknowledge(jobId);
  }

  async #receive(arrival: Arrival, call: IncomingCall): Promise<void> {
    let taken = again('gateway_stopped', 'the fax was not taken');
    try {
      await call.answered(arrival.remoteId);
      taken = await this.#deliver(arrival, call);
    } finally {
      await call.ended(taken.result, taken.copy);
    }
  }

  /** The file, page by page. What cannot be read here stays at the carrier, where a person can look at it. */
  async #deliver(arrival: Arrival, call: IncomingCall): Promise<Taken> {
    const file = await this.#download(arrival.jobId);
    if (file === 'too_large') return this.#reject(arrival, 0, 'the file is longer than maxFile');
    if (file === 'unreachable') return again('line_lost', 'the file could not be fetched; it is at the carrier');
    try {
      const delivered = await deliverTiff(file, call);
      if (delivered.ok) return { result: resultOf(arrival, delivered.pages), copy: 'purge' };
      if (delivered.reason === 'unreadable') return this.#reject(arrival, delivered.pages, delivered.detail);
      return again('line_lost', delivered.detail, delivered.pages);
    } finally {
      wipe(file);
    }
  }

  async #download(jobId: string): Promise<Uint8Array | 'too_large' | 'unreachable'> {
    const { client, maxFile, stopped } = this.#options;
    const answer = await client.exchange({ ...download(jobId, maxFile), signal: stopped });
    if (!answer.ok) return answer.failure === 'too_large' ? 'too_large' : 'unreachable';
    const image = readImage(answer);
    wipe(answer.body);
    return image ?? 'unreachable';
  }

  #reject({ jobId }: Arrival, pages: number, detail: string): Taken {
    this.#leave(jobId);
    const { carrier, log } = this.#options;
    log.warn({ carrier, jobId, detail }, 'an inbound fax cannot be read and stays at the carrier');
    return { result: verdict('document_rejected', detail, { confirmed: pages }), copy: 'leave' };
  }

  #leave(jobId: string): void {
    this.#unreadable.add(jobId);
    const [oldest] = this.#unreadable;
    if (this.#unreadable.size > LIMIT && oldest !== undefined) this.#unreadable.delete(oldest);
  }

  /** Its purge has not come through yet. Not answered: the fax comes again when its lock is over. */
  async #acknowledge(jobId: string): Promise<void> {
    const { client, carrier, log, stopped } = this.#options;
    const answer = await client.exchange({ ...markReceived(jobId), signal: stopped });
    if (answer.ok && answer.status === 200) return;
    log.warn({ carrier, jobId }, 'a fax that was taken is still unread at the carrier');
  }
}

/** A fax of which the carrier still has everything: what came of it here is dropped, and it is taken again. */
function again(cause: 'gateway_stopped' | 'line_lost', detail: string, confirmed = 0): Taken {
  return { result: verdict(cause, detail, { confirmed }), copy: 'take_again' };
}

/** The result of a fax that is here with all its pages; its cause is that of its way to the carrier. */
function resultOf({ jobId, connectSpeed, remoteId, result, pages }: Arrival, kept: number): CallResult {
  const status = { result, jobId, pagesDelivered: kept, connectTime: null, connectSpeed, remoteId };
  const counted = pages === null || pages === kept ? '' : `, announced with ${pages} pages`;
  const { cause } = ended(status, kept);
  return verdict(cause, `${wordsOf(result)}${counted}`, { status, confirmed: kept });
}
