/** Version of the protocol that this code speaks. */
export const PROTOCOL_VERSION = 1;

/**
 * Suites by name and the octets of their record key. The second is offered only where policy allows it. A third place
 * is kept for P-521 + ML-KEM-1024.
 */
export const SUITE_KEY_SIZES = { 'P521-HKDF512-A256GCM': 32, 'P521-HKDF512-A128GCM': 16 } as const;

/** Name of a suite. */
export type Suite = keyof typeof SUITE_KEY_SIZES;

/** The suite of every client and server. */
export const DEFAULT_SUITE: Suite = 'P521-HKDF512-A256GCM';

/** True for a suite that this code knows. */
export function isSuite(name: unknown): name is Suite {
  return typeof name === 'string' && Object.hasOwn(SUITE_KEY_SIZES, name);
}
