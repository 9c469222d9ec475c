import type { AccountErrorCode } from '../ports/account-records.ts';

/** A change of accounts, users or numbers that was refused; nothing was written. */
export class AccountError extends Error {
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, message: string) {
    super(message);
    this.name = 'AccountError';
    this.code = code;
  }
}
