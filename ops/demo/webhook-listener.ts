import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook, type WebhookMessage } from '../../api/client/index.ts';

const BODY_LIMIT = 65_536;

/** A webhook receiver as a customer would run one: verifies, answers 204, remembers. */
export interface WebhookListener {
  readonly url: string;
  /** Resolves with the first verified `fax.received`. */
  readonly received: Promise<WebhookMessage>;
  /** From now on signatures are checked by this secret and key. */
  trust(keys: { readonly secret: string; readonly publicKey: string }): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. Nothing is believed before `trust`. */
export async function listenForWebhooks(): Promise<WebhookListener> {
  let keys: { readonly secret: string; readonly publicKey: string } | undefined;
  let resolve: (message: WebhookMessage) => void = () => {};
  const received = new Promise<WebhookMessage>((done) => {
    resolve = done;
  });
  const take = async (body: Buffer, headers: IncomingHttpHeaders): Promise<number> => {
    if (keys === undefined) return 503;
    try {
      const message = await verifyWebhook(body, headers, keys);
      if (message.type === 'fax.received') resolve(message);
      return 204;
    } catch {
      return 400;
    }
  };
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => take(body, request.headers))
      .then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(413).end(),
      );
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/faxes`,
    received,
    trust(given) {
      keys = given;
    },
    close: () => closeServer(server),
  };
}

async function readBody(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > BODY_LIMIT) throw new Error('webhook body too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
