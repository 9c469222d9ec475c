import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import swagger from '@fastify/swagger';
import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { App } from './app.ts';
import { API_SETTINGS, type ApiContext, type ApiSettings } from './context.ts';
import { openApi } from './open-api.ts';
import { addObservation } from './plugins/observe.ts';
import { addPrincipal } from './plugins/principal.ts';
import { addProblems, answerBadUrl } from './plugins/problems.ts';
import { addSecurityHeaders } from './plugins/security-headers.ts';
import { accountAdministrationRoutes } from './routes/account-administration.ts';
import { alertRoutes } from './routes/alerts.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { auditRoutes } from './routes/audit.ts';
import { batchRoutes } from './routes/batches.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { callRoutes } from './routes/calls.ts';
import { carrierCallbackRoutes } from './routes/carrier-callbacks.ts';
import { carrierHealthRoutes } from './routes/carrier-health.ts';
import { cdrAdministrationRoutes } from './routes/cdr-administration.ts';
import { cdrRoutes } from './routes/cdrs.ts';
import { closingRoutes } from './routes/closings.ts';
import { connectionRoutes } from './routes/connections.ts';
import { consoleRoutes } from './routes/console.ts';
import { coverRoutes, coverUploadRoute } from './routes/covers.ts';
import { eventRoutes } from './routes/events.ts';
import { faxAdministrationRoutes } from './routes/fax-administration.ts';
import { faxSendingRoutes } from './routes/fax-sending.ts';
import { faxRoutes } from './routes/faxes.ts';
import { healthRoutes } from './routes/health.ts';
import { inboundRoutes } from './routes/inbound.ts';
import { keyRoutes } from './routes/keys.ts';
import { mailRoutes } from './routes/mail.ts';
import { mediaRoutes } from './routes/media.ts';
import { numberAdministrationRoutes } from './routes/number-administration.ts';
import { numberRoutes } from './routes/numbers.ts';
import { openIdLogoutRoute, openIdRoutes } from './routes/openid.ts';
import { overviewRoutes } from './routes/overview.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { pauseRoutes } from './routes/pauses.ts';
import { purgeRoutes } from './routes/purges.ts';
import { referenceRoutes } from './routes/reference.ts';
import { reportScheduleRoutes } from './routes/report-schedules.ts';
import { reportRoutes } from './routes/reports.ts';
import { restoreRoutes } from './routes/restore.ts';
import { routeRoutes } from './routes/routes.ts';
import { sessionRoutes } from './routes/session.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { userAdministrationRoutes } from './routes/user-administration.ts';
import { webhookAdministrationRoutes } from './routes/webhook-administration.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { whyRoutes } from './routes/why.ts';
import { helloRoute } from './transport/hello.ts';
import { createHelloGate, type HelloGate } from './transport/hello-gate.ts';
import { messageRoute } from './transport/message.ts';

/** JSON of ordinary routes, octets. */
const JSON_LIMIT = 1024 * 1024;
/** JSON with inline documents: base64 of up to 12 MiB. */
const INLINE_LIMIT = 17 * 1024 * 1024;

/** A request that says nothing for this long while its body is due is given up. Milliseconds. */
const STALL = 40_000;
/** Silence while we work on a request: the longest inspection of a document (120 s of CPU), shared cores allowed for. */
const PATIENCE = 240_000;

/** What a server is built from. */
export type ServerParts = Omit<ApiContext, 'settings'> & { readonly settings?: Partial<ApiSettings> };

