import { setTimeout as pause } from 'node:timers/promises';
import { ApiProblem, type Client, ClientError, type Fax } from '../../api/client/index.ts';
import { encodeT6 } from '../../gateway/imaging/t4-t6/index.ts';
import { readTiff } from '../../gateway/imaging/tiff-f/index.ts';
import type { GatewayProcess } from './gateway-process.ts';
import type { Outcome, Received } from './judge.ts';

/** A fax to be sent. */
export interface Order {
  readonly fax: number;
  readonly to: string;
  /** Whether the number is the gateway's own. */
  readonly own: boolean;
  readonly pages: number;
  readonly document: Uint8Array;
}

/** Pause before a request is made again whose answer was lost, ms. */
const AGAIN = 100;
/** Uploads at once. */
const UPLOADS = 2;
const FINAL = new Set(['delivered', 'partial', 'failed', 'canceled', 'uncertain', 'handed_over', 'wiped']);

/**
 * An application that knows nothing of kills: it submits each fax under one Idempotency-Key until it has the answer,
 * and fetches and acknowledges what it receives, at least once.
 */
export class Customer {
  readonly #client: Client;
  readonly #orders: readonly Order[];
  readonly #accepted = new Map<number, string>();
  readonly #received = new Map<string, Received>();
  readonly #sending: Promise<void>[] = [];
  readonly #receiving: Promise<void>;
  #next = 0;
  #uploading = 0;
  /** Ends the pauses of requests whose gateway is there again. */
  #patience = new AbortController();
  #closed = false;
  #fault: unknown;

  constructor(client: Client, orders: readonly Order[]) {
    this.#client = client;
    this.#orders = orders;
    this.#receiving = this.#receive().catch((error: unknown) => {
      this.#fault ??= error;
    });
  }

  get received(): readonly Received[] {
    return [...this.#received.values()];
  }

  /** Whether it met something that no application should meet; `finish` throws it. */
  get failed(): boolean {
    return this.#fault !== undefined;
  }

  summary(): string {
    return `${this.#accepted.size} of ${this.#next} submissions accepted, ${this.#received.size} received`;
  }

  /** Submits the first `count` faxes, as far as that has not begun. */
  release(count: number): void {
    for (const order of this.#orders.slice(this.#next, count)) {
      this.#next++;
      const sending = this.#send(order).catch((error: unknown) => {
        this.#fault ??= error;
      });
      this.#sending.push(sending);
    }
  }

  /** The gateway is up again: whoever pauses before another attempt makes it now. */
  hurry(): void {
    this.#patience.abort();
    this.#patience = new AbortController();
  }

  /** Waits until every fax is accepted, ended and wiped, in both directions, or until `limit` ms have passed. */
  async finish(limit: number, gateway: Pick<GatewayProcess, 'complaints'>): Promise<void> {
    const late = Date.now() + limit;
    await Promise.race([Promise.all(this.#sending), pause(limit, undefined, { ref: false })]);
    while (Date.now() < late && this.#fault === undefined) {
      const open = (await this.#all()).filter((fax) => !FINAL.has(fax.state) || fax.imageExists);
      if (open.length === 0 && this.#accepted.size === this.#orders.length) break;
      await pause(500);
    }
    if (this.#fault !== undefined)
      throw new Error(`the customer met a fault; ${gateway.complaints}`, { cause: this.#fault });
  }

  /** What the gateway says of each order. */
  async outcomes(): Promise<Outcome[]> {
    const known = new Map((await this.#all()).map((fax) => [fax.id, fax]));
    return this.#orders.map(({ fax, to, pages }) => {
      const row = known.get(this.#accepted.get(fax) ?? '');
      return { fax, to, pages, state: row?.state ?? 'missing', wiped: row?.imageExists === false };
    });
  }

  /** Faxes that nobody submitted, and received ones that have not ended. */
  async surplus(): Promise<string[]> {
    const submitted = new Set(this.#accepted.values());
    const faxes = await this.#all();
    const doubled = faxes.filter(({ id, direction }) => direction === 'outbound' && !submitted.has(id));
    const open = faxes.filter(({ state }) => !FINAL.has(state));
    return [...doubled.map(({ id }) => `surplus fax ${id}`), ...open.map(({ id, state }) => `open fax ${id} ${state}`)];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#patience.abort();
    await this.#receiving;
    await this.#client.close();
  }

  async #send(order: Order): Promise<void> {
    while (this.#uploading >= UPLOADS) await pause(AGAIN);
    this.#uploading++;
    await this.#upload(order).finally(() => {
      this.#uploading--;
    });
  }

  async #upload({ fax, to, document }: Order): Promise<void> {
    const request = { to, documents: [document], resolution: 'standard', header: 'none' } as const;
    const send = () => {
      const control = { idempotencyKey: `crash-${fax}`, signal: this.#patience.signal };
      return this.#client.faxes.send(request, control);
    };
    const accepted = await untilAnswered(send, () => this.#closed);
    if (accepted !== undefined) this.#accepted.set(fax, accepted.id);
  }

  async #receive(): Promise<void> {
    while (!this.#closed)
      await untilAnswered(
        () => this.#takeAll(this.#patience.signal),
        () => this.#closed,
      );
  }

  /** Leases, fetches, keeps, acknowledges, until the gateway comes up anew. A lost answer begins it all again. */
  async #takeAll(signal: AbortSignal): Promise<void> {
    for await (const one of this.#client.inbox.watch({ lease: 10, signal })) {
      const parts: Uint8Array[] = [];
      for await (const chunk of one.document('tiff')) parts.push(chunk.slice());
      this.#received.set(one.fax.id, { to: one.fax.to, pages: codedPages(Buffer.concat(parts)) });
      await one.acknowledge();
    }
  }

  async #all(): Promise<Fax[]> {
    const faxes: Fax[] = [];
    for await (const fax of this.#client.faxes.all({ limit: 500 })) faxes.push(fax);
    return faxes;
  }
}

/** The T.6 data of each page of a TIFF-F file. */
function codedPages(file: Uint8Array): Uint8Array[] {
  const limits = { maxPages: 100, maxPixels: 10_000_000, inflate: () => new Uint8Array(0) };
  return readTiff(file, limits).pages.map((page) => {
    const picture = page.decode();
    if (picture.kind !== 'bilevel') throw new Error('a received page is not bilevel');
    return encodeT6(picture.bitmap);
  });
}

/** Asks again while the gateway is away; a refusal that another attempt would not change is a fault of the scenario. */
async function untilAnswered<T>(ask: () => Promise<T>, enough: () => boolean): Promise<T | undefined> {
  while (!enough()) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await pause(AGAIN);
    }
  }
  return undefined;
}

function isPassing(error: unknown): boolean {
  if (error instanceof ClientError) return !['usage', 'untrusted_server', 'closed'].includes(error.code);
  if (!(error instanceof ApiProblem)) return false;
  return (
    error.status >= 500 || ['idempotency_running', 'lease_held', 'session_ended', 'login_required'].includes(error.code)
  );
}
