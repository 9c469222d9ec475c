import type { EventType } from './event.ts';
import type { AccountId, DeliveryId, EndpointId, EventId, PasskeyId, UserId } from './ids.ts';
import type { E164 } from './number.ts';
import type { AccountPolicy } from './policy.ts';
import type { Role } from './role.ts';
import type { Scope } from './scope.ts';
import type { Subaddress } from './subaddress.ts';

/** A customer. `name` is what stands in its connection strings: 1–40 of a–z, 0–9, hyphen. */
export interface Account {
  readonly id: AccountId;
  readonly name: string;
  readonly title: string;
  readonly disabled: boolean;
  readonly paused: boolean;
  /** Why it is paused, when somebody said so. */
  readonly pausedReason: string | null;
  readonly policy: AccountPolicy;
  /** CIDR rules; empty = from anywhere. */
  readonly cidrs: readonly string[];
  readonly createdAt: number;
  /** When it was closed; null while it is not. */
  readonly closedAt: number | null;
  /** Of a closed account: from then on nobody can open it again. */
  readonly eraseAt: number | null;
  /** When that was done. */
  readonly erasedAt: number | null;
}

/** The two realms never open each other: an API user sends and receives, an admin user administers. */
export type Realm = 'api' | 'admin';

/** Someone who logs in. Admin users have no account. */
export interface User {
  readonly id: UserId;
  readonly realm: Realm;
  readonly account: AccountId | null;
  readonly name: string;
  readonly disabled: boolean;
  readonly cidrs: readonly string[];
  /** Registered P-521 log-in key (SPKI, base64url), when the user logs in with a signature instead of a secret. */
  readonly clientKey: string | null;
  /** Whether a log-in needs a time-based code too. */
  readonly totp: boolean;
  /** Of an administrator; API users have none. */
  readonly role: Role | null;
  /** The one account that an administrator is for; null: all, and always for API users. */
  readonly scope: AccountId | null;
  /** What an API user may do; null: everything, and always for administrators. */
  readonly scopes: readonly Scope[] | null;
  /** Until when the API secret before the present one opens sessions, too; null: there is none. */
  readonly oldSecretUntil: number | null;
  readonly createdAt: number;
}

/** A passkey of an administrator (WebAuthn), as its holder and the owners see it. */
export interface Passkey {
  readonly id: PasskeyId;
  readonly user: UserId;
  /** What its holder calls it. */
  readonly name: string;
  /** Host name of the console that it was made at, and is good for: the relying party. */
  readonly host: string;
  /** Whether its keeper may copy it to other devices of the holder. */
  readonly synced: boolean;
  readonly createdAt: number;
  /** Last log-in or confirmation with it; null: none yet. */
  readonly usedAt: number | null;
}

/** How a presented secret is checked; both may exist. Never leaves the access stage. */
export interface Verifiers {
  /** Argon2id in PHC form, for passwords. */
  readonly passwordHash: string | null;
  /** HMAC-SHA-256 of a generated API secret under the server's key. */
  readonly secretMac: Uint8Array | null;
  /** The same of the secret before it; it opens nothing any more after `until`. */
  readonly oldSecret?: { readonly mac: Uint8Array; readonly until: number } | null;
}

/** A fax number of an account. */
export interface FaxNumber {
  readonly number: E164;
  readonly account: AccountId;
  readonly label: string;
  readonly createdAt: number;
  /** Calls that name no subaddress of somebody are refused; the account receives nothing by the number itself. */
  readonly subaddressOnly: boolean;
}

/** A subaddress of a number that several accounts share, and who receives what is sent to it. */
export interface NumberSubaddress {
  readonly number: E164;
  readonly subaddress: Subaddress;
  readonly account: AccountId;
  readonly label: string;
  readonly createdAt: number;
}

/** Where an account's events are posted. Secrets are sealed under the server's key when stored. */
export interface WebhookEndpoint {
  readonly id: EndpointId;
  readonly account: AccountId;
  readonly url: string;
  /** Event types delivered; empty = all but `fax.page`. */
  readonly types: readonly EventType[];
  /** `whsec_…` in use, newest first; two while rotating. */
  readonly secrets: readonly string[];
  readonly disabled: boolean;
  readonly disabledReason: string | null;
  readonly createdAt: number;
}

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: DeliveryId;
  readonly account: AccountId;
  readonly endpoint: EndpointId;
  readonly event: EventId;
  readonly type: EventType;
  readonly state: 'pending' | 'delivered' | 'given_up';
  readonly attempts: number;
  readonly nextAt: number | null;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
}
