/** Faults of our own; nothing that a peer sends leads here. */
export type T30ErrorCode =
  /** A phase was followed by one that T.30 does not allow behind it. */
  | 'illegal_transition'
  /** A caller was made without a page. */
  | 'no_pages'
  /** A frame was to be built from a value that its field cannot hold. */
  | 'unfit_value';

/** The folder's only error. Messages hold no number and no page content. */
export class T30Error extends Error {
  readonly code: T30ErrorCode;

  constructor(code: T30ErrorCode, message: string) {
    super(message);
    this.name = 'T30Error';
    this.code = code;
  }
}
