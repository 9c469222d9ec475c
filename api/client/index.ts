import type { Admin } from './admin.ts';
import { createAdmin } from './admin.ts';
import type { Client, ClientOptions, TransportFactory } from './client.ts';
import { createClient, openChannel } from './client.ts';
import type { Proof } from './credentials.ts';
import type { NodeTransportOptions } from './node-transport.ts';
import { nodeTransport } from './node-transport.ts';

export * from './core.ts';
export { fileDocument } from './file-document.ts';
export { fileMemory } from './file-memory.ts';

/** Options of the Node door. */
export interface ConnectOptions extends ClientOptions, NodeTransportOptions {}

const over =
  (options: ConnectOptions): TransportFactory =>
  (origin) =>
    nodeTransport(origin, options);

/**
 * The door for Node 20 and newer.
 *
 * ```ts
 * const client = connect('sealfax://clinic:app@fax.example.org?pin=…', process.env.FAX_SECRET);
 * const fax = await client.faxes.send({ to: '+49301234567', documents: [fileDocument('letter.pdf')] });
 * const result = await client.faxes.wait(fax.id);
 * ```
 *
 * @param proof API secret, password, or a registered P-521 key
 * @throws SealError `connection_string` with what is wrong; nothing is sent before the first call
 */
export function connect(connection: string, proof: Proof, options: ConnectOptions = {}): Client {
  return createClient(openChannel('api', connection, proof, over(options), options));
}

/** As `connect`, for an admin user; the account in the connection string is `admin`. @see Admin */
export function connectAdmin(connection: string, proof: Proof, options: ConnectOptions = {}): Admin {
  return createAdmin(openChannel('admin', connection, proof, over(options), options));
}
