import {
  certifyReceiptKey,
  type Ed25519Pair,
  generateEd25519,
  generateSigningKey,
  importSigningKey,
  issueSuccession,
  type ReceiptKey,
  type SigningKey,
  wipe,
} from '../../crypto/index.ts';
import { type WebhookKey, webhookPublicKey } from '../../gateway/notify/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { KeyError } from './errors.ts';
import {
  beginRegister,
  type KeyRegister,
  NO_KEYS,
  type RegisteredKey,
  readRegister,
  sameRegister,
  withCurrent,
  writeRegister,
} from './key-register.ts';
import type { KeyStore } from './key-store.ts';

/** Names among the lasting keys. */
const ROOT = 'root-identity';
const NEXT_ROOT = 'root-next';
const RECEIPT = 'receipt-signing';
const WEBHOOK = 'webhook-signing';
const WEBHOOK_BEFORE = 'webhook-signing-before';

/** Receivers of webhooks have so long to learn the new public key, ms: a holiday and a week's work. */
export const WEBHOOK_OVERLAP = 14 * 86_400_000;
/** Old public keys are kept for good, so there is an end to making new ones: one a month for eight years. */
const MOST_KEYS = 100;
/** Characters of a public Ed25519 key that name it. */
const KID_LENGTH = 21;

/**
 * The keys that sign for the gateway. What it answers for each is always the one of the moment: another may take its
 * place while it is held. Rotations are for one process at a time; the others learn of them by `look`.
 */
export interface KeyRing {
  /** The identity that clients pin. */
  readonly root: SigningKey;
  /** Signs wipe receipts and heads of the audit log, certified by the root. */
  readonly receipt: ReceiptKey;
  readonly webhook: WebhookKey;
  readonly register: KeyRegister;
  /** Successions that lead to the root, oldest first. */
  readonly successions: readonly string[];
  /** Pin of the root that was announced. */
  readonly next: string | null;
  /** Reads what other processes may have changed. */
  look(): Promise<void>;
  /** @throws KeyError */
  rotate(key: 'receipt' | 'webhook' | 'next-root' | 'root'): Promise<void>;
}

interface Loaded {
  readonly root: SigningKey;
  readonly receipt: ReceiptKey;
  readonly webhook: Ed25519Pair;
  readonly before: Ed25519Pair | null;
  readonly register: KeyRegister;
}

/** Reads the signing keys, and makes those that do not exist yet. `now`: milliseconds since 1970. */
export async function openKeyRing(keys: KeyStore, now: () => number): Promise<KeyRing> {
  let loaded = await load(keys, now());
  const replace = {
    receipt: () => replaceSigning(keys, RECEIPT),
    webhook: () => replaceWebhook(keys),
    'next-root': () => announceRoot(keys, loaded.register, now()),
    root: () => succeed(keys, loaded, now()),
  };
  const receipt = following(() => loaded.receipt);
  Object.defineProperty(receipt, 'certificate', { get: () => loaded.receipt.certificate, enumerable: true });
  return {
    root: following(() => loaded.root),
    receipt,
    webhook: {
      get privateKey() {
        return loaded.webhook.privateKey;
      },
      get publicKey() {
        return loaded.webhook.publicKey;
      },
      get before() {
        return overlaps(loaded.register, now()) ? loaded.before : null;
      },
    },
    get register() {
      return loaded.register;
    },
    get successions() {
      return handedOver(loaded);
    },
    get next() {
      return loaded.register.next?.pin ?? null;
    },
    async look() {
      const register = await readRegister(keys);
      if (register !== undefined && sameRegister(register, loaded.register)) return;
      loaded = await load(keys, now());
    },
    async rotate(key) {
      if (loaded.register.keys.length >= MOST_KEYS)
        throw new KeyError('too_many_keys', `there are ${MOST_KEYS} keys of earlier times already`);
      await replace[key]();
      loaded = await load(keys, now());
    },
  };
}

/** How often a process looks for what others have rotated, ms. */
const LOOK_EVERY = 60_000;

/** Looks again and again for what other processes have rotated, until the answer is called. */
export function followKeys(ring: Pick<KeyRing, 'look'>, clock: Pick<Clock, 'after'>, log: Log): () => void {
  let cancel = () => {};
  let ended = false;
  const wait = (): void => {
    if (!ended) cancel = clock.after(LOOK_EVERY, look);
  };
  const look = (): void => {
    ring
      .look()
      .catch((error: unknown) => log.warn({ error }, 'the keys were not looked at; trying again in a minute'))
      .finally(wait);
  };
  wait();
  return () => {
    ended = true;
    cancel();
  };
}

/** A key that is always the present one; each signature is made with the key whose name was read in the same turn. */
function following(current: () => SigningKey): SigningKey {
  return {
    get kid() {
      return current().kid;
    },
    get pin() {
      return current().pin;
    },
    get publicSpki() {
      return current().publicSpki;
    },
    get publicJwk() {
      return current().publicJwk;
    },
    sign: (message) => current().sign(message),
  };
}

