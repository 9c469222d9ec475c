import type { Channel } from './channel.ts';
import { createPatience } from './patience.ts';
import { pause } from './pause.ts';
import { withQuery } from './query.ts';

/** Longest that the gateway holds a request open, in seconds. */
const LONGEST_WAIT = 25;
/** What changes all the time is told twice a second at most, in milliseconds. */
const PACE = 500;

/** Something that is shown as it stands; `tag` names everything of it but the time. */
export interface Tagged {
  readonly tag: string;
}

/**
 * What stands at `path`, at once and whenever it changes, until `signal` aborts. An interruption of any length loses
 * nothing: what follows it is how it stands then.
 */
export async function* watch<T extends Tagged>(
  channel: Channel,
  path: string,
  query: object,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const patience = createPatience(signal);
  let seen: string | undefined;
  while (!signal?.aborted) {
    const asked = withQuery(path, { ...query, seen, wait: LONGEST_WAIT });
    const read = () => channel.json({ method: 'GET', path: asked, repeatable: true, signal });
    const found = (await patience.attempt(read)) as T | undefined;
    if (found === undefined || found.tag === seen || signal?.aborted) continue;
    seen = found.tag;
    yield found;
    await pause(PACE, signal);
  }
}
