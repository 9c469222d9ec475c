/**
 * Why a TIFF file was refused:
 * - `not_tiff`: the first bytes are not those of a TIFF file;
 * - `damaged`: a directory, offset or count contradicts the file or itself;
 * - `unsupported`: well-formed, but of a kind that is not read (BigTIFF, JPEG, floating point …);
 * - `too_many_pages`, `too_large`: over the caller's limits.
 */
export type TiffErrorCode = 'not_tiff' | 'damaged' | 'unsupported' | 'too_many_pages' | 'too_large';

/** A TIFF file that cannot be used; the message is safe to show, it holds numbers and field names only. */
export class TiffError extends Error {
  readonly code: TiffErrorCode;
  constructor(code: TiffErrorCode, message: string) {
    super(message);
    this.name = 'TiffError';
    this.code = code;
  }
}

/** A file that contradicts itself. */
export function damaged(message: string): TiffError {
  return new TiffError('damaged', message);
}

/** A file of a kind that is not read. */
export function unsupported(message: string): TiffError {
  return new TiffError('unsupported', message);
}
