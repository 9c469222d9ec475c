/** Why bytes cannot become pages. The names are those of the renderer's rejection causes. */
export type DocumentErrorCode =
  | 'encrypted'
  | 'damaged'
  | 'unsupported_type'
  | 'converter_missing'
  | 'empty'
  | 'too_many_pages'
  | 'too_large'
  | 'memory'
  | 'limit'
  | FormErrorCode;

/** Why a PDF form cannot be a cover, or a cover cannot be set. */
export type FormErrorCode =
  /** No field that a cover knows. */
  | 'form_fields'
  /** It has scripts. */
  | 'form_script'
  /** Its fields exist as XFA only. */
  | 'form_xfa'
  /** A text does not fit, however small. */
  | 'cover_overflow';

/** A document that cannot be rendered. The message is safe to show: nothing of the content, no path. */
export class DocumentError extends Error {
  readonly code: DocumentErrorCode;

  constructor(code: DocumentErrorCode, message: string) {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
  }
}
