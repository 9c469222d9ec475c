import type { LineReport } from './call.ts';
import type { Cover } from './cover.ts';

export type Direction = 'outbound' | 'inbound';

export type Resolution = 'standard' | 'fine' | 'superfine';

export type FaxState =
  | 'accepted'
  | 'rendering'
  | 'held'
  | 'queued'
  | 'dialing'
  | 'sending'
  | 'delivered'
  | 'partial'
  | 'failed'
  | 'canceled'
  | 'uncertain'
  | 'ringing'
  | 'receiving'
  | 'received'
  | 'handed_over'
  | 'wiped';

/** States in which a sent fax has ended. */
export const ENDED: readonly FaxState[] = ['delivered', 'partial', 'failed', 'canceled', 'uncertain'];

export type Tags = Record<string, string>;

/** One document to one number, or one from a number. */
export interface Fax {
  id: string;
  direction: Direction;
  batch: string | null;
  user: string | null;
  state: FaxState;
  from: string | null;
  to: string;
  /** Identification that the far machine gave (CSI or TSI). */
  remoteId: string | null;
  /** T.30's SUB that the caller of a received fax named. */
  subaddress: string | null;
  /** Known once rendered or received. */
  pages: number | null;
  pagesConfirmed: number;
  attempts: number;
  retries: number;
  /** Seconds. */
  retryInterval: number;
  priority: number;
  scheduledAt: string | null;
  deadline: string | null;
  nextCallAt: string | null;
  /** Why it ended, or why its last call did: a cause of the one table over all carriers. */
  cause: string | null;
  detail: string | null;
  /** What a person should do. */
  action: string | null;
  /** Whether another call may help; false while there is no cause. */
  retryable: boolean;
  resolution: Resolution;
  tags: Tags;
  documents: number;
  imageExists: boolean;
  /** How long they are kept: until the last retry has ended, or for one call (policy of the account). */
  imageLife: 'fax' | 'call';
  /** It waits until an administrator lets the account call this country or code; it fails at `until`. */
  held: { place: string; until: string } | null;
  leasedUntil: string | null;
  acknowledgedAt: string | null;
  /** Sealed inbound: the key of the pages, wrapped to the account's registered key. */
  sealedKey: string | null;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
  /** Of a sent fax by itself, not in lists: live calls of the account, and how many it may have; with all in use it waits. */
  channels?: { used: number; limit: number } | undefined;
}

/** A fax as administrators see it. */
export interface AdminFax extends Fax {
  account: string;
  /** Its pages wait to be looked at and released until this moment; it is canceled then. Null when they do not. */
  reviewUntil: string | null;
}

/** A fax as it is on its way, with the calls of its journal. */
export interface FaxProgress {
  at: string;
  /** Names everything here but the time. */
  tag: string;
  fax: AdminFax;
  calls: CallInfo[];
}

/** A call that has not ended. Pages of a call are counted within its fax. */
export interface LiveCall {
  id: string;
  fax: string;
  account: string;
  direction: Direction;
  carrier: string;
  /** Of its fax: `dialing`, `sending`, `ringing`, `receiving`. */
  state: FaxState;
  from: string | null;
  to: string;
  remoteId: string | null;
  /** Pages of the fax, once they are known. */
  pages: number | null;
  firstPage: number;
  pageStarted: number;
  pagesConfirmed: number;
  attempt: number;
  /** As it was at the last page. */
  line: LineReport | null;
  startedAt: string;
  answeredAt: string | null;
  /** Somebody wants it to end. */
  cancelAsked: boolean;
}

/** What is going on at this moment. */
export interface Live {
  at: string;
  /** Names everything here but the time. */
  tag: string;
  /** The oldest first. */
  calls: LiveCall[];
  /** All of them, also those that `calls` has no room for. */
  liveCalls: number;
  /** Faxes in each state that waits for something. */
  faxes: Partial<Record<FaxState, number>>;
}

/** A page of a list; `next` is the cursor of the following one, null on the last. */
export interface List<T> {
  items: T[];
  next: string | null;
}

/** Several faxes of one document. */
export interface Batch {
  id: string;
  /** Faxes in each state. */
  states: Record<string, number>;
  faxes: Fax[];
}

/** One page as it stands in the vault. */
export interface PageInfo {
  number: number;
  width: number;
  rows: number;
  xDpi: number;
  yDpi: number;
  bytes: number;
  /** Equal for the previewed and the sent page. */
  mark: string;
  warnings: string[];
}

/** One telephone call of a fax, as its journal knows it. */
export interface CallInfo {
  id: string;
  carrier: string;
  state: 'intended' | 'in_call' | 'ended';
  firstPage: number;
  pageStarted: number;
  pagesConfirmed: number;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
}

/** The wipe receipts of a fax, as compact JWS; further ones tell of copies at carriers what the first does not. */
export interface Receipt {
  fax: string;
  receipt: string;
  epoch: number;
  epochReceipt: string | null;
  carrierReceipts: string[];
}

/** What a sender may say about a fax, apart from its documents and receivers. */
export interface SendOptions {
  /** Own number to send from; the account's first one when left out. */
  from?: string;
  resolution?: Resolution;
  halftone?: 'auto' | 'text' | 'photo';
  /** −100…100. */
  contrast?: number;
  paper?: 'a4' | 'letter';
  /** Widest paper that the receiver is known to take; `a4` when left out. */
  width?: 'a4' | 'b4' | 'a3';
  /** `full` sends the white below the last mark of a page too; `variable` when left out. */
  length?: 'variable' | 'full';
  /** Template of the header line; `none` leaves the line out. */
  header?: string;
  senderName?: string;
  csid?: string;
  /** IANA name. */
  timeZone?: string;
  cover?: Cover;
  tags?: Tags;
  /** ISO 8601. */
  scheduledAt?: string;
  /** ISO 8601. */
  deadline?: string;
  retries?: number;
  /** Seconds. */
  retryInterval?: number;
  /** 0…9. */
  priority?: number;
  uncertain?: 'hold' | 'resend_rest' | 'resend_all';
}
