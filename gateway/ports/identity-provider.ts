import type { Role } from '../fax/role.ts';

/** Who somebody is at a provider: no other pair of it is given to anybody else, ever (OpenID Connect Core §5.7). */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * What the settings make of a provider's claims: a rank, with the name of the one account that it is for; `none`: rules
 * there are, and none of them fits; `own`: there are no rules, the administrator has the rank that owners gave it.
 */
export type MappedRank = { readonly role: Role; readonly account: string | null } | 'none' | 'own';

/** What a provider says of somebody who has just come from it. */
export interface Vouched {
  readonly state: 'vouched';
  readonly identity: Identity;
  /** The provider's own session, which its log-out may name; null when it told none. */
  readonly sid: string | null;
  /** What the person is called there; null when it does not say. */
  readonly name: string | null;
  /** When the person last proved there who it is (`auth_time`), ms since 1970; null when it does not say. */
  readonly provenAt: number | null;
  readonly rank: MappedRank;
  /** What the provider is asked again with: secret, and text that the provider's own code alone can read. */
  readonly ticket: string;
  /** When it ends by itself, ms since 1970; null: when the provider says so. */
  readonly until: number | null;
}

/** A provider that says no, or says nothing. Reasons are short words without anything personal, for log and audit. */
export type Unvouched =
  | { readonly state: 'refused'; readonly reason: string }
  | { readonly state: 'silent'; readonly reason: string };

/** What a provider answers to being asked again; `rank` is null when it says nothing new of it. */
export type Standing =
  | {
      readonly state: 'stands';
      readonly ticket: string;
      readonly rank: MappedRank | null;
      readonly until: number | null;
    }
  | Unvouched;

/** What a browser needs to send somebody to the provider (OpenID Connect Core §3.1.2.1). All of it is public. */
export interface ProviderDoor {
  readonly authorizationEndpoint: string;
  readonly clientId: string;
  readonly scope: string;
  /** Classes of authentication that are asked for, separated by spaces; empty when none is. */
  readonly acrValues: string;
}

/** An authorization code, and what belongs to it (RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 9207). */
export interface CodeGrant {
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  /** Issuer that the redirect named; null when it named none. */
  readonly iss: string | null;
}

/** Whose log-out a provider tells (OpenID Connect Back-Channel Logout 1.0 §2.4): a session's, or all of a subject. */
export interface LogoutNotice {
  readonly state: 'logout';
  readonly issuer: string;
  readonly subject: string | null;
  readonly sid: string | null;
  /** When it was issued, ms since 1970. */
  readonly at: number;
}

/** An OpenID provider of the settings. Nothing here throws for what the provider does. */
export interface IdentityProvider {
  /** In the settings, the API and addresses: 1–32 of a–z, 0–9, hyphen. */
  readonly name: string;
  /** What people see. */
  readonly title: string;
  readonly issuer: string;
  /** Whether administrators come in by it, and API users with its tokens. */
  readonly opens: { readonly admin: boolean; readonly api: boolean };
  /** How often it is asked again whether a session may go on, and for how long it may be silent. Milliseconds. */
  readonly every: number;
  readonly grace: number;
  /** Undefined while the provider does not answer. */
  door(): Promise<ProviderDoor | undefined>;
  /** Exchanges the code of an administrator's sign-in and checks what comes back. */
  redeem(grant: CodeGrant): Promise<Vouched | Unvouched>;
  /** Whether a token says that it is this provider's; nothing of it has been checked. */
  claims(token: string): boolean;
  /** Checks a token that an API user brings. */
  accept(token: string): Promise<Vouched | Unvouched>;
  /** Asks whether what it vouched for stands. */
  ask(ticket: string): Promise<Standing>;
  /** Checks a logout token. */
  loggedOut(token: string): Promise<LogoutNotice | Unvouched>;
}
