import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { sealedOrigin } from '../transport/inner-request.ts';

/** One log line and one observation for each request: its route's pattern, never its path, query or address. */
export function addObservation(app: App, { gateway }: ApiContext): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const labels = { method: request.method, route, status: String(reply.raw.statusCode) };
    const sealed = sealedOrigin(request.raw) !== undefined;
    gateway.metrics.count('http_requests_total', { ...labels, sealed: String(sealed) });
    gateway.metrics.observe('http_request_seconds', reply.elapsedTime / 1_000, { method: request.method, route });
    gateway.log.debug({ ...labels, sealed, ms: Math.round(reply.elapsedTime) }, 'request');
  });
}
