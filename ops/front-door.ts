import type { AddressInfo } from 'node:net';
import type { App } from '../api/app.ts';
import { buildServer } from '../api/server.ts';
import { createHandshakeServer, formatConnectionString, type Suite } from '../crypto/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { Exclusion } from '../gateway/ports/exclusion.ts';
import type { Log } from '../gateway/ports/log.ts';
import type { Closing } from './closing.ts';
import { type Config, ConfigError, SETTINGS } from './config.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import type { HostReport } from './host-report.ts';
import { hostForm, type IdentitySource, type LastingKeys } from './keys/identity.ts';
import type { TlsFiles } from './tls/certificate.ts';

/** How long a stop waits for requests under way, ms. */
const LAST_ANSWERS = 20_000;

/** Where clients come in. */
export interface FrontDoor {
  readonly url: string;
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
  const server = buildServer({
    gateway,
    handshake: createHandshakeServer(() => identity.current(), { suites }),
    settings: {
      ...{ tls, host: report.judged, trustedProxies: config.trustedProxies },
      maxBody: config.maxBodyMiB * 1024 * 1024,
    },
  });
  closing.add(() => closed(server));
  const port = await listen(server, config);
  const host = hostForm(config.names[0] ?? 'localhost');
  const connection = (account: string, user: string) =>
    formatConnectionString({ account, user, host, port, pins: [lasting.root.pin] });
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}:${port}`,
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

async function listen(server: App, config: Config): Promise<number> {
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        SETTINGS.port.variable,
        `names port ${config.port}, which is taken on ${config.host}`,
        '8444',
      );
    if (code === 'EACCES')
      throw new ConfigError(SETTINGS.port.variable, `names port ${config.port}, which this user may not open`, '8443');
    if (code === 'EADDRNOTAVAIL')
      throw new ConfigError(
        SETTINGS.host.variable,
        `names ${config.host}, which is no address of this host`,
        '127.0.0.1',
      );
    throw error;
  }
  return (server.server.address() as AddressInfo).port;
}
