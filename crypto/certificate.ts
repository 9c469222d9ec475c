import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { base64url } from './base64url.ts';

/** What the gateway needs to know of a TLS certificate. */
export interface CertificateFacts {
  /** SHA-256 over the DER of the first certificate of the chain, base64url: what clients report seeing. */
  readonly leaf: string;
  /** Milliseconds since 1970. */
  readonly validTo: number;
  /** Whether the certificate is good for this DNS name or address. */
  names(name: string): boolean;
}

/** Reads the first certificate of a PEM chain. Throws what OpenSSL says when there is none. */
export function readCertificate(chain: string): CertificateFacts {
  const x509 = new X509Certificate(chain);
  return {
    leaf: base64url(createHash('sha256').update(x509.raw).digest()),
    validTo: Date.parse(x509.validTo),
    names: (name) => (isIP(name) === 0 ? x509.checkHost(name) : x509.checkIP(name)) !== undefined,
  };
}
