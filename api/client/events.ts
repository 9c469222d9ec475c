import type { Channel } from './channel.ts';
import { createPatience } from './patience.ts';
import { withQuery } from './query.ts';
import type { LedgerEvent } from './types.ts';

/** Longest poll that the gateway holds open, in seconds. */
const LONGEST_POLL = 25;

/** Where to begin and when to end. */
export interface EventsOptions {
  /** Events with a greater `seq`. The end of the ledger when left out: only what happens from now on. */
  readonly after?: number;
  readonly signal?: AbortSignal;
}

/** Entries, and the cursor for the following request. */
export interface EventPage {
  items: LedgerEvent[];
  next: number;
}

/**
 * The account's ledger. `for await (const event of client.events)` yields what happens from now on; after an
 * interruption of any length it goes on where it was, without a gap and without doubles.
 */
export interface Events extends AsyncIterable<LedgerEvent> {
  /** As the iterator, from a cursor of one's own. Ends when `signal` aborts. */
  from(options: EventsOptions): AsyncGenerator<LedgerEvent>;
  /** One page; waits up to `wait` seconds (at most 25) for the first entry. After `latest`: no entry, and the head. */
  read(query: { after: number | 'latest'; limit?: number; wait?: number; signal?: AbortSignal }): Promise<EventPage>;
  /** Cursor of the newest entry, 0 for an empty ledger. */
  head(): Promise<number>;
  /** Cursor before the first entry at or after `time` (ISO 8601). */
  before(time: string): Promise<number>;
}

/** @see Events */
export function createEvents(channel: Channel): Events {
  const read: Events['read'] = async ({ signal, ...query }) => {
    const path = withQuery('/v1/events', query);
    return (await channel.json({ method: 'GET', path, repeatable: true, signal })) as EventPage;
  };

  const head: Events['head'] = async () => (await read({ after: 'latest' })).next;

  /** The ledger has no gap, so the place is found by halving: twenty questions for a million entries. */
  async function before(time: string): Promise<number> {
    const at = Date.parse(time);
    return firstThat(0, await head(), async (seq) => {
      const [next] = (await read({ after: seq, limit: 1 })).items;
      return next === undefined || Date.parse(next.at) >= at;
    });
  }

  async function* from({ after, signal }: EventsOptions): AsyncGenerator<LedgerEvent> {
    const stop = signal === undefined ? {} : { signal };
    const patience = createPatience(signal);
    let cursor = after ?? (await head());
    while (!signal?.aborted) {
      const from = cursor;
      const page = await patience.attempt(() => read({ after: from, wait: LONGEST_POLL, ...stop }));
      for (const event of page?.items ?? []) {
        cursor = event.seq;
        yield event;
      }
    }
  }

  return { read, head, before, from, [Symbol.asyncIterator]: () => from({}) };
}

/** The least number from `low` to `high` of which `holds` is true, when it stays true from there on; else `high`. */
async function firstThat(low: number, high: number, holds: (value: number) => Promise<boolean>): Promise<number> {
  let least = low;
  for (let most = high; least < most; ) {
    const middle = Math.floor((least + most) / 2);
    if (await holds(middle)) most = middle;
    else least = middle + 1;
  }
  return least;
}
