import { z } from 'zod';
import type { P521Jwk } from '../../crypto/index.ts';
import type { KeyStore } from './key-store.ts';

/** Name of the register among the lasting keys. It holds no secret; sealed, nobody can put a key into it. */
const NAME = 'key-register';

const JWK = z.custom<P521Jwk>((value) => typeof value === 'object' && value !== null);

const REGISTERED = z.object({
  use: z.enum(['root', 'receipt', 'webhook']),
  /** Pin of a P-521 key, the beginning of its `whpk_…` of an Ed25519 key. */
  kid: z.string(),
  jwk: JWK.nullable(),
  whpk: z.string().nullable(),
  /** Since when it is known to sign, ms since 1970. */
  since: z.number(),
  /** When another took its place; null while it signs. */
  until: z.number().nullable(),
});

const REGISTER = z.object({
  keys: z.array(REGISTERED),
  /** How earlier roots handed over, oldest first, by pins and as signed. */
  successions: z.array(z.object({ from: z.string(), to: z.string(), jws: z.string() })),
  /** The root that was announced and does not sign yet. */
  next: z.object({ pin: z.string(), jwk: JWK, since: z.number() }).nullable(),
});

/** A public key of this gateway, in use or retired. */
export type RegisteredKey = Readonly<z.infer<typeof REGISTERED>>;

/** All public keys that ever signed for this gateway: old receipts are verified with old keys. */
export type KeyRegister = Readonly<z.infer<typeof REGISTER>>;

/** The register of a gateway that has none yet. */
export const NO_KEYS: KeyRegister = { keys: [], successions: [], next: null };

/** The register, if there is one. */
export async function readRegister(keys: KeyStore): Promise<KeyRegister | undefined> {
  const bytes = await keys.read(NAME);
  return bytes === undefined ? undefined : registerOf(bytes);
}

/** The first register; of several processes that write it one wins. Answers what stands there. */
export async function beginRegister(keys: KeyStore, register: KeyRegister): Promise<KeyRegister> {
  return registerOf(await keys.secret(NAME, async () => octetsOf(register)));
}

/** Puts `register` in the place of the one before, durably. */
export async function writeRegister(keys: KeyStore, register: KeyRegister): Promise<void> {
  await keys.replace(NAME, octetsOf(register));
}

/** The register with `current` as the keys in use: those that are new are added, those that they replace are retired. */
export function withCurrent(register: KeyRegister, current: readonly RegisteredKey[], now: number): KeyRegister {
  const retired = register.keys.map((known) => {
    const inUse = current.some(({ use, kid }) => use === known.use && kid === known.kid);
    return inUse || known.until !== null ? known : { ...known, until: now };
  });
  const added = current.filter(
    ({ use, kid }) => !register.keys.some((known) => known.use === use && known.kid === kid),
  );
  return { ...register, keys: [...retired, ...added] };
}

/** Whether both name the same keys, in the same state. */
export function sameRegister(a: KeyRegister, b: KeyRegister): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function registerOf(bytes: Uint8Array): KeyRegister {
  return REGISTER.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

function octetsOf(register: KeyRegister): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(register));
}
