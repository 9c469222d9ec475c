import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port below those that systems hand out by themselves (49152 on by RFC 6335 §6, 32768 on with Linux): the
 * gateway is away half of the time, and nobody else may get its port meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    server.close();
    if (free) return port;
  }
}
