import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the receiver of a webhook saw it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** How the receiver answers its next requests; the last entry stays. A number is a status with an empty body. */
export type Answer = number | RequestListener;

/** A receiver of webhooks on a loopback port. */
export async function startReceiver(answers: Answer[], make: (listener: RequestListener) => Server = createServer) {
  const received: Received[] = [];
  const server = make((request, response) => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
    void readAll(request).then((body) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      received.push({ method: request.method ?? '', path: request.url ?? '', headers, body });
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { received, answers, port, url: `http://127.0.0.1:${port}/hook`, close };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
