import type { Realm, User } from '../fax/account.ts';
import type { UserId } from '../fax/ids.ts';
import type { Rank } from '../fax/role.ts';
import type { Actor } from './account-records.ts';
import type { Identity } from './identity-provider.ts';

/** Whose identity it is. */
export interface KnownIdentity extends Identity {
  readonly user: UserId;
  readonly createdAt: number;
}

/** A session that stands as long as a provider says so. */
export interface IdentitySession extends Identity {
  /** 16 octets. */
  readonly sid: Uint8Array;
  readonly user: UserId;
  readonly realm: Realm;
  /** The provider's name in the settings. */
  readonly provider: string;
  /** The session at the provider; null when it told none. */
  readonly providerSid: string | null;
  /** Sealed under the gateway's record-seal key, bound to the session. */
  readonly ticket: Uint8Array;
  /** When it began, and when the provider last said that it stands. Milliseconds since 1970, as all times here. */
  readonly startedAt: number;
  readonly goodAt: number;
  /** When the provider is to be asked next, at the latest when its word ends by itself. */
  readonly nextAt: number;
  /** When the provider's word ends by itself; null: when it says so. */
  readonly until: number | null;
  /** Absolute end of the session. */
  readonly expiresAt: number;
}

/** Which sessions a log-out at the provider means. */
export type IdentitySessionMatch =
  | { readonly issuer: string; readonly providerSid: string }
  | { readonly issuer: string; readonly subject: string };

/** Identities at providers, and the sessions that rest on them. */
export interface IdentityRecords {
  userOf(identity: Identity): Promise<UserId | undefined>;
  /** Of those of `users` that have one. */
  identities(users: readonly UserId[]): Promise<KnownIdentity[]>;
  /** In the place of one that stands. @throws AccountError user_unknown, identity_taken */
  link(user: UserId, identity: Identity, actor: Actor, now: number): Promise<void>;
  /** False: there was none. @throws AccountError user_unknown */
  unlink(user: UserId, actor: Actor, now: number): Promise<boolean>;
  /** An administrator without a password, with this identity. @throws AccountError name_taken, identity_taken */
  createAdministrator(name: string, rank: Rank, identity: Identity, actor: Actor, now: number): Promise<User>;

  addSession(session: IdentitySession): Promise<void>;
  /** Sessions that are due, the oldest first; until `hold` has passed no other process is given them. */
  takeDue(limit: number, hold: number, now: number): Promise<IdentitySession[]>;
  /** What the provider said; false when the session was removed meanwhile. */
  keepSession(sid: Uint8Array, kept: Pick<IdentitySession, 'ticket' | 'goodAt' | 'nextAt' | 'until'>): Promise<boolean>;
  removeSession(sid: Uint8Array): Promise<void>;
  sessionsOf(match: IdentitySessionMatch): Promise<IdentitySession[]>;
  /** How many are not past their end. */
  countSessions(now: number): Promise<number>;
}
