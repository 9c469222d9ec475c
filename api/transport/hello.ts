import { SealError } from '../../crypto/index.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError } from '../errors.ts';
import { addressOf } from './address.ts';
import type { HelloGate } from './hello-gate.ts';
import { sealedOrigin } from './inner-request.ts';

/** Octets of a hello (SPEC.md). */
const HELLO_LIMIT = 2_048;

/** `POST /sfx1/hello`: the handshake. Its session lives in the store, without a log-in, for 30 s. */
export async function helloRoute(app: App, { gateway, handshake }: ApiContext, gate: HelloGate): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: HELLO_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
  const options = { config: { access: 'open' as const }, schema: { hide: true } };
  app.post('/sfx1/hello', options, async (request, reply) => {
    if (sealedOrigin(request.raw) !== undefined) throw new ApiError('route_not_found');
    if (gateway.draining) throw new ApiError('draining');
    const address = addressOf(request);
    gate.enter(address);
    const now = gateway.clock.now();
    const ch = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const { response, session, expires } = await handshake.hello(ch, now, gate.isKnown(address)).catch(refuse);
    await gateway.access.sessions.add({ ...session, createdAt: now, expiresAt: expires });
    gateway.metrics.count('hellos_total', { result: 'ok' });
    return reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(response));
  });
}

/** A bad hello is one kind towards its sender. */
function refuse(error: unknown): never {
  if (error instanceof SealError && error.code !== 'busy') throw new ApiError('hello_rejected');
  throw error;
}
