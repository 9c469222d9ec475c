import type { Admin } from './admin.ts';
import { createAdmin } from './admin.ts';
import type { Client, ClientOptions } from './client.ts';
import { createClient, openChannel } from './client.ts';
import type { Proof } from './credentials.ts';
import { fetchTransport } from './fetch-transport.ts';

export * from './core.ts';

/** The door for browsers and workers: the client over `fetch`. @see Client */
export function connect(connection: string, proof: Proof, options: ClientOptions = {}): Client {
  return createClient(openChannel('api', connection, proof, fetchTransport, options));
}

/** As `connect`, for an admin user. @see Admin */
export function connectAdmin(connection: string, proof: Proof, options: ClientOptions = {}): Admin {
  return createAdmin(openChannel('admin', connection, proof, fetchTransport, options));
}
