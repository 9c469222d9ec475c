/** Why the network could not be set up. */
export type NetworkErrorCode =
  /** Another process has the address and port. */
  | 'address_in_use'
  /** The address is none of this host's. */
  | 'address_unavailable'
  /** A port below 1024 without the right to it. */
  | 'not_permitted'
  /** Certificate or key of a TLS listener cannot be used. */
  | 'certificate_invalid'
  | 'failed';

/** A socket that could not be opened. What happens on an open one never throws. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;

  constructor(code: NetworkErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

const CODES: Readonly<Record<string, NetworkErrorCode>> = {
  EADDRINUSE: 'address_in_use',
  EADDRNOTAVAIL: 'address_unavailable',
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
};

/** The error for a bind that failed, naming what was to be opened (`SIP over udp on 0.0.0.0:5060`). */
export function bindError(what: string, error: unknown): NetworkError {
  const system = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return new NetworkError(CODES[system] ?? 'failed', `${what} cannot be opened: ${system || String(error)}`);
}
