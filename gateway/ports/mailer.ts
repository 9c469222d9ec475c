import type { MailId } from '../fax/ids.ts';

/** A file beside the text. */
export interface MailAttachment {
  /** File name: ASCII letters, digits, dots and hyphens. */
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** What is written to one person. */
export interface Letter {
  readonly subject: string;
  /** Plain text; lines end with LF. */
  readonly text: string;
  readonly attachments?: readonly MailAttachment[];
}

/** A letter on its way. A repeated one has the same id and date, so that a reader's programme may show it once. */
export interface Mail extends Letter {
  readonly id: MailId;
  readonly to: string;
  /** When it was written, ms since 1970. */
  readonly at: number;
}

/**
 * What an attempt came to: `later` may go better another time, `refused` never will. Reasons are words of ours and SMTP
 * codes; they hold no address.
 */
export type MailOutcome =
  | { readonly result: 'sent' }
  | { readonly result: 'later' | 'refused'; readonly reason: string };

/** Hands mails to a server that takes them further. */
export interface Mailer {
  /** Never throws for what the server or the way to it does; gives up in a minute. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Ends what is being sent, with `later`. */
  close(): void;
}
