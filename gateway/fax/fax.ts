import type { Cause } from './cause.ts';
import type { AccountId, BatchId, CallId, FaxId, UserId } from './ids.ts';
import type { E164 } from './number.ts';
import type { AccountPolicy, LineSettings } from './policy.ts';
import type { Resolution } from './resolution.ts';
import type { Direction, FaxState } from './states.ts';
import type { Subaddress } from './subaddress.ts';

/** How the documents of a fax become pages; settled when the fax is accepted and kept over every retry. */
export interface PageOptions {
  readonly resolution: Resolution;
  readonly halftone: 'auto' | 'text' | 'photo';
  /** −100…100; 0 leaves the page as it is. */
  readonly contrast: number;
  readonly paper: 'a4' | 'letter';
  /** Widest paper that the receiver is known to take; A4 when absent. Wider pages are scaled down to it. */
  readonly width?: PaperWidth;
  /** `full`: white below the last mark of a page is sent too. `variable` when absent. */
  readonly length?: 'variable' | 'full';
  /** Template of the header line (TTI), or null for none. */
  readonly header: string | null;
  readonly senderName: string;
  readonly csid: string;
  readonly timeZone: string;
  /** Text of the cover page. It is content: the records never have it, only `sealedCover`. */
  readonly cover: CoverText | null;
  /** The cover's text lies sealed in the vault, as JSON in the object `cover/0`. */
  readonly sealedCover?: true;
  /** The form that the cover is set in lies sealed in the vault, in the object `cover/1`. */
  readonly sealedForm?: true;
  /** Media type of each document as its inspection found it, so that a later rendering reads them alike. */
  readonly mediaTypes?: readonly string[];
}

/** Recording widths of T.30: 215 mm, 255 mm and 303 mm. */
export type PaperWidth = 'a4' | 'b4' | 'a3';

/** What a sender may put on a cover page; every field is plain text. */
export interface CoverText {
  /** A cover that ships, or a form of the account. */
  readonly template: string;
  readonly to: string;
  readonly from: string;
  readonly company: string;
  readonly subject: string;
  readonly note: string;
  readonly confidentiality: string;
}

/** One page as it stands in the vault under the object name `page/<number>`: sealed T.6. */
export interface PageRecord {
  /** 1-based. */
  readonly number: number;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
  /** Length of the coded page before sealing, in bytes: what goes over the line. */
  readonly bytes: number;
  /** HMAC of the coded page under a key derived from the fax's DEK: equal for preview and sent page, useless after the wipe. */
  readonly mark: string;
  readonly warnings: readonly string[];
}

/** One document to one number, or one from a number. Times are milliseconds since 1970. */
export interface Fax {
  readonly id: FaxId;
  readonly account: AccountId;
  /** Who submitted it; null for inbound. */
  readonly user: UserId | null;
  readonly direction: Direction;
  readonly batch: BatchId | null;
  readonly state: FaxState;
  /** Own number shown to the far side (outbound), or the caller's when it was given (inbound). */
  readonly from: E164 | null;
  readonly to: E164;
  /** Far machine's identification (CSI or TSI), when one was received. */
  readonly remoteId: string | null;
  /** Inbound: T.30's SUB, when the caller named one. */
  readonly subaddress: Subaddress | null;
  /** Known once rendered or received. */
  readonly pages: number | null;
  readonly pagesConfirmed: number;
  readonly attempts: number;
  readonly retries: number;
  readonly retryInterval: number;
  readonly priority: number;
  readonly notBefore: number | null;
  readonly deadline: number | null;
  readonly nextCallAt: number | null;
  readonly cause: Cause | null;
  /** Safe detail beside the cause, such as a document's `encrypted`. */
  readonly detail: string | null;
  readonly options: PageOptions;
  readonly policy: FaxPolicy;
  readonly line: LineSettings;
  readonly tags: Readonly<Record<string, string>>;
  readonly documents: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
  /** Whether the images still exist (not yet wiped). */
  readonly imageExists: boolean;
  /** Inbound: until when a customer holds the lease; null when free. */
  readonly leasedUntil: number | null;
  readonly acknowledgedAt: number | null;
  /** The place (see destination.ts) for which an administrator's approval is awaited; null when none is. */
  readonly held: string | null;
  /** Until when it is awaited: the fax fails then. */
  readonly heldUntil: number | null;
  /** Inbound with sealed delivery: the DEK wrapped to the customer's key, as JSON of crypto's `wrapToPublicKey`. */
  readonly sealedKey: string | null;
}

/** The account policies that a fax carries with it from its acceptance. */
export type FaxPolicy = Pick<AccountPolicy, 'imageLife' | 'uncertain' | 'uncertainHold' | 'inboundHold'>;

/** State of one telephone call placed or taken for a fax. */
export type CallState = 'intended' | 'in_call' | 'ended';

/** The journal of one call: what is known of it after a crash. */
export interface Call {
  readonly id: CallId;
  readonly fax: FaxId;
  readonly account: AccountId;
  readonly direction: Direction;
  readonly carrier: string;
  /** H(fax, fence): SIP Call-ID, client reference or carrier idempotency key. */
  readonly reference: string;
  /** The carrier's own id, where it took a whole fax and said so. */
  readonly carrierId: string | null;
  /** The carrier keeps what it was given, or has received, until it is asked to erase it. */
  readonly stored: boolean;
  readonly fence: number;
  readonly state: CallState;
  /** First page of the fax that this call sends, 1-based. */
  readonly firstPage: number;
  readonly pageStarted: number;
  readonly pagesConfirmed: number;
  readonly intendedAt: number;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
}
