import type { KeyErrorCode } from '../../gateway/ports/key-desk.ts';

/** A rotation that is refused; the message says why. */
export class KeyError extends Error {
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string) {
    super(message);
    this.name = 'KeyError';
    this.code = code;
  }
}
