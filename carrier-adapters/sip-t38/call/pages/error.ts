/** Why a page could not be coded. `unreadable`: what is stored is no whole T.6 image of the rows it is said to have. */
export type PageErrorCode = 'unreadable';

/** A page that cannot be sent. The message never holds page content. */
export class PageError extends Error {
  readonly code: PageErrorCode;

  constructor(code: PageErrorCode, message: string) {
    super(message);
    this.name = 'PageError';
    this.code = code;
  }
}
