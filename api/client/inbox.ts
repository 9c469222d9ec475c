import type { RecipientKey } from '../../crypto/client.ts';
import type { Channel, Reply } from './channel.ts';
import { whole } from './channel.ts';
import { ClientError } from './errors.ts';
import type { Events } from './events.ts';
import type { Paging } from './paging.ts';
import { everything } from './paging.ts';
import { createPatience } from './patience.ts';
import { segment, withQuery } from './query.ts';
import type { SealedPage } from './sealed-inbound.ts';
import { openPage, pageKey } from './sealed-inbound.ts';
import type { Fax, FaxState, List, PageInfo } from './types.ts';

/** A fax whose lease someone else let run out comes back without an event: look again after this long, in ms. */
const LOOK_AGAIN = 60_000;

/** Which received faxes. */
export interface InboundFilter extends Paging {
  state?: FaxState | readonly FaxState[];
  number?: string;
  since?: string;
  until?: string;
}

/** How the inbox is emptied. */
export interface InboxOptions {
  /** Seconds (10…900) for which each fax is ours alone; 300 when left out. */
  readonly lease?: number;
  readonly signal?: AbortSignal;
}

/** A received fax that is leased to us: fetch it, store it, then acknowledge it. */
export interface InboxFax {
  readonly fax: Fax;
  /** Whole document in chunks of at most 64 KiB, each zeroed when the next is asked for. */
  document(format?: 'pdf' | 'tiff'): AsyncGenerator<Uint8Array>;
  pages(): Promise<PageInfo[]>;
  /** One page as a PNG. */
  page(number: number): Promise<Uint8Array>;
  /**
   * Sealed inbound: pages that only the owner of the registered key opens, as T.6 in the form in which they arrived.
   * `writeTiff` makes a file of them.
   */
  sealedPages(key: RecipientKey): AsyncGenerator<SealedPage>;
  /** Says that the fax is safe on our side; the gateway wipes it. */
  acknowledge(): Promise<void>;
}

/**
 * Received faxes. `for await (const one of client.inbox)` leases the next unread fax and waits for new ones, over
 * interruptions of any length; a fax that is not acknowledged within its lease is offered again.
 */
export interface Inbox extends AsyncIterable<InboxFax> {
  /** As the iterator, with options. Ends when `signal` aborts. */
  watch(options: InboxOptions): AsyncGenerator<InboxFax>;
  /** Leases the next unread fax, or null when there is none. */
  next(lease?: number): Promise<InboxFax | null>;
  get(id: string): Promise<InboxFax>;
  list(filter?: InboundFilter): Promise<List<Fax>>;
  all(filter?: InboundFilter): AsyncGenerator<Fax>;
}

/** @see Inbox */
export function createInbox(channel: Channel, events: Events): Inbox {
  const read = (path: string) => channel.json({ method: 'GET', path, repeatable: true });
  const list = async (filter: InboundFilter = {}) => (await read(withQuery('/v1/inbound', filter))) as List<Fax>;

  async function lease(seconds: number | undefined, signal: AbortSignal | undefined): Promise<InboxFax | null> {
    const wish = seconds === undefined ? {} : { seconds };
    // A lease whose answer is lost runs out by itself, and the fax is offered again.
    const call = { method: 'POST', path: '/v1/inbound/next', repeatable: true, signal } as const;
    const fax = (await channel.json(call, wish)) as Fax | undefined;
    return fax === undefined ? null : inboxFax(channel, fax);
  }

  async function* watch({ lease: seconds, signal }: InboxOptions): AsyncGenerator<InboxFax> {
    const patience = createPatience(signal);
    while (!signal?.aborted) {
      // The cursor is taken before the lease, so that a fax that arrives in between is not waited for.
      const found = await patience.attempt(async () => ({
        after: await events.head(),
        one: await lease(seconds, signal),
      }));
      if (found === undefined) continue;
      if (found.one !== null) yield found.one;
      else await arrival(events, found.after, signal);
    }
  }

  return {
    watch,
    next: (seconds) => lease(seconds, undefined),
    get: async (id) => inboxFax(channel, (await read(`/v1/inbound/${segment(id)}`)) as Fax),
    list,
    all: (filter = {}) => everything(list, filter),
    [Symbol.asyncIterator]: () => watch({}),
  };
}

/** Waits for the next received fax, or a minute. */
async function arrival(events: Events, after: number, signal: AbortSignal | undefined): Promise<void> {
  const stop = AbortSignal.any([AbortSignal.timeout(LOOK_AGAIN), ...(signal === undefined ? [] : [signal])]);
  for await (const event of events.from({ after, signal: stop })) {
    if (event.type === 'fax.received') return;
  }
}

function inboxFax(channel: Channel, fax: Fax): InboxFax {
  const at = (rest: string) => `/v1/inbound/${segment(fax.id)}${rest}`;
  const get = (path: string): Promise<Reply> => channel.request({ method: 'GET', path, repeatable: true });

  async function pages(): Promise<PageInfo[]> {
    const answer = await channel.json({ method: 'GET', path: at('/pages'), repeatable: true });
    return (answer as { items: PageInfo[] }).items;
  }

  async function* document(format: 'pdf' | 'tiff' = 'pdf'): AsyncGenerator<Uint8Array> {
    yield* (await get(withQuery(at('/document'), { format }))).body;
  }

  async function* sealedPages(key: RecipientKey): AsyncGenerator<SealedPage> {
    if (fax.sealedKey === null) throw new ClientError('usage', 'this fax is not sealed to a registered key');
    const dek = await pageKey(key, fax.id, fax.sealedKey);
    try {
      for (const page of await pages()) {
        const { body } = await get(at(`/sealed/${page.number}`));
        yield await openPage(dek, fax.id, page, body);
      }
    } finally {
      dek.fill(0);
    }
  }

  return {
    fax,
    document,
    pages,
    page: async (number) => whole(await get(at(`/pages/${segment(number)}`))),
    sealedPages,
    async acknowledge() {
      await channel.json({ method: 'POST', path: at('/acknowledge'), repeatable: true });
    },
  };
}
