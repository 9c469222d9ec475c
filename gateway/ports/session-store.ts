import type { Realm } from '../fax/account.ts';
import type { AccountId, PasskeyId, UserId } from '../fax/ids.ts';

/** What a handshake has agreed on. */
export interface NewSession {
  /** 16 bytes. */
  readonly sid: Uint8Array;
  readonly c2s: Uint8Array;
  readonly s2c: Uint8Array;
  /** Transcript hash, 64 bytes: what a client key signs. */
  readonly th: Uint8Array;
  /** Cipher suite that the handshake chose. */
  readonly suite: 'P521-HKDF512-A256GCM' | 'P521-HKDF512-A128GCM';
  readonly createdAt: number;
  /** Absolute end. */
  readonly expiresAt: number;
}

/** A sealed session, as its store lends it. Keys live in the store only; they are zeroed when it ends. */
export interface Session extends NewSession {
  /** Null until the log-in has succeeded. */
  readonly login: SessionLogin | null;
  /** Aborts running requests (uploads, long-polls) when the session ends, on whichever gateway. */
  readonly ended: AbortSignal;
}

/** How a log-in said who it is. */
export type LoginMethod = 'secret' | 'password' | 'key' | 'passkey' | 'oidc' | 'token';

/** Whom an identity provider vouched for: issuer and subject are the identity (OpenID Connect Core §5.7). */
export interface SessionIdentity {
  /** The provider's name in the settings. */
  readonly provider: string;
  readonly issuer: string;
  readonly subject: string;
  /** The provider's session, which a back-channel logout may name. */
  readonly sid: string | null;
}

export interface SessionLogin {
  readonly realm: Realm;
  readonly account: AccountId | null;
  readonly user: UserId;
  readonly method: LoginMethod;
  /** Where the log-in came from. */
  readonly address: string;
  /** When who it is was last proven: at the log-in, or by a step-up since. */
  readonly provenAt: number;
  readonly identity: SessionIdentity | null;
  /** The passkey that it rests on. */
  readonly passkey: PasskeyId | null;
  readonly device: string;
  readonly tlsIntercepted: 'yes' | 'no' | 'unknown';
  readonly at: number;
  /** Digest of what the log-in rests on (verifiers, rules, switches): when it changes, the session ends. */
  readonly stamp: string;
}

/** What may change of a log-in while its session lasts. */
export type SessionUpdate = Partial<Pick<SessionLogin, 'provenAt' | 'identity'>>;

/** Limits of sealed sessions (SPEC.md: idle 15 min, absolute 60 min, not logged in 30 s, 2^20 messages). Milliseconds. */
export interface SessionLimits {
  readonly idle: number;
  readonly unauthenticated: number;
  readonly messages: number;
  /** Sessions without a log-in at once; above it the oldest of them goes, so that hellos cannot fill the memory. */
  readonly pending: number;
}

/** What a request is looked up by. */
export interface FoundSession {
  readonly session: Session;
  /** Whether its sequence number was marked already or lies below the window. */
  readonly used: boolean;
}

/** Which sessions are meant; a match without any condition hits nothing. */
export interface SessionMatch {
  readonly user?: UserId;
  readonly account?: AccountId;
  /** The session that is not meant. */
  readonly except?: Uint8Array;
}

/**
 * Live sessions: in the memory of one process, or in a Redis that several gateways share. Losing them costs a new
 * handshake.
 */
export interface SessionStore {
  /** Takes the session over, keys included. */
  add(session: NewSession): Promise<void>;
  /** Undefined when unknown, idle too long or past its absolute end (it is destroyed then). */
  get(sid: Uint8Array, now: number): Promise<Session | undefined>;
  /**
   * The session of a request under `seq`, and whether that number was used already. Quick, for every request: what has
   * happened on other gateways within the last second may be missing, and shows when the number is marked.
   */
  find(sid: Uint8Array, seq: number, now: number): Promise<FoundSession | undefined>;
  /** Marks `seq`; false when it was marked already, lies below the window, or the session has ended. Atomic. */
  mark(sid: Uint8Array, seq: number): Promise<boolean>;
  /** The one log-in attempt of a session: true for the first who asks, on whichever gateway. Atomic. */
  tryLogin(sid: Uint8Array): Promise<boolean>;
  /** The log-in has succeeded; the session counts as used. False when it has ended meanwhile. */
  login(sid: Uint8Array, login: SessionLogin, now: number): Promise<boolean>;
  /**
   * Changes what the session remembers of its log-in; false when it has ended or nobody is logged in. Changes of different
   * fields at once both hold. Other gateways see it with their next `get`.
   */
  update(sid: Uint8Array, change: SessionUpdate): Promise<boolean>;
  /** The session is in use: its idle time begins anew. */
  touch(sid: Uint8Array, now: number): Promise<void>;
  end(sid: Uint8Array): Promise<void>;
  /** Ends every session that is logged in and matches; answers how many. */
  endWhere(match: SessionMatch): Promise<number>;
  /** Those that are logged in and match, without their keys. */
  list(match: SessionMatch): Promise<Pick<Session, 'sid' | 'login' | 'createdAt'>[]>;
  /** Sessions whose keys this process holds. */
  held(): readonly Session[];
}
