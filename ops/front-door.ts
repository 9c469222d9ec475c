import type { AddressInfo } from 'node:net';
import type { App } from '../api/app.ts';
import { buildServer } from '../api/server.ts';
import { createHandshakeServer, formatConnectionString, type Suite } from '../crypto/index.ts';
import type { Realm } from '../gateway/fax/account.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { Exclusion } from '../gateway/ports/exclusion.ts';
import type { Log } from '../gateway/ports/log.ts';
import type { Closing } from './closing.ts';
import { type Config, ConfigError, SETTINGS, type SettingDoc } from './config.ts';
import type { ConsoleOrigins } from './console-origins.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import type { HostReport } from './host-report.ts';
import { hostForm, type IdentitySource, type LastingKeys } from './keys/identity.ts';
import type { TlsFiles } from './tls/certificate.ts';

/** What connection strings of administrators have in the place of an account. */
const ADMINISTRATORS = 'admin';
/** How long a stop waits for requests under way, ms. */
const LAST_ANSWERS = 20_000;

/** Where clients come in. */
export interface FrontDoor {
  readonly url: string;
  /** Where administrators come in; the same address unless they have a listener of their own. */
  readonly adminUrl: string;
  /** The connection string of a user, without its secret. */
  connection(account: string, user: string): string;
  /** Not null when this start was the first on its records. */
  readonly firstStart: FirstStart | null;
}

/** What the door is made of. */
export interface DoorParts {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly lasting: LastingKeys;
  readonly identity: IdentitySource;
  readonly tls: TlsFiles | null;
  readonly report: HostReport;
  readonly exclusion: Exclusion;
  /** Told the port by which administrators come in. */
  readonly origins: Pick<ConsoleOrigins, 'listens'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what has to be ended, as it comes to be. */
  readonly closing: Closing;
}

/** The identity that answers hellos, HTTPS, and, on new records, their first users. @throws ConfigError */
export async function openDoor(parts: DoorParts): Promise<FrontDoor> {
  const { config, gateway, lasting, tls, report, exclusion, closing } = parts;
  const suites = suitesOf(config);
  const identity = await parts.identity({ root: lasting.root, names: config.names, suites });
  closing.add(async () => identity.close());
  const handshake = createHandshakeServer(() => identity.current(), { suites });
  const { adminListen } = config;
  const host = hostForm(config.names[0] ?? 'localhost');
  const ports = { api: config.port, admin: adminListen?.port ?? config.port };
  const connection = (account: string, user: string) => {
    const port = account === ADMINISTRATORS ? ports.admin : ports.api;
    return formatConnectionString({ account, user, host, port, pins: gateway.keys.pins() });
  };
  const open = (realms: readonly Realm[], place: Place): Promise<number> => {
    const proxies = { trustedProxies: config.trustedProxies, maxBody: config.maxBodyMiB * 1024 * 1024 };
    const server = buildServer({
      ...{ gateway, handshake },
      settings: { tls, realms, connection, host: report.judged, inForce: config.inForce, ...proxies },
    });
    closing.add(() => closed(server));
    return listen(server, place);
  };
  const port = await open(adminListen === undefined ? ['api', 'admin'] : ['api'], publicPlace(config));
  const adminPort = adminListen === undefined ? port : await open(['admin'], adminPlace(adminListen));
  Object.assign(ports, { api: port, admin: adminPort });
  parts.origins.listens(adminPort);
  const scheme = tls === null ? 'http' : 'https';
  return {
    url: `${scheme}://${host}:${port}`,
    adminUrl: `${scheme}://${host}:${adminPort}`,
    connection,
    // Of several processes that start first at once, one makes the first users and shows their secrets.
    firstStart: await exclusion.exclusively('first-start', () => firstStart(gateway, connection)),
  };
}

function suitesOf(config: Config): Suite[] {
  return config.suite128 ? ['P521-HKDF512-A256GCM', 'P521-HKDF512-A128GCM'] : ['P521-HKDF512-A256GCM'];
}

/** Requests under way are answered, but a slow upload does not hold the end up: its sender repeats it, elsewhere if there is one. */
async function closed(server: App): Promise<void> {
  const timer = setTimeout(() => server.server.closeAllConnections(), LAST_ANSWERS);
  await server.close().finally(() => clearTimeout(timer));
}

/** Where a server listens, the settings that say so, and values of them that may work where these do not. */
interface Place {
  readonly host: string;
  readonly port: number;
  readonly settings: { readonly host: SettingDoc; readonly port: SettingDoc };
  readonly instead: { readonly host: string; readonly port: string };
}

function publicPlace({ host, port }: Config): Place {
  const settings = { host: SETTINGS.host, port: SETTINGS.port };
  return { host, port, settings, instead: { host: '127.0.0.1', port: '8444' } };
}

function adminPlace({ host, port }: NonNullable<Config['adminListen']>): Place {
  const settings = { host: SETTINGS.adminListen, port: SETTINGS.adminListen };
  return { host, port, settings, instead: { host: '127.0.0.1:8444', port: '127.0.0.1:8445' } };
}

/** @throws ConfigError when the place is taken, or not ours to take */
async function listen(server: App, { host, port, settings, instead }: Place): Promise<number> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new ConfigError(settings.port.variable, `names port ${port}, which is taken on ${host}`, instead.port);
    if (code === 'EACCES')
      throw new ConfigError(settings.port.variable, `names port ${port}, which this user may not open`, instead.port);
    if (code === 'EADDRNOTAVAIL')
      throw new ConfigError(settings.host.variable, `names ${host}, which is no address of this host`, instead.host);
    throw error;
  }
  return (server.server.address() as AddressInfo).port;
}
