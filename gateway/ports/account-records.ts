import type { Account, FaxNumber, NumberSubaddress, Realm, User, Verifiers } from '../fax/account.ts';
import type { AccountId, PasskeyId, UserId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { AccountPolicy } from '../fax/policy.ts';
import type { Rank, Role } from '../fax/role.ts';
import type { Scope } from '../fax/scope.ts';
import type { Subaddress } from '../fax/subaddress.ts';
import type { Page } from './fax-records.ts';
import type { PasskeyRecords } from './passkey-records.ts';

/** Who did something, for the audit log. */
export interface Actor {
  /** User id, `local` (this host) or `gateway`. */
  readonly who: string;
  readonly address: string | null;
}

export interface AuditEntry {
  readonly at: number;
  readonly actor: string;
  readonly address: string | null;
  readonly account: AccountId | null;
  readonly action: string;
  readonly object: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What the log-in and every request's check need, in one read. */
export interface AccessRow {
  readonly account: Account | null;
  readonly user: User;
  readonly verifiers: Verifiers;
  /** Second step of the log-in; null when the user has none. */
  readonly totp: TotpRow | null;
  /** The account that an administrator is bound to is disabled; false for everybody else. */
  readonly scopeDisabled: boolean;
  /** The session that goes on after a change which its own user made in it. */
  readonly kept: KeptSession | null;
  /** Passkeys of an administrator; API users have none. */
  readonly passkeys: readonly PasskeyId[];
}

/** A session that outlives changes of what its log-in rested on. */
export interface KeptSession {
  /** SHA-256 of its id. */
  readonly session: Uint8Array;
  /** Digests of what its log-in rested on, before each of the changes and after the last one. */
  readonly stamps: readonly string[];
}

/** What stands beside a user's first factor. */
export interface SecondSteps {
  /** A sealed TOTP secret of which no code has been given yet. */
  readonly pending: Uint8Array | null;
  /** Whether there is a password. */
  readonly password: boolean;
  /** False: it is too short to open anything without a code. */
  readonly passwordAlone: boolean;
  /** Recovery codes that have not been used. */
  readonly recoveryCodes: number;
}

/** What a time-based code is checked against. Never leaves the access stage. */
export interface TotpRow {
  /** The shared secret, sealed under the gateway's record-seal key. */
  readonly sealed: Uint8Array;
  /** Time step of the last code that was accepted; 0 when there was none. */
  readonly lastStep: number;
}

/** Whom a log-in named and from where it came, as MACs. */
export interface LoginKey {
  readonly target: Uint8Array;
  readonly source: Uint8Array;
  /** The verifier that a try reaches: tries are counted for it, so that another one begins anew. */
  readonly verifier: Uint8Array;
  /** Whether there is such a verifier. */
  readonly exists: boolean;
}

/** How fast tries of log-ins may follow each other. Milliseconds. */
export interface LoginPace {
  readonly waits: { readonly known: readonly number[]; readonly unknown: readonly number[] };
  /** Without a try for this long counting begins anew, for a verifier that exists and for one that does not. */
  readonly forget: { readonly exists: number; readonly missing: number };
  /** A source is known for this long after its last log-in. */
  readonly remember: number;
}

/** What a try of a log-in may do: `known` and `unknown` reach the verifier, and say how its source is counted. */
export type LoginTry = 'known' | 'unknown' | 'too_soon';

/** What has changed about who may do what, since a look before. */
export interface AccessChanges {
  /** Where the next look goes on. */
  readonly head: number;
  /** Which users, or which accounts with all of their users; `everything` when too much time or too many lie between. */
  readonly changed: readonly { readonly account: AccountId | null; readonly user: UserId | null }[] | 'everything';
}

/** A number with its account. */
export interface NumberOwner {
  readonly number: FaxNumber;
  readonly account: Account;
  /** Subaddresses of it belong to somebody. */
  readonly shared: boolean;
}

/** Accounts, users, their passkeys, numbers and the audit log. Every change writes its audit entry in the same transaction. */
export interface AccountRecords extends PasskeyRecords {
  /** @throws AccountError name_taken */
  createAccount(
    account: {
      readonly name: string;
      readonly title: string;
      readonly policy: Partial<AccountPolicy>;
      readonly cidrs: readonly string[];
    },
    actor: Actor,
    now: number,
  ): Promise<Account>;
  account(key: AccountId | { readonly name: string }): Promise<Account | undefined>;
  accounts(): Promise<Account[]>;
  updateAccount(
    id: AccountId,
    change: {
      readonly title?: string;
      readonly disabled?: boolean;
      readonly paused?: boolean;
      /** For administrators; with `paused` only, and gone with its end. */
      readonly pausedReason?: string;
      readonly policy?: Partial<AccountPolicy>;
      readonly cidrs?: readonly string[];
    },
    actor: Actor,
    now: number,
  ): Promise<Account>;

  createUser(
    user: {
      readonly realm: Realm;
      readonly account: AccountId | null;
      readonly name: string;
      readonly verifiers: Verifiers;
      readonly cidrs: readonly string[];
      readonly clientKey?: string | null;
      /** Of an administrator, and of nobody else. */
      readonly rank?: Rank;
      /** Of an API user; everything when left out. */
      readonly scopes?: readonly Scope[] | null;
    },
    actor: Actor,
    now: number,
  ): Promise<User>;
  /** For log-in: by realm, account name and user name. Undefined when any of them is unknown. */
  access(realm: Realm, account: string | null, user: string): Promise<AccessRow | undefined>;
  /** For the check at every request. */
  accessById(user: UserId): Promise<AccessRow | undefined>;
  /** For plain HTTPS with an API key: whose secret, or secret before it, has this MAC. */
  accessBySecretMac(mac: Uint8Array): Promise<AccessRow | undefined>;
  users(realm: Realm, account: AccountId | null): Promise<User[]>;
  /** @throws AccountError user_unknown, role_invalid, last_owner, password_weak for one that needs a code without one */
  updateUser(
    id: UserId,
    change: {
      readonly disabled?: boolean;
      readonly cidrs?: readonly string[];
      readonly verifiers?: Partial<Verifiers>;
      readonly clientKey?: string | null;
      /**
       * With another secret: until when the one before goes on beside it, or null, and it ends at once. Without: null ends
       * one that goes on.
       */
      readonly overlapUntil?: number | null;
      /** With a password: whether it may stand without a code. */
      readonly passwordAlone?: boolean;
      /** Null takes the TOTP secret away, a pending one and the recovery codes too. */
      readonly totp?: null;
      /** A sealed TOTP secret that waits for its first code. */
      readonly totpPending?: Uint8Array;
      /** The session in which the change is made, and which goes on. */
      readonly kept?: KeptSession;
      readonly role?: Role;
      readonly scope?: AccountId | null;
      /** Of an API user; null: everything. */
      readonly scopes?: readonly Scope[] | null;
    },
    actor: Actor,
    now: number,
  ): Promise<User>;
  /** Takes away secrets that went on beside others and whose time is over; answers how many. */
  endOldSecrets(now: number): Promise<number>;
  /**
   * Uses up the code of time step `step`: true for exactly one of all that ask, and only while `sealed` is still the
   * user's secret and no code of this step or a later one has been used.
   */
  useTotpStep(user: UserId, sealed: Uint8Array, step: number): Promise<boolean>;
  /** Undefined: there is no such user. */
  secondSteps(user: UserId): Promise<SecondSteps | undefined>;
  /** Log-ins need codes of `pending` from now on, of steps after `step`; false when it is not the user's pending secret. */
  confirmTotp(
    user: UserId,
    pending: Uint8Array,
    step: number,
    kept: KeptSession | null,
    actor: Actor,
    now: number,
  ): Promise<boolean>;
  /** In the place of all there were. `macs`: their HMACs. @throws AccountError user_unknown */
  putRecoveryCodes(user: UserId, macs: readonly Uint8Array[], actor: Actor, now: number): Promise<void>;
  /** True for exactly one of all that present the same code; it is used up, and the audit log says how many are left. */
  useRecoveryCode(user: UserId, mac: Uint8Array, address: string | null, now: number): Promise<boolean>;
  /** Counts a log-in that was right in all but the code; counting begins anew `within` ms after the first. */
  noteWrongCode(user: UserId, within: number, now: number): Promise<void>;
  /** How many there were, by all processes, in the time that is running. */
  wrongCodes(user: UserId, within: number, now: number): Promise<number>;
  /**
   * Counts a try for its verifier: those from sources that `endLoginTries` knows together, and those from all others.
   * `too_soon`, which is not counted, when less than `waits[n - 1]` ms have passed since the last of n tries (the last
   * member goes for more). Atomic over all processes.
   */
  takeLoginTry(key: LoginKey, pace: LoginPace, now: number): Promise<LoginTry>;
  /** A try that was `taken` was right: forgets the count that it was in, and knows its source for `remember` ms. */
  endLoginTries(key: LoginKey, taken: 'known' | 'unknown', remember: number, now: number): Promise<void>;
  /**
   * Changes of users and accounts, by whichever process, with numbers above `after`, in the order of their commits;
   * null answers where things stand now and no change.
   */
  accessChanges(after: number | null): Promise<AccessChanges>;

  addNumber(number: E164, account: AccountId, label: string, actor: Actor, now: number): Promise<FaxNumber>;
  removeNumber(number: E164, account: AccountId, actor: Actor, now: number): Promise<boolean>;
  numbers(account: AccountId): Promise<FaxNumber[]>;
  /** Numbers of all accounts above `after`, in their order. */
  allNumbers(query: { readonly after?: E164; readonly limit: number }): Promise<FaxNumber[]>;
  /** Those of `numbers` that somebody has. */
  numbersAmong(numbers: readonly E164[]): Promise<FaxNumber[]>;
  /** False: there is no such number. */
  setSubaddressOnly(number: E164, only: boolean, actor: Actor, now: number): Promise<boolean>;
  addSubaddress(subaddress: Omit<NumberSubaddress, 'createdAt'>, actor: Actor, now: number): Promise<NumberSubaddress>;
  removeSubaddress(number: E164, subaddress: Subaddress, actor: Actor, now: number): Promise<boolean>;
  /** Of some numbers, or of one account over all numbers, in order. */
  subaddresses(
    of: { readonly numbers: readonly E164[] } | { readonly account: AccountId },
  ): Promise<NumberSubaddress[]>;
  /** Whose number this is: where an incoming call goes, unless it is `shared` and names somebody else's subaddress. */
  ownerOf(number: E164): Promise<NumberOwner | undefined>;
  /** Who receives what is sent to a subaddress; undefined: nobody has it. */
  receiverOf(number: E164, subaddress: Subaddress): Promise<Account | undefined>;

  audit(entry: AuditEntry): Promise<void>;
  /** The newest entries. */
  auditLog(query: {
    readonly account?: AccountId;
    readonly before?: number;
    readonly limit: number;
  }): Promise<AuditEntry[]>;
  /** The log newest first, page by page: each entry that stood when the first was read comes once, also among those of one moment. */
  auditPage(query: {
    readonly account?: AccountId;
    /** Entries before this moment. */
    readonly before?: number;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<AuditEntry>>;
  /** Small settings of the gateway itself (statement sequence, first-start mark). */
  setting(name: string): Promise<string | undefined>;
  putSetting(name: string, value: string): Promise<void>;
  /** The next number of the count `name`, from 1: none is given out twice, to whomever. */
  nextNumber(name: string): Promise<number>;
}

/** A refused change. */
export type AccountErrorCode =
  | 'name_taken'
  | 'name_invalid'
  | 'number_taken'
  | 'number_shared'
  | 'number_not_found'
  | 'subaddress_taken'
  | 'account_unknown'
  | 'account_closed'
  | 'account_erased'
  | 'user_unknown'
  | 'role_invalid'
  | 'last_owner'
  | 'password_weak'
  | 'cidr_invalid'
  | 'policy_invalid'
  | 'too_many_covers'
  | 'passkey_taken'
  | 'too_many_passkeys'
  | 'identity_taken';
