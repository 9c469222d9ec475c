/** Why a gateway cannot be moved. */
export type ImportErrorCode = 'usage' | 'not_found' | 'keys_missing';

/** A move that did not happen: the source is as it was, and the target holds nothing of it. */
export class ImportError extends Error {
  readonly code: ImportErrorCode;

  constructor(code: ImportErrorCode, message: string) {
    super(message);
    this.name = 'ImportError';
    this.code = code;
  }
}
