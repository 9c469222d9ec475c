import type { FastifyReply, FastifyRequest } from 'fastify';
import { base64url, sha256 } from '../../crypto/index.ts';
import type { AccountId } from '../../gateway/fax/ids.ts';
import { endOf } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { waiting } from '../plugins/long-waits.ts';
import { recheck } from '../plugins/principal.ts';
import type { Watch } from '../schemas/index.ts';
import { isoTime } from '../schemas/shape.ts';

/**
 * Between two slices of a wait the caller's right is checked again, and the state is looked at though nothing was heard:
 * the start of a page, for one, stands in no ledger. Milliseconds.
 */
const SLICE = 1_500;
/** Octets of the hash that names a state: nobody meets the same one twice by chance. */
const TAG_OCTETS = 16;

/** What is shown, the moment of it, and its name. */
export type Watched<T> = T & { readonly at: string; readonly tag: string };

/**
 * What `look` answers, as soon as it is something else than what `seen` names, and at the latest after `wait` seconds.
 * Only the last record of a sealed message may be short, so that nothing can be pushed inside a session: this is what
 * server-sent events are elsewhere. What is told is how it stands, so nothing is lost between two requests.
 *
 * @param account whose events are waited for; undefined: those of all
 * @param look as the caller may see it: what is masked must not be guessed from the tag either
 */
export async function watched<T extends object>(
  context: ApiContext,
  who: Watcher,
  watch: Watch,
  account: AccountId | undefined,
  look: () => Promise<T>,
): Promise<Watched<T>> {
  if (watch.wait === 0 || watch.seen === undefined) return seenNow(context, await named(look));
  return waiting(context, who.request, () => changed(context, who, watch, account, look));
}

/** Whose wait it is. */
interface Watcher {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function seenNow<T extends object>(
  { gateway }: ApiContext,
  { state, tag }: { readonly state: T; readonly tag: string },
): Watched<T> {
  return { ...state, at: isoTime(gateway.clock.now()), tag };
}

async function changed<T extends object>(
  context: ApiContext,
  { request, reply }: Watcher,
  { seen, wait }: Watch,
  account: AccountId | undefined,
  look: () => Promise<T>,
): Promise<Watched<T>> {
  const { clock, events } = context.gateway;
  const end = endOf(request, reply);
  const deadline = clock.monotonic() + wait * 1_000;
  let last = await named(look);
  while (last.tag === seen && !end.aborted) {
    const left = deadline - clock.monotonic();
    if (left <= 0) break;
    const news = async () => {
      last = await named(look);
      return last.tag === seen ? undefined : last;
    };
    await events.until(account ?? null, news, Math.min(SLICE, left), end);
    if (!end.aborted) await recheck(context, request);
  }
  // It may have ended at any moment of the wait, in which nothing has changed.
  if (request.principal?.session?.ended.aborted) throw new ApiError('session_ended');
  return seenNow(context, last);
}

/** What `look` answers and its name. */
async function named<T extends object>(look: () => Promise<T>): Promise<{ readonly state: T; readonly tag: string }> {
  const state = await look();
  const octets = sha256(new TextEncoder().encode(JSON.stringify(state)));
  return { state, tag: base64url(octets.subarray(0, TAG_OCTETS)) };
}
