import { randomId } from '../../crypto/client.ts';
import type { Channel } from './channel.ts';
import { whole } from './channel.ts';
import type { DocumentInput } from './document.ts';
import { documentSource } from './document.ts';
import { ClientError } from './errors.ts';
import type { Events } from './events.ts';
import { form } from './multipart.ts';
import type { Paging } from './paging.ts';
import { everything } from './paging.ts';
import { segment, withQuery } from './query.ts';
import type { DeliverControl } from './repeat.ts';
import { deliver } from './repeat.ts';
import type {
  Batch,
  CallInfo,
  Direction,
  Fax,
  FaxExplanation,
  FaxState,
  LedgerEvent,
  List,
  PageInfo,
  Receipt,
  SendOptions,
} from './types.ts';
import { ENDED } from './types.ts';

/** A fax to send: one or several documents, in order, to one number. */
export interface SendRequest extends SendOptions {
  /** International number, such as +49301234567. */
  to: string;
  documents: readonly DocumentInput[];
}

/** The same documents to many numbers: one fax and one result each. */
export interface BatchRequest extends SendOptions {
  to: readonly string[];
  documents: readonly DocumentInput[];
}

/** How far an upload or a transmission is. */
export type Progress =
  | { readonly phase: 'upload'; readonly sent: number; readonly total: number | null }
  | {
      readonly phase: 'fax';
      readonly state: FaxState;
      readonly pages: number | null;
      readonly pagesConfirmed: number;
      readonly event: LedgerEvent;
    };

