import { createHash } from 'node:crypto';

const NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;

/**
 * The hash of HTTP and SIP digest authentication (RFC 7616 §3.2, RFC 8760): lower-case hex of the hash of UTF-8 text.
 * Only for that protocol, which telephone companies ask for; MD5 is no security primitive, and nothing else may use this.
 */
export function digestHash(algorithm: keyof typeof NAMES, text: string): string {
  return createHash(NAMES[algorithm]).update(text, 'utf8').digest('hex');
}
