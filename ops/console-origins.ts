import { isIP } from 'node:net';
import type { Config } from './config.ts';

/** Origins by which browsers reach the console: what passkeys and redirects of sign-ins are bound to. */
export interface ConsoleOrigins {
  /** Scheme, host and port, as browsers write them. */
  all(): readonly string[];
  /** The listener for administrators has opened. */
  listens(port: number): void;
}

/**
 * Those of the settings; and by each host name the port of the listener, and 443, where a proxy or a firewall brings
 * browsers to it. An address is no name: browsers bind nothing to one.
 */
export function createConsoleOrigins({
  names,
  tls,
  consoleOrigins,
}: Pick<Config, 'names' | 'tls' | 'consoleOrigins'>): ConsoleOrigins {
  const hosts = names.filter((name) => isIP(name) === 0 && URL.canParse(`https://${name}`));
  const at = (host: string, port = 443) => new URL(`https://${host}:${port}`).origin;
  const origins = new Set([...consoleOrigins.map(({ origin }) => origin), ...hosts.map((host) => at(host))]);
  return {
    all: () => [...origins],
    listens(port) {
      for (const host of hosts) origins.add(at(host, port));
      // Browsers trust this host itself without TLS.
      if (tls === 'off' && hosts.includes('localhost')) origins.add(new URL(`http://localhost:${port}`).origin);
    },
  };
}
