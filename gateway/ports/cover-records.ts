import type { CoverForm } from '../fax/cover.ts';
import type { AccountId } from '../fax/ids.ts';
import type { Actor } from './account-records.ts';

/** A cover form as stored: its PDF sealed by the covers stage. */
export interface CoverRow extends CoverForm {
  readonly sealed: Uint8Array;
}

/** Cover forms of accounts. Every change writes its audit entry in the same transaction. */
export interface CoverRecords {
  /** @throws AccountError name_taken, too_many_covers (`COVER_FORMS`), account_unknown */
  addCover(cover: CoverRow, actor: Actor): Promise<void>;
  /** By name. */
  covers(account: AccountId): Promise<CoverForm[]>;
  cover(account: AccountId, name: string): Promise<CoverRow | undefined>;
  /** False when the account has no cover of this name. */
  removeCover(account: AccountId, name: string, actor: Actor, now: number): Promise<boolean>;
}
