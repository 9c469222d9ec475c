import type { Fax } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { MediaFormat } from './carrier-adapter.ts';

/** A link to the pages of one call, as it is kept: the token itself is not. */
export interface NewMediaLink {
  /** SHA-256 of the token, hex. */
  readonly token: string;
  readonly fax: FaxId;
  /** The claim that it belongs to; it ends with it. */
  readonly fence: number;
  readonly carrier: string;
  /** The pages from this one on, 1-based. */
  readonly firstPage: number;
  readonly format: MediaFormat;
  /** CIDR rules of addresses that may fetch; none: any may. */
  readonly sources: readonly string[];
  readonly expiresAt: number;
}

/** What a link gives. */
export interface MediaGrant {
  readonly fax: Fax;
  readonly firstPage: number;
  readonly format: MediaFormat;
}

/** How one GET of a link ended. */
export type MediaEnd = 'served' | 'interrupted';

/**
 * Links by which carriers that fetch faxes themselves get them. A link holds while its call is live and wanted, until it
 * expires, for one GET that gets everything, and for one more try when the first was interrupted.
 */
export interface MediaRecords {
  /** Stores a link, and drops those that have expired. False: the policy of the fax's account allows none. */
  add(link: NewMediaLink, now: number): Promise<boolean>;
  /** Whether a GET from `address` would be granted; nothing changes. */
  look(token: string, address: string | null, now: number): Promise<MediaFormat | undefined>;
  /**
   * Begins a GET. Undefined: there is no such link, or it does not hold for this address and moment. Both are in the audit
   * log when there is a link.
   */
  take(token: string, address: string | null, now: number): Promise<MediaGrant | undefined>;
  /** Ends a GET that `take` began. */
  end(token: string, end: MediaEnd): Promise<void>;
  /** Takes the link away. `seen`: a GET was begun; `unseen`: none was and none can be. */
  revoke(token: string): Promise<'seen' | 'unseen'>;
}
