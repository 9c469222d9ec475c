import { hash, verify } from '@node-rs/argon2';
import { base64url } from './base64url.ts';
import { utf8 } from './bytes.ts';
import { SealError } from './errors.ts';
import { randomBytes } from './random.ts';
import { type SlotLimits, Slots } from './slots.ts';
import { wipe } from './wipe.ts';

/** RFC 9106 §4, second recommended option (64 MiB, t = 3), with one lane: a log-in uses one core only. */
const ARGON2ID = { memoryCost: 65_536, timeCost: 3, parallelism: 1, outputLen: 32 } as const;
/** Longer input only serves to keep the server busy. */
const PASSWORD_LIMIT = 1_024;
/** What we write; a stored hash with other costs would make unknown users cost something else than known ones. */
const ENCODED = /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

/** Two at once hold 128 MiB and half of the default thread pool. */
const DEFAULT_LIMITS: SlotLimits = { concurrent: 2, waiting: 32 };

/** Argon2id behind a semaphore with a bounded queue. */
export interface PasswordHasher {
  /** PHC string of a password of 1 to 1,024 UTF-8 octets (NFC first). Throws `password` for others and `busy`. */
  hash(password: string): Promise<string>;
  /**
   * True when the password belongs to the hash. Takes the same time for every password, also for one that is too long
   * (which is false). Throws `password` when `encoded` is not one of ours, and `busy`.
   */
  verify(encoded: string, password: string, preferred?: boolean): Promise<boolean>;
}

/** A hasher with limits of its own; the process needs one only. */
export function createPasswordHasher(limits: SlotLimits = DEFAULT_LIMITS): PasswordHasher {
  const slots = new Slots(limits);
  return {
    hash: (password) => hashIn(slots, password),
    verify: (encoded, password, preferred) => verifyIn(slots, encoded, password, preferred ?? false),
  };
}

async function hashIn(slots: Slots, password: string): Promise<string> {
  const octets = utf8(password.normalize('NFC'));
  try {
    if (octets.length === 0) throw new SealError('password', 'empty');
    if (octets.length > PASSWORD_LIMIT) throw new SealError('password', `more than ${PASSWORD_LIMIT} bytes`);
    return await slots.run(() => hash(octets, ARGON2ID));
  } finally {
    wipe(octets);
  }
}

async function verifyIn(slots: Slots, encoded: string, password: string, preferred: boolean): Promise<boolean> {
  if (!ENCODED.test(encoded)) throw new SealError('password', 'the stored hash has other parameters');
  const fits = password.length <= PASSWORD_LIMIT;
  const octets = utf8(fits ? password.normalize('NFC') : 'too long');
  try {
    const right = await slots.run(() => verify(encoded, octets), preferred);
    return right && fits && octets.length <= PASSWORD_LIMIT;
  } finally {
    wipe(octets);
  }
}

const shared = createPasswordHasher();

/** {@link PasswordHasher.hash} of the process. */
export const hashPassword = shared.hash;
/** {@link PasswordHasher.verify} of the process. */
export const verifyPassword = shared.verify;

let dummy: Promise<string> | undefined;

/** The hash of a password that nobody knows: what an unknown user's password is verified against, at the same cost. */
export function dummyPasswordHash(): Promise<string> {
  dummy ??= shared.hash(base64url(randomBytes(32))).catch((failure: unknown) => {
    dummy = undefined;
    throw failure;
  });
  return dummy;
}
