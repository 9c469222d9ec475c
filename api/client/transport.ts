/** One POST to the gateway; everything that matters is inside the sealed body. */
export interface TransportRequest {
  /** `/sfx1/hello` or `/sfx1/m`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, as HTTP shows it. Nothing of it is believed before it has been opened. */
export interface TransportAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Raw Retry-After header. */
  readonly retryAfter: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** base64url(SHA-256) of the TLS leaf certificate of this connection; null where the runtime does not show it. */
  readonly tlsLeaf: string | null;
}

/**
 * Carries opaque bytes to one gateway. Rejects with ClientError `unreachable`, `timeout` or `aborted`.
 *
 * The session authenticates the server by its pin, so a transport may accept any certificate.
 */
export interface Transport {
  post(request: TransportRequest): Promise<TransportAnswer>;
  /** Drops idle connections. */
  close(): void;
}
