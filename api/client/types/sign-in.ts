/** A new TOTP secret, shown at this moment only. */
export interface TotpSecret {
  /** Base32, to be typed into an authenticator. */
  secret: string;
  /** `otpauth:` URI for a QR code; it holds the secret. */
  uri: string;
}

/** How a log-in said who it is. */
export type LoginMethod = 'secret' | 'password' | 'key' | 'passkey' | 'oidc' | 'token';

/** What the administrator who asks logs in with. */
export interface SignInFacts {
  /** Of this session. */
  method: LoginMethod;
  /** The OpenID provider that vouches for this session; null: none. */
  provider: string | null;
  /** When who it is was last proven. */
  provenAt: string;
  password: boolean;
  /** Whether a log-in needs a time-based code too. */
  totp: boolean;
  /** Whether an authenticator waits for its first code. */
  totpPending: boolean;
  /** Recovery codes that have not been used. */
  recoveryCodes: number;
  passkeys: number;
}

/** A session that somebody is logged in to. */
export interface LoginSession {
  id: string;
  /** The one that asks. */
  current: boolean;
  method: LoginMethod;
  /** Where the log-in came from. */
  address: string;
  device: string;
  at: string;
  provenAt: string;
  tlsIntercepted: 'yes' | 'no' | 'unknown';
}

/** How administrators come in by an OpenID provider. */
export interface SignInDoor {
  name: string;
  title: string;
  /** Null while the provider does not answer. */
  door: {
    authorizationEndpoint: string;
    clientId: string;
    scope: string;
    /** Classes of authentication to ask for, separated by spaces; empty: none. */
    acrValues: string;
  } | null;
}

/** An OpenID provider of the gateway's settings. */
export interface IdentityProvider {
  name: string;
  title: string;
  issuer: string;
  /** Whether administrators sign in by it, and API users bring its tokens. */
  opens: { admin: boolean; api: boolean };
}

/** Who a user is at an OpenID provider: issuer and subject together. */
export interface UserIdentity {
  user: string;
  /** Name of the provider; null when the settings do not have it any more. */
  provider: string | null;
  issuer: string;
  subject: string;
  createdAt: string;
}

/** A passkey of an administrator, without anything that it could be known by elsewhere. */
export interface Passkey {
  id: string;
  user: string;
  name: string;
  /** Host name of the console that it is good for. */
  host: string;
  /** Whether its keeper may copy it to other devices of the holder. */
  synced: boolean;
  createdAt: string;
  /** Last log-in or confirmation with it. */
  usedAt: string | null;
}

/** What a browser needs for `navigator.credentials.create`, or for `get` within a session; octets are base64url. */
export interface PasskeyOptions {
  challenge: string;
  /** `handle` stands for the user in its passkeys. */
  user: { handle: string; name: string };
  /** COSE algorithms, the one that is liked best first. */
  algorithms: number[];
  known: { credential: string; transports: string[]; host: string }[];
}

/** What `navigator.credentials.create` has answered, octets as base64url, and what its holder calls it. */
export interface NewPasskey {
  name: string;
  /** Credential id. */
  id: string;
  clientDataJSON: string;
  attestationObject: string;
  transports?: readonly string[];
}

/** What `navigator.credentials.get` has answered, octets as base64url. */
export interface PasskeyAnswer {
  id: string;
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle: string | null;
}
