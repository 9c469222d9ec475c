import { isIP } from 'node:net';
import { generate } from 'selfsigned';
import { readCertificate } from '../../crypto/index.ts';

/** What HTTPS listens with, and the SHA-256 of the leaf that clients see (base64url). */
export interface TlsFiles {
  /** PEM chain. */
  readonly cert: string;
  /** PEM key. */
  readonly key: string;
  readonly leaf: string;
}

const DAY = 86_400_000;

/** A fresh self-signed P-256 certificate for `names`, valid for 397 days. Clients trust the pin inside, not this. */
export async function selfSigned(names: readonly string[], now: number): Promise<{ cert: string; key: string }> {
  const altNames = names.map((name) =>
    isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
  );
  const made = await generate([{ name: 'commonName', value: names[0] ?? 'sealfax' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - DAY),
    notAfterDate: new Date(now + 397 * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { cert: made.cert, key: made.private };
}

/** Whether the chain is good for another 30 days and names every one of `names`. */
export function isFresh(cert: string, names: readonly string[], now: number): boolean {
  const facts = readCertificate(cert);
  return facts.validTo > now + 30 * DAY && names.every((name) => facts.names(name));
}
