import type { AccountId } from '../fax/ids.ts';
import type { Actor } from './account-records.ts';
import type { Conditions } from './conditions.ts';

/** Who stopped something, when and why. */
export interface Pause {
  readonly at: number;
  /** User id, `local` or `gateway`. */
  readonly by: string;
  readonly reason: string;
}

/** A carrier as all processes together use it. */
export interface CarrierLoad {
  readonly name: string;
  /** Outbound calls claimed or live. */
  readonly calls: number;
  /** Faxes whose time has come and whose next call goes over it. */
  readonly waiting: number;
  /** Null: faxes are called. */
  readonly paused: Pause | null;
}

/** How full an account is. */
export interface Channels {
  readonly used: number;
  readonly limit: number;
}

/** What the records know of carriers: their pauses, and how busy they are. */
export interface CarrierRecords {
  /** One entry for each name, in order; a name that the records have not met is idle. */
  carriers(names: readonly string[]): Promise<CarrierLoad[]>;
  /** Live calls go on, no other follows; whoever waits for it, waits. A second pause changes the reason. */
  pauseCarrier(name: string, reason: string, actor: Actor, now: number): Promise<void>;
  /** False: it was not paused. */
  resumeCarrier(name: string, actor: Actor, now: number): Promise<boolean>;
  channels(account: AccountId): Promise<Channels>;
  /** What stands in the way of carriers at `now`, in the order of their names. */
  conditions(now: number): Promise<Conditions>;
}