/** All of them as they are stored, and the register beside them: a rotation that was cut off is entered now. */
async function load(keys: KeyStore, now: number): Promise<Loaded> {
  const root = await signing(keys, ROOT);
  const receipt = await certifyReceiptKey(await signing(keys, RECEIPT), root, now);
  const both = await keys.secret(WEBHOOK, async () => octetsOf(await generateEd25519()));
  const webhook = pairOf(both);
  const before = await keys.read(WEBHOOK_BEFORE);
  const current = [
    registered('root', root, now),
    registered('receipt', receipt, now),
    { use: 'webhook' as const, ...webhookName(webhook), since: now, until: null },
  ];
  const register = await entered(keys, current, root.pin, now);
  return { root, receipt, webhook, before: before === undefined ? null : pairOf(before), register };
}

async function entered(
  keys: KeyStore,
  current: readonly RegisteredKey[],
  pin: string,
  now: number,
): Promise<KeyRegister> {
  const found = await readRegister(keys);
  if (found === undefined) return beginRegister(keys, withCurrent(NO_KEYS, current, now));
  const wanted = withCurrent({ ...found, next: found.next?.pin === pin ? null : found.next }, current, now);
  if (!sameRegister(found, wanted)) await writeRegister(keys, wanted);
  return wanted;
}

async function signing(keys: KeyStore, name: string): Promise<SigningKey> {
  const pem = await keys.secret(name, newSigningPem);
  return importSigningKey(pem).finally(() => wipe(pem));
}

const newSigningPem = async (): Promise<Uint8Array> => (await generateSigningKey()).privatePem;

function registered(use: 'root' | 'receipt', key: SigningKey, since: number): RegisteredKey {
  return { use, kid: key.kid, jwk: key.publicJwk, whpk: null, since, until: null };
}

function webhookName({ publicKey }: Ed25519Pair): Pick<RegisteredKey, 'kid' | 'jwk' | 'whpk'> {
  const whpk = webhookPublicKey(publicKey);
  return { kid: whpk.slice(0, KID_LENGTH), jwk: null, whpk };
}

/** Whether the webhook key before the present one still signs beside it. */
function overlaps({ keys }: KeyRegister, now: number): boolean {
  const last = keys.findLast(({ use, until }) => use === 'webhook' && until !== null);
  return last?.until !== undefined && last.until !== null && now < last.until + WEBHOOK_OVERLAP;
}

async function replaceSigning(keys: KeyStore, name: string): Promise<void> {
  wipe(await keys.replace(name, await newSigningPem()));
}

/** The old key first: cut off in between, there are two that sign the same. */
async function replaceWebhook(keys: KeyStore): Promise<void> {
  const old = await keys.read(WEBHOOK);
  if (old !== undefined) await keys.replace(WEBHOOK_BEFORE, old);
  await keys.replace(WEBHOOK, octetsOf(await generateEd25519()));
}

/** Makes the root that will follow, in the place of one that was announced and never signed. */
async function announceRoot(keys: KeyStore, register: KeyRegister, now: number): Promise<void> {
  const { privatePem, pin, publicJwk } = await generateSigningKey();
  wipe(await keys.replace(NEXT_ROOT, privatePem));
  await writeRegister(keys, { ...register, next: { pin, jwk: publicJwk, since: now } });
}

/**
 * The announced root takes over: the old one signs who follows it, durably, before it is overwritten. Cut off in between,
 * the succession names a root that does not sign yet, which harms nobody, and is used when it is tried again.
 */
async function succeed(keys: KeyStore, { root, register }: Loaded, now: number): Promise<void> {
  const { next, successions } = register;
  const pem = next === null ? undefined : await keys.read(NEXT_ROOT);
  if (next === null || pem === undefined) throw new KeyError('no_next_root', 'announce the next root first');
  const heir = await importSigningKey(pem);
  if (heir.pin !== next.pin)
    throw new KeyError('no_next_root', 'the next root is not the announced one; announce anew');
  const earlier = successions.filter(({ from }) => from !== root.pin);
  const succession = { from: root.pin, to: heir.pin, jws: await issueSuccession(next.jwk, root, now) };
  await writeRegister(keys, { ...register, successions: [...earlier, succession] });
  wipe(await keys.replace(ROOT, pem));
  // Nothing that was once secret is left under the name; an empty one is none.
  await keys.replace(NEXT_ROOT, new Uint8Array(0));
}

/** Without one that names a root which does not sign yet. */
function handedOver({ root, register }: Loaded): string[] {
  return register.successions.filter(({ from }) => from !== root.pin).map(({ jws }) => jws);
}

const octetsOf = ({ privateKey, publicKey }: Ed25519Pair): Uint8Array => new Uint8Array([...privateKey, ...publicKey]);

const pairOf = (both: Uint8Array): Ed25519Pair => ({ privateKey: both.subarray(0, 32), publicKey: both.subarray(32) });