/** The HTTP side of the gateway, ready to listen. It never listens by itself. */
export function buildServer(parts: ServerParts): App {
  const context: ApiContext = { ...parts, settings: { ...API_SETTINGS, ...parts.settings } };
  const { settings } = context;
  const app: App = fastify({
    logger: false,
    bodyLimit: JSON_LIMIT,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    return503OnClosing: true,
    routerOptions: { maxParamLength: 64, ignoreTrailingSlash: false },
    frameworkErrors: answerBadUrl,
    serverFactory: (handler) => httpServer(handler, settings),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  addSecurityHeaders(app);
  addProblems(app, context);
  addPrincipal(app, context);
  addObservation(app, context);

  const gate = createHelloGate(context.gateway.clock, settings.hello);
  app.register(swagger, openApi(settings));
  app.register(async (scope) => helloRoute(scope.withTypeProvider<ZodTypeProvider>(), context, gate));
  app.register(async (scope) => messageRoute(scope.withTypeProvider<ZodTypeProvider>(), context, app));
  app.register(async (scope) => submitRoutes(scope.withTypeProvider<ZodTypeProvider>(), context));
  app.register(async (scope) => coverUploadRoute(scope.withTypeProvider<ZodTypeProvider>(), context));
  if (settings.realms.includes('api'))
    app.register(async (scope) => carrierCallbackRoutes(scope.withTypeProvider<ZodTypeProvider>(), context));
  app.register(async (scope) => openIdLogoutRoute(scope.withTypeProvider<ZodTypeProvider>(), context));
  app.register(async (scope) => plainRoutes(scope.withTypeProvider<ZodTypeProvider>(), context, gate));
  return app;
}

/** Routes whose bodies are JSON or nothing. */
function plainRoutes(scope: App, context: ApiContext, gate: HelloGate): void {
  sessionRoutes(scope, context, gate);
  inboundRoutes(scope, context);
  eventRoutes(scope, context);
  cdrRoutes(scope, context);
  callRoutes(scope, context);
  whyRoutes(scope, context);
  reportRoutes(scope, context);
  reportScheduleRoutes(scope, context);
  numberRoutes(scope, context);
  coverRoutes(scope, context);
  healthRoutes(scope, context);
  if (context.settings.realms.includes('api')) mediaRoutes(scope, context);
  webhookRoutes(scope, context);
  accountAdministrationRoutes(scope, context);
  userAdministrationRoutes(scope, context);
  cdrAdministrationRoutes(scope, context);
  passkeyRoutes(scope, context);
  signInRoutes(scope, context);
  faxAdministrationRoutes(scope, context);
  numberAdministrationRoutes(scope, context);
  auditRoutes(scope, context);
  mailRoutes(scope, context);
  pauseRoutes(scope, context);
  carrierHealthRoutes(scope, context);
  routeRoutes(scope, context);
  approvalRoutes(scope, context);
  budgetRoutes(scope, context);
  purgeRoutes(scope, context);
  webhookAdministrationRoutes(scope, context);
  alertRoutes(scope, context);
  restoreRoutes(scope, context);
  openIdRoutes(scope, context);
  overviewRoutes(scope, context);
  keyRoutes(scope, context);
  connectionRoutes(scope, context);
  closingRoutes(scope, context);
  referenceRoutes(scope, context);
  if (context.settings.realms.includes('admin')) consoleRoutes(scope, context);
}

/** Routes that take documents: every media type but JSON is handed on unread, to be sealed as it comes. */
function submitRoutes(scope: App, context: ApiContext): void {
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  scope.addHook('onRoute', (route) => {
    if (route.method === 'POST') route.bodyLimit = INLINE_LIMIT;
  });
  faxRoutes(scope, context);
  batchRoutes(scope, context);
  faxSendingRoutes(scope, context);
}

/** Limits against callers that open connections and say little (slowloris). Milliseconds. */
function httpServer(handler: RequestListener, settings: ApiSettings): Server {
  const options = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: 15_000,
    // 64 MiB in ten minutes is 110 kB/s; a slower line sends smaller faxes.
    requestTimeout: 600_000,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 5_000,
  };
  const server =
    settings.tls === null
      ? createServer(options, handler)
      : createTlsServer({ ...options, ...settings.tls, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 }, handler);
  server.setTimeout(STALL);
  server.on('request', (request) => {
    const { headers, socket } = request;
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    if (hasBody) request.once('end', () => socket.setTimeout(PATIENCE));
    else socket.setTimeout(PATIENCE);
  });
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 10_000;
  return server;
}
