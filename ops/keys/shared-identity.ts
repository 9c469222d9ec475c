import { z } from 'zod';
import { importSigningKey, newBytes, type ServerIdentity, type Suite, wipe } from '../../crypto/index.ts';
import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Exclusion } from '../../gateway/ports/exclusion.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { hostForm, type IdentityRequest, issueIdentity, type LiveIdentity } from './identity.ts';
import type { KeyStore } from './key-store.ts';

const SECOND = 1_000;
/** A handshake key is renewed after a week; the statement about it lasts two. */
const RENEW_AFTER = 7 * 86_400 * SECOND;
/** A new one is served from a moment so far ahead that every process has fetched it by then. */
const ANNOUNCED = 300 * SECOND;
/** How often the rows are looked at. */
const LOOK_EVERY = 60 * SECOND;
/** Two places: the identity that is served, and the one before or after it. */
const SLOTS = ['handshake-0', 'handshake-1'] as const;

/** An identity as it is stored. */
interface Stored extends ServerIdentity {
  /** Time from which it is served, milliseconds since 1970. */
  readonly from: number;
  readonly suites: readonly Suite[];
  /** Pin of the root that signed; older releases wrote none. */
  readonly root?: string | undefined;
  /** Pin of the next root that it announces. */
  readonly next: string | null;
  /** Index into `SLOTS`. */
  readonly slot: number;
}

export interface SharedIdentityParts extends IdentityRequest {
  readonly keys: KeyStore;
  readonly exclusion: Exclusion;
  readonly settings: Pick<AccountRecords, 'nextNumber'>;
  /** The same time in every process. */
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One identity for all gateways of a cluster, sealed in the database. Clients refuse a statement whose number is lower
 * than one that they have seen, so all gateways must go over to a new one at the same moment: it is stored ahead of its
 * time and served by everybody from then on. Whoever looks first renews it.
 */
export async function sharedIdentity(parts: SharedIdentityParts): Promise<LiveIdentity> {
  const { clock, log } = parts;
  let known = await look(parts);
  let closed = false;
  let cancel = () => {};
  const lookAgain = (): void => {
    if (closed) return;
    cancel = clock.after(LOOK_EVERY, () => {
      look(parts)
        .then((found) => {
          known = found;
        })
        .catch((error: unknown) => log.warn({ error }, 'the handshake key was not looked at; trying again in a minute'))
        .finally(lookAgain);
    });
  };
  lookAgain();
  return {
    current() {
      const served = servedAt(known, clock.now());
      if (served === undefined) throw new Error('a gateway has no identity');
      return served;
    },
    async renew() {
      known = await exclusively(parts, async (found) => renew(found, parts));
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

/** The latest whose time has come; before any has, the first. */
function servedAt(known: readonly Stored[], now: number): Stored | undefined {
  return known.findLast(({ from }) => from <= now) ?? known[0];
}

/** What is stored, in the order of its times; renewed when it is old, or says something else than what is wanted. */
async function look(parts: SharedIdentityParts): Promise<readonly Stored[]> {
  await parts.line?.look();
  const found = await stored(parts.keys);
  if (isCurrent(found, parts)) return found;
  return exclusively(parts, async (meanwhile) => (isCurrent(meanwhile, parts) ? meanwhile : renew(meanwhile, parts)));
}

/** For one process at a time, which knows the root of the moment: an old one would undo what another has done. */
function exclusively(
  { exclusion, keys, line }: SharedIdentityParts,
  work: (found: readonly Stored[]) => Promise<readonly Stored[]>,
): Promise<readonly Stored[]> {
  return exclusion.exclusively('handshake-identity', async () => {
    await line?.look();
    return work(await stored(keys));
  });
}

function isCurrent(found: readonly Stored[], { clock, names, suites, root, line }: SharedIdentityParts): boolean {
  const last = found.at(-1);
  if (last === undefined || clock.now() - last.from >= RENEW_AFTER) return false;
  const sameRoot = (last.root ?? root.pin) === root.pin && last.next === (line?.next ?? null);
  return sameRoot && sameSet(names.map(hostForm), last.hosts) && sameSet(suites, last.suites);
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item) => b.includes(item));

/** Stores a new one in the place of that which is not served; the very first is served at once. */
async function renew(found: readonly Stored[], parts: SharedIdentityParts): Promise<readonly Stored[]> {
  const { keys, clock, suites, root, line } = parts;
  const served = servedAt(found, clock.now());
  const [{ pin }, next] = [root, line?.next ?? null];
  const { handshakeKey, statement, hosts, roots } = await issueIdentity(parts, parts);
  const from = served === undefined ? clock.now() : clock.now() + ANNOUNCED;
  const { privatePem } = handshakeKey;
  const head = new TextEncoder().encode(
    `${JSON.stringify({ from, statement, hosts, suites, root: pin, next, roots })}\n`,
  );
  const bytes = newBytes(head.length + privatePem.length);
  bytes.set(head);
  bytes.set(privatePem, head.length);
  wipe(privatePem);
  wipe(await keys.replace(SLOTS[served?.slot === 0 ? 1 : 0], bytes));
  wipe(bytes);
  return stored(keys);
}

async function stored(keys: KeyStore): Promise<readonly Stored[]> {
  const read = await Promise.all(SLOTS.map((_, slot) => readSlot(keys, slot)));
  return read.flatMap((one) => one ?? []).sort((a, b) => a.from - b.from);
}

const HEAD = z.object({
  from: z.number(),
  statement: z.string(),
  hosts: z.array(z.string()),
  suites: z.array(z.custom<Suite>((value) => typeof value === 'string')),
  root: z.string().optional(),
  next: z.string().nullable().default(null),
  roots: z.array(z.string()).default([]),
});

/** One line of JSON, then the private key as PEM. */
async function readSlot(keys: KeyStore, slot: number): Promise<Stored | undefined> {
  const bytes = await keys.read(SLOTS[slot] ?? '');
  if (bytes === undefined) return undefined;
  try {
    const end = bytes.indexOf(0x0a);
    const head = HEAD.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))));
    return { ...head, slot, handshakeKey: await importSigningKey(bytes.subarray(end + 1)) };
  } finally {
    wipe(bytes);
  }
}