/** How a request is carried out. */
export interface SendControl {
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Names the request: sending again under the same key, with the same content, answers the first fax instead of
   * making a second. Made for you when left out, and then kept over all retries of this call.
   */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Which faxes. */
export interface FaxFilter extends Paging {
  direction?: Direction;
  state?: FaxState | readonly FaxState[];
  number?: string;
  user?: string;
  batch?: string;
  /** `name:value`. */
  tag?: string;
  since?: string;
  until?: string;
}

/** Outbound faxes. Every method throws ApiProblem for a refusal and ClientError for everything on the way. */
export interface Faxes {
  /** Uploads and submits; resolves when the gateway has accepted the fax durably (not when it has been sent: `wait`). */
  send(request: SendRequest, control?: SendControl): Promise<Fax>;
  /** Resolves when the fax has ended, with its result: a fax that failed is a result, not an exception. */
  wait(id: string, control?: Pick<SendControl, 'onProgress' | 'signal'>): Promise<Fax>;
  /**
   * Sends, waits for the end, and where the account's policy is `imageLife: call` does what the gateway cannot do
   * without the image: after a call that failed for a reason which may pass (`retryable`), the documents are uploaded
   * again as a new fax. The answer is the last fax, ended; the ones before it stay in the lists as failed. Under
   * `imageLife: fax` this is `send` and `wait`: the gateway calls again by itself.
   *
   * The Idempotency-Keys of the later uploads are the first with `-2`, `-3` …, so that a program that has died may
   * call again under the same key and goes on where it was. No upload starts after the deadline, nor after `signal`: an
   * abort between two uploads answers the fax that failed.
   */
  deliver(request: SendRequest, control?: DeliverControl): Promise<Fax>;
  get(id: string): Promise<Fax>;
  list(filter?: FaxFilter): Promise<List<Fax>>;
  all(filter?: FaxFilter): AsyncGenerator<Fax>;
  /** `ended`: canceled now. `asked`: its call is being ended. */
  cancel(id: string): Promise<'ended' | 'asked'>;
  resend(id: string, mode: 'rest' | 'all'): Promise<Fax>;
  pages(id: string): Promise<PageInfo[]>;
  /** The exact page as it is sent, as a PNG; while the image exists. */
  preview(id: string, page: number): Promise<Uint8Array>;
  calls(id: string): Promise<CallInfo[]>;
  /** Why it stands or ended as it did, in plain words. */
  why(id: string): Promise<FaxExplanation>;
  /** Both wipe receipts. */
  receipt(id: string): Promise<Receipt>;
}

/** Faxes submitted together. */
export interface Batches {
  send(request: BatchRequest, control?: SendControl): Promise<Batch>;
  get(id: string): Promise<Batch>;
}

/** @see Faxes */
export function createFaxes(channel: Channel, events: Events): Faxes {
  const at = (id: string, rest = '') => `/v1/faxes/${segment(id)}${rest}`;
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const get = async (id: string) => (await read(at(id))) as Fax;
  const list = async (filter: FaxFilter = {}) => (await read(withQuery('/v1/faxes', filter))) as List<Fax>;
  const send: Faxes['send'] = async (request, control = {}) =>
    (await submit(channel, '/v1/faxes', request, control)) as Fax;
  const wait: Faxes['wait'] = (id, control = {}) => follow(get, events, id, control);
  return {
    send,
    wait,
    deliver: (request, control = {}) => deliver({ send, wait }, request, control),
    get,
    list,
    all: (filter = {}) => everything(list, filter),
    async cancel(id) {
      const answer = await channel.json({ method: 'POST', path: at(id, '/cancel'), repeatable: true });
      return (answer as { result: 'ended' | 'asked' }).result;
    },
    resend: async (id, mode) => (await channel.json({ method: 'POST', path: at(id, '/resend') }, { mode })) as Fax,
    pages: async (id) => ((await read(at(id, '/pages'))) as { items: PageInfo[] }).items,
    preview: async (id, page) =>
      whole(await channel.request({ method: 'GET', path: at(id, `/preview/${segment(page)}`), repeatable: true })),
    calls: async (id) => ((await read(at(id, '/calls'))) as { items: CallInfo[] }).items,
    why: async (id) => (await read(at(id, '/why'))) as FaxExplanation,
    receipt: async (id) => (await read(at(id, '/receipt'))) as Receipt,
  };
}

/** @see Batches */
export function createBatches(channel: Channel): Batches {
  return {
    send: async (request, control = {}) => (await submit(channel, '/v1/batches', request, control)) as Batch,
    get: async (id) =>
      (await channel.json({ method: 'GET', path: `/v1/batches/${segment(id)}`, repeatable: true })) as Batch,
  };
}

/** Posts the form, sealed anew for each attempt under one Idempotency-Key. */
export async function submit(
  channel: Channel,
  path: string,
  request: SendRequest | BatchRequest,
  { onProgress, idempotencyKey, signal }: SendControl,
): Promise<unknown> {
  const { documents, ...fields } = request;
  const upload = form([['request', JSON.stringify(fields)]], documents.map(documentSource));
  const report = (sent: number) => onProgress?.({ phase: 'upload', sent, total: upload.size });
  const reply = await channel.request({
    method: 'POST',
    path,
    headers: {
      accept: 'application/json',
      'content-type': upload.contentType,
      'idempotency-key': idempotencyKey ?? randomId('key'),
    },
    body: () => upload.open(report),
    repeatable: true,
    signal,
  });
  return JSON.parse(new TextDecoder().decode(await whole(reply)));
}

/** Reads the ledger until the fax has ended; with `onProgress` from its acceptance on, so that nothing is left out. */
async function follow(
  get: Faxes['get'],
  events: Events,
  id: string,
  { onProgress, signal }: Pick<SendControl, 'onProgress' | 'signal'>,
): Promise<Fax> {
  // The cursor is taken before the state, so that nothing falls between the two.
  const head = await events.head();
  const first = await get(id);
  const ended = ENDED.includes(first.state);
  if (ended && onProgress === undefined) return first;
  const after = onProgress === undefined ? head : await events.before(first.createdAt);
  const stop = signal === undefined ? {} : { signal };
  const entries = ended ? upTo(events, after, await events.head()) : events.from({ after, ...stop });
  const told = tellProgress(first, onProgress);
  for await (const event of entries) {
    if (event.fax !== id || !told(event)) continue;
    const now = await get(id);
    if (ENDED.includes(now.state)) return now;
  }
  if (ended) return first;
  throw new ClientError('aborted', 'the fax was not waited for to its end');
}

/** What is in the ledger already. */
async function* upTo(events: Events, after: number, head: number): AsyncGenerator<LedgerEvent> {
  for (let cursor = after; cursor < head; ) {
    const { items, next } = await events.read({ after: cursor, limit: 500 });
    yield* items;
    cursor = Math.max(next, cursor + 1);
  }
}

const STATE_AFTER: Readonly<Partial<Record<LedgerEvent['type'], FaxState>>> = {
  'fax.accepted': 'accepted',
  'fax.held': 'held',
  'fax.queued': 'queued',
  'fax.dialing': 'dialing',
  'fax.sending': 'sending',
  'fax.page': 'sending',
  'fax.retry': 'queued',
  'fax.delivered': 'delivered',
  'fax.partial': 'partial',
  'fax.failed': 'failed',
  'fax.canceled': 'canceled',
  'fax.uncertain': 'uncertain',
};

/** Turns entries into progress; true for an entry that ends the fax. */
function tellProgress({ pages: known }: Fax, onProgress: SendControl['onProgress']): (event: LedgerEvent) => boolean {
  let pages = known;
  let pagesConfirmed = 0;
  return (event) => {
    const state = STATE_AFTER[event.type];
    if (state === undefined) return false;
    pages = count(event.data.pages) ?? pages;
    pagesConfirmed = Math.max(pagesConfirmed, count(event.data.page) ?? 0, count(event.data.pagesConfirmed) ?? 0);
    onProgress?.({ phase: 'fax', state, pages, pagesConfirmed, event });
    return ENDED.includes(state);
  };
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}
