import type { Channel } from './channel.ts';
import { ClientError } from './errors.ts';
import { pause } from './pause.ts';
import { withQuery } from './query.ts';
import type { LedgerEvent } from './types.ts';

/** Longest poll that the gateway holds open, in seconds. */
const LONGEST_POLL = 25;
/** Pause after a failed poll, in milliseconds: the first, and the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;

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
  /** One page; waits up to `wait` seconds (at most 25) for the first entry. */
  read(query: { after: number; limit?: number; wait?: number; signal?: AbortSignal }): Promise<EventPage>;
  /** Cursor of the newest entry, 0 for an empty ledger. */
  head(): Promise<number>;
}

/** @see Events */
export function createEvents(channel: Channel): Events {
  const read: Events['read'] = async ({ signal, ...query }) => {
    const path = withQuery('/v1/events', query);
    return (await channel.json({ method: 'GET', path, repeatable: true, signal })) as EventPage;
  };

  async function head(): Promise<number> {
    const { seq } = (await channel.json({ method: 'GET', path: '/v1/events/head', repeatable: true })) as {
      seq: number;
    };
    return seq;
  }

  async function* from({ after, signal }: EventsOptions): AsyncGenerator<LedgerEvent> {
    const stop = signal === undefined ? {} : { signal };
    let cursor = after ?? (await head());
    let wait = FIRST_PAUSE;
    while (!signal?.aborted) {
      const page = await read({ after: cursor, wait: LONGEST_POLL, ...stop }).catch((error: unknown) => error);
      if (isPage(page)) {
        wait = FIRST_PAUSE;
        for (const event of page.items) {
          cursor = event.seq;
          yield event;
        }
        continue;
      }
      if (signal?.aborted) return;
      if (!isPassing(page)) throw page;
      await pause(wait, signal);
      wait = Math.min(wait * 2, LONGEST_PAUSE);
    }
  }

  return { read, head, from, [Symbol.asyncIterator]: () => from({}) };
}

function isPage(value: unknown): value is EventPage {
  return typeof value === 'object' && value !== null && 'items' in value;
}

/** Whether waiting may help: the way to the gateway is broken, not the request. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof ClientError &&
    ['unreachable', 'timeout', 'busy', 'answer_rejected', 'transport_rejected'].includes(error.code)
  );
}
