import type { HandshakeServer } from '../crypto/index.ts';
import type { Realm } from '../gateway/fax/account.ts';
import type { Gateway } from '../gateway/gateway.ts';

/** One line of the host report, for administrators. */
export interface HostLine {
  readonly level: 'green' | 'yellow' | 'red';
  readonly code: string;
  readonly text: string;
  /** A red line that the operator lives with. */
  readonly accepted: boolean;
}

/** A setting as it is in force in this process. */
export interface SettingInForce {
  /** Environment variable. */
  readonly variable: string;
  /** What it does, in one sentence. */
  readonly about: string;
  /** As it was given, or the default in words; null where it is not shown. */
  readonly value: string | null;
  readonly from: 'default' | 'file' | 'environment' | 'command_line';
  /** It has a value, which is a secret or may hold one. */
  readonly hidden: boolean;
}

/** Settings of the HTTP side; ops/config.ts fills them in. Times are milliseconds, sizes bytes. */
export interface ApiSettings {
  /** TLS key and certificate chain, PEM; null behind a TLS proxy on the same host. */
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Whose users come in here; those of the other realm are refused. */
  readonly realms: readonly Realm[];
  /** CIDRs of proxies whose X-Forwarded-For is believed; nobody's by default. */
  readonly trustedProxies: readonly string[];
  /** Largest body of one request. */
  readonly maxBody: number;
  /** Hellos of one address (IPv6: /64): so many at once, refilled at this rate. */
  readonly hello: { readonly burst: number; readonly perMinute: number };
  /** Idle limit of sealed sessions, for those who ask; the session store enforces it. Seconds. */
  readonly sessionIdle: number;
  /** The connection string of a user, without its secret; null where the server does not know where it is reached. */
  readonly connection: ((account: string, user: string) => string) | null;
  /** What the host report of this process says. */
  readonly host: readonly HostLine[];
  /** Every setting of this process, without secrets. */
  readonly inForce: readonly SettingInForce[];
  /** Version shown in the OpenAPI document. */
  readonly version: string;
}

export const API_SETTINGS: ApiSettings = {
  tls: null,
  realms: ['api', 'admin'],
  trustedProxies: [],
  maxBody: 64 * 1024 * 1024,
  hello: { burst: 30, perMinute: 10 },
  sessionIdle: 900,
  connection: null,
  host: [],
  inForce: [],
  version: '0.1.0',
};

/** What every route works with. */
export interface ApiContext {
  readonly gateway: Gateway;
  readonly handshake: HandshakeServer;
  readonly settings: ApiSettings;
}
