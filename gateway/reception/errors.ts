/** Why the reception does not go on with an incoming call; the carrier disconnects. */
export type ReceptionErrorCode =
  /** The records belong to another worker now, or the lease could not be renewed. */
  'fenced' | 'no_receiver' | 'out_of_turn' | 'page_invalid' | 'page_too_large' | 'too_many_pages';

/** A refusal in the middle of an incoming call. */
export class ReceptionError extends Error {
  override readonly name = 'ReceptionError';
  readonly code: ReceptionErrorCode;

  constructor(code: ReceptionErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
