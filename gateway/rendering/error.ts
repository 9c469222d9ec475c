/** What can go wrong in the renderer itself; a document's faults are `DocumentRejected`. */
export type RenderingErrorCode = 'protocol' | 'closed' | 'busy' | 'start' | 'usage';

/** A fault of the renderer or of its caller. */
export class RenderingError extends Error {
  readonly code: RenderingErrorCode;

  constructor(code: RenderingErrorCode, message: string) {
    super(message);
    this.name = 'RenderingError';
    this.code = code;
  }
}
