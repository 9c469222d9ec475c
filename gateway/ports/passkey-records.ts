import type { Passkey } from '../fax/account.ts';
import type { PasskeyId, UserId } from '../fax/ids.ts';
import type { Actor } from './account-records.ts';

/** What a passkey proves itself by. */
export interface PasskeyKey {
  /** Credential id as its keeper chose it, base64url. */
  readonly credential: string;
  /** COSE_Key (RFC 9052 §7) of the public half. */
  readonly publicKey: Uint8Array;
  /** The highest signature counter seen; 0 when its keeper counts nothing. */
  readonly counter: number;
  /** How a browser may reach its keeper, in WebAuthn's words: `internal`, `usb`, … */
  readonly transports: readonly string[];
}

/** A passkey with its key. */
export interface PasskeyRow extends Passkey, PasskeyKey {}

/** What becomes a passkey. */
export type NewPasskey = Omit<PasskeyRow, 'id' | 'createdAt' | 'usedAt'>;

/** Passkeys of administrators. Every change writes its audit entry in the same transaction. */
export interface PasskeyRecords {
  /** @throws AccountError passkey_taken, too_many_passkeys; user_unknown unless it is an administrator's */
  addPasskey(passkey: NewPasskey, actor: Actor, now: number): Promise<Passkey>;
  /** The oldest first. */
  passkeys(user: UserId): Promise<PasskeyRow[]>;
  passkeyOf(credential: string): Promise<PasskeyRow | undefined>;
  /**
   * It has answered with `counter`: true for exactly one of all that ask with the same, and false when a counter that
   * counts has not gone up, or when the passkey is gone.
   */
  usePasskey(id: PasskeyId, counter: number, now: number): Promise<boolean>;
  /** Undefined: the user has no such passkey. */
  renamePasskey(user: UserId, id: PasskeyId, name: string, actor: Actor, now: number): Promise<Passkey | undefined>;
  /** False: the user has no such passkey. */
  removePasskey(user: UserId, id: PasskeyId, actor: Actor, now: number): Promise<boolean>;
}
