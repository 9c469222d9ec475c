/** What one child may use. Each limit ends its document with one cause, never the gateway. */
export interface ChildLimits {
  /**
   * RLIMIT_DATA in KiB. Measured with Node 24: of 1.5 GiB, Node itself takes 0.5, PDFium and libvips can use 0.99.
   * RLIMIT_AS of the same size leaves 0.25 GiB, because V8 reserves 1.1 GiB of addresses that it never touches, and makes WebAssembly
   * fall back to checked memory that doubles while it grows.
   */
  readonly dataKiB: number;
  /**
   * RLIMIT_AS in KiB: addresses, not memory. V8 reserves 10 GiB for one WebAssembly memory; measured, 16 GiB makes it fail
   * outright instead of falling back, 32 GiB is enough.
   */
  readonly addressKiB: number;
  /** Seconds of CPU for the whole job (RLIMIT_CPU). */
  readonly cpuPerDocument: number;
  /** Seconds of CPU for one page, watched by the gateway. */
  readonly cpuPerPage: number;
  /** Seconds on the clock that the gateway waits for the next sign of life. */
  readonly wall: number;
  /** Bytes of all documents of a fax. */
  readonly documentBytes: number;
  /** Bytes of one sealed page: a page of noise at 204×391 codes to 4 MB. */
  readonly pageBytes: number;
}

/** The limits of the design. */
export const DEFAULT_LIMITS: ChildLimits = {
  dataKiB: 1_572_864,
  addressKiB: 67_108_864,
  cpuPerDocument: 120,
  cpuPerPage: 5,
  wall: 30,
  documentBytes: 64 * 1024 * 1024,
  pageBytes: 32 * 1024 * 1024,
};
