import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Gateway } from '../../gateway/index.ts';
import type { MetricsRegistry } from './metrics.ts';

/** What the listener answers with. */
export interface ListenerParts {
  readonly metrics: MetricsRegistry;
  readonly gateway: Pick<Gateway, 'ready' | 'draining'>;
  readonly host: string;
  readonly port: number;
}

/**
 * Serves `/metrics`, and `/healthz` and `/readyz` as the API does: a worker has no other door. It asks nobody for a
 * password and says nothing of customers. Answers the server and the port that it got.
 */
export async function listenForScrapes(parts: ListenerParts): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const answer = request.method === 'GET' ? PAGES[request.url ?? ''] : undefined;
    if (answer === undefined) response.writeHead(404).end();
    else answer(parts, response).catch(() => response.writeHead(500).end());
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : parts.port };
}

type Page = (parts: ListenerParts, response: ServerResponse) => Promise<void>;

const PAGES: Readonly<Record<string, Page>> = {
  async '/metrics'({ metrics }, response) {
    const page = await metrics.page();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(page);
  },
  async '/healthz'(_parts, response) {
    json(response, 200, { status: 'ok' });
  },
  async '/readyz'({ gateway }, response) {
    const checks = await gateway.ready();
    const ready = !gateway.draining && Object.values(checks).every((check) => check.ok);
    json(response, ready ? 200 : 503, { ready, checks });
  },
};

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
