import type { Realm } from '../fax/account.ts';
import type { AccountId, UserId } from '../fax/ids.ts';

/** A sealed session. Keys live in the store only; they are zeroed when it ends. */
export interface Session {
  /** 16 bytes. */
  readonly sid: Uint8Array;
  readonly c2s: Uint8Array;
  readonly s2c: Uint8Array;
  /** Transcript hash, 64 bytes: what a client key signs. */
  readonly th: Uint8Array;
  /** Cipher suite that the handshake chose. */
  readonly suite: 'P521-HKDF512-A256GCM' | 'P521-HKDF512-A128GCM';
  readonly createdAt: number;
  lastUsedAt: number;
  /** Absolute end. */
  readonly expiresAt: number;
  /** Null until the log-in has succeeded. */
  login: SessionLogin | null;
  /** One log-in attempt per session. */
  loginTried: boolean;
  /** Aborts running requests (uploads, long-polls) when the session ends. */
  readonly ended: AbortController;
}

export interface SessionLogin {
  readonly realm: Realm;
  readonly account: AccountId | null;
  readonly user: UserId;
  readonly device: string;
  readonly tlsIntercepted: 'yes' | 'no' | 'unknown';
  readonly at: number;
  /** Digest of what the log-in rests on (verifiers, rules, switches): when it changes, the session ends. */
  readonly stamp: string;
}

/** Live sessions. In memory for one process; losing them costs a new handshake. */
export interface SessionStore {
  add(session: Session): Promise<void>;
  /** Undefined when unknown, idle too long or past its absolute end (it is destroyed then). */
  get(sid: Uint8Array, now: number): Promise<Session | undefined>;
  /** Whether `seq` was used already. */
  seen(sid: Uint8Array, seq: number): Promise<boolean>;
  /** Marks `seq`; false when it was marked already or lies below the window. Atomic. */
  mark(sid: Uint8Array, seq: number): Promise<boolean>;
  end(sid: Uint8Array): Promise<void>;
  /** Ends every session that matches; answers how many. */
  endWhere(match: { readonly user?: UserId; readonly account?: AccountId }): Promise<number>;
  list(match: { readonly account?: AccountId }): Promise<Session[]>;
  count(): number;
}
