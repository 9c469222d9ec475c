import type { Admin } from './admin.ts';
import { createAdmin } from './admin.ts';
import type { Client, ClientOptions, TransportFactory } from './client.ts';
import { createClient, openChannel } from './client.ts';
import type { Proof } from './credentials.ts';
import { fetchTransport } from './fetch-transport.ts';

export * from './core.ts';

/** Options of the browser's door. */
export interface BrowserOptions extends ClientOptions {
  /**
   * Where requests go: a page that a gateway serves itself may speak to its own origin alone, whatever name it was
   * reached by. The address of the connection string when left out; the gateway proves to be its host either way.
   */
  readonly origin?: string;
}

const over =
  ({ origin }: BrowserOptions): TransportFactory =>
  (named) =>
    fetchTransport(origin ?? named);

/** The door for browsers and workers: the client over `fetch`. @see Client */
export function connect(connection: string, proof: Proof, options: BrowserOptions = {}): Client {
  return createClient(openChannel('api', connection, proof, over(options), options));
}

/** As `connect`, for an admin user. @see Admin */
export function connectAdmin(connection: string, proof: Proof, options: BrowserOptions = {}): Admin {
  return createAdmin(openChannel('admin', connection, proof, over(options), options));
}
