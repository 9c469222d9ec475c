/** Who is logged in, and for how long. */
export interface SessionInfo {
  realm: 'api' | 'admin';
  account: { id: string; name: string } | null;
  user: { id: string; name: string };
  sealed: boolean;
  /** Whether a TLS proxy stands in between. */
  tlsIntercepted: 'yes' | 'no' | 'unknown';
  expiresAt: string | null;
  /** Seconds. */
  idle: number;
}

/** Someone who logs in. */
export interface User {
  id: string;
  realm: 'api' | 'admin';
  account: string | null;
  name: string;
  disabled: boolean;
  cidrs: string[];
  clientKey: string | null;
  /** Whether a log-in needs a time-based code too. */
  totp: boolean;
  /** Of an administrator; null for API users. */
  role: Role | null;
  /** The one account that an administrator is for; null: all. */
  scope: string | null;
  createdAt: string;
  /** What an API user may do; administrators have none. */
  scopes: Scope[];
  /** Until when the API secret before the present one opens sessions, too; null: there is none. */
  oldSecretUntil: string | null;
}

/** What an API user may do. */
export type Scope = 'send' | 'read' | 'inbound' | 'webhooks' | 'reports';

/** Roles of administrators, each with the rights of those before it. */
export type Role = 'auditor' | 'operator' | 'admin' | 'owner';

/** The administrator who is logged in. */
export interface Me {
  id: string;
  name: string;
  role: Role;
  /** The one account that it is for; null: all. */
  scope: { id: string; name: string } | null;
  totp: boolean;
  /** Where the gateway sees this client: what a CIDR rule has to let in. */
  address: string;
  /** Whether numbers come without their beginning. */
  numbersMasked: boolean;
}

export interface UserWithSecret extends User {
  /** Generated API secret, shown at this moment only; null for a user with a password. */
  secret: string | null;
}
