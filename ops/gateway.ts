import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { App } from '../api/app.ts';
import { buildServer } from '../api/server.ts';
import { carrierConfigsSchema, createCarriers } from '../carrier-adapters/registry.ts';
import { createHandshakeServer, formatConnectionString, randomId, type Suite } from '../crypto/index.ts';
import { createMemorySessions } from '../gateway/access/index.ts';
import { createLife, type Life } from '../gateway/life-of-a-fax.ts';
import type { JobQueue } from '../gateway/ports/job-queue.ts';
import type { Log } from '../gateway/ports/log.ts';
import { createJobQueue } from '../gateway/queue/index.ts';
import { createRecords, type Records } from '../gateway/records/index.ts';
import { createRenderer } from '../gateway/rendering/index.ts';
import { createImageLoss } from '../gateway/retention/index.ts';
import { routesSchema } from '../gateway/routing/config.ts';
import { type Route, unknownCarriers } from '../gateway/routing/plan.ts';
import { createEpochRoll, createFileVault, createMemoryStore, createSlotFileStore } from '../gateway/vault/index.ts';
import { Closing } from './closing.ts';
import { type Config, ConfigError, SETTINGS } from './config.ts';
import { ownDataDirectory } from './data-directory.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import { type HostReport, hostReport } from './host-report.ts';
import { hostForm, type LastingKeys, lastingKeys, liveIdentity } from './keys/identity.ts';
import { type KeyDirectory, openKeyDirectory } from './keys/key-directory.ts';
import { createLog } from './logging/log.ts';
import { listenForScrapes } from './metrics/listener.ts';
import { createMetrics } from './metrics/metrics.ts';
import { databaseOf } from './postgres/database.ts';
import { systemClock } from './system-clock.ts';
import { tlsFiles } from './tls/files.ts';

/** A gateway that listens. */
export interface RunningGateway {
  readonly url: string;
  readonly pin: string;
  /** The connection string of a user of this gateway, without its secret. */
  connection(account: string, user: string): string;
  /** Not null when this start was the first on its data directory. */
  readonly firstStart: FirstStart | null;
  readonly facts: { readonly database: string; readonly sandbox: string; readonly metrics: string | null };
  readonly report: HostReport;
  /** No new calls; resolves when the running ones have ended. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The composition root: builds every part from `config`, in the order in which one rests on the other, and ends them in
 * the opposite order. When a part does not start, what has started is ended and the error thrown.
 */
export async function startGateway(config: Config, log: Log = createLog(config.logLevel)): Promise<RunningGateway> {
  const closing = new Closing();
  try {
    return await build(config, log, closing);
  } catch (error) {
    // The start's own error is the one to tell; what did not end after it follows from it.
    await closing.run().catch((fault: unknown) => log.warn({ error: fault }, 'a failed start was not ended in order'));
    throw error;
  }
}

async function build(config: Config, log: Log, closing: Closing): Promise<RunningGateway> {
  const clock = systemClock;
  const metrics = createMetrics();
  const carriers = createCarriers(carrierConfigs(config), { clock });
  const routes = routesTo(
    carriers.map(({ name }) => name),
    config,
  );
  const owner = await ownDataDirectory(config.dataDir);
  closing.add(() => owner.release());
  const keys = await openKeyDirectory(config.keyDir, { value: config.rootKey, file: config.rootKeyFile });
  closing.add(async () => keys.close());
  const lasting = await lastingKeys(keys, clock.now());

  const database = await databaseOf(config, log);
  closing.add(() => database.close());
  const bell = Promise.withResolvers<JobQueue>();
  const records = createRecords({
    pool: database.pool,
    log,
    onDelivery: (ids) => void bell.promise.then((queue) => Promise.all(ids.map((id) => queue.ring('deliver', id)))),
  });
  closing.add(() => records.close());
  await records.migrate();

  const renderer = await createRenderer({
    pool: { working: config.renderers, spare: config.warmRenderers },
    standing: Math.max(1, Math.floor(config.renderers / 2)),
    codeCache: join(owner.directory, 'code-cache'),
  });
  closing.add(() => renderer.close());
  const report = await hostReport({ config, findings: await renderer.hostFindings() });
  report.enforce();

  const { store, vault, epochRoll } = await openVault(config, keys, lasting, records, log, metrics);
  closing.add(() => store.close());
  const queue = createJobQueue({ connection: database.queue, log });
  closing.add(() => queue.close());
  bell.resolve(queue);
  const sessions = createMemorySessions(clock);
  closing.add(async () => sessions.close());
  const tls = await tlsFiles(config, keys, clock.now());

  const life = createLife({
    records,
    vault,
    epochRoll,
    renderer,
    queue,
    sessions,
    carriers,
    routes,
    keys: lasting,
    tlsLeaves: () => (tls === null ? config.tlsLeaf : [tls.leaf, ...config.tlsLeaf]),
    clock,
    log,
    metrics,
    worker: `${hostname()}-${process.pid}-${randomId('w').slice(-8)}`,
    settings: {
      calls: config.calls,
      renderers: config.renderers,
      poll: config.pollSeconds * 1_000,
      lease: config.leaseSeconds * 1_000,
      epochLife: config.epochSeconds * 1_000,
      maxBody: config.maxBodyMiB * 1024 * 1024,
      webhookPrivate: config.webhookPrivate,
      alone: config.databaseUrl === undefined,
    },
  });
  closing.add(() => life.stop());
  await life.start();

  const suites: Suite[] = config.suite128 ? ['P521-HKDF512-A256GCM', 'P521-HKDF512-A128GCM'] : ['P521-HKDF512-A256GCM'];
  const identity = await liveIdentity({
    root: lasting.root,
    names: config.names,
    suites,
    settings: records.accounts,
    clock,
    log,
  });
  closing.add(async () => identity.close());
  const server = buildServer({
    gateway: life.gateway,
    handshake: createHandshakeServer(() => identity.current(), { suites }),
    settings: { tls, trustedProxies: config.trustedProxies, maxBody: config.maxBodyMiB * 1024 * 1024 },
  });
  closing.add(() => server.close());
  const port = await listen(server, config);
  const scrapes = config.metricsPort === undefined ? null : await listenForScrapes(metrics, config.metricsPort);
  if (scrapes !== null) closing.add(() => closed(scrapes.server));

  const host = hostForm(config.names[0] ?? 'localhost');
  const connection = (account: string, user: string) =>
    formatConnectionString({ account, user, host, port, pins: [lasting.root.pin] });
  return {
    url: `${tls === null ? 'http' : 'https'}://${host}:${port}`,
    pin: lasting.root.pin,
    connection,
    firstStart: await firstStart(life.gateway, connection),
    facts: {
      database: database.description,
      sandbox: report.sandbox,
      metrics: scrapes === null ? null : `http://127.0.0.1:${scrapes.port}/metrics`,
    },
    report,
    drain: () => drain(life, config, log),
    stop: () => closing.run(),
  };
}

async function openVault(
  config: Config,
  keys: KeyDirectory,
  lasting: LastingKeys,
  records: Records,
  log: Log,
  metrics: ReturnType<typeof createMetrics>,
) {
  const store =
    config.epochKeys === 'memory'
      ? createMemoryStore()
      : await createSlotFileStore({ path: keys.path('epochs.slots'), rootKey: keys.rootKey });
  const shared = { records: records.vault, receiptKey: lasting.receipt, clock: systemClock, log, metrics };
  const vault = createFileVault({ ...shared, directory: join(config.dataDir, 'vault'), epochs: store });
  const imageLost = createImageLoss({ ...shared, vault, faxes: records.faxes });
  return { store, vault, epochRoll: createEpochRoll({ ...shared, store, vault, imageLost }) };
}

function carrierConfigs(config: Config) {
  if (!config.loopback) {
    throw new ConfigError(SETTINGS.loopback.variable, 'is off, and no other carrier is built in yet', 'on');
  }
  const loopback = {
    kind: 'loopback',
    speed: config.loopbackSpeed,
    rules: config.loopbackRules,
    ...(config.loopbackSocket === undefined ? {} : { socket: config.loopbackSocket }),
  };
  return parsed(carrierConfigsSchema, [loopback], SETTINGS.loopbackRules);
}

/** The routes of the configuration; a name that no carrier has would let its calls fail one by one. @throws ConfigError */
function routesTo(names: readonly string[], config: Config): readonly Route[] {
  const routes = parsed(routesSchema, config.routes, SETTINGS.routes);
  const [unknown] = unknownCarriers(routes, names);
  if (unknown === undefined) return routes;
  const { variable, example } = SETTINGS.routes;
  throw new ConfigError(
    variable,
    `names the carrier ${JSON.stringify(unknown)}; there is ${names.join(', ')}`,
    example,
  );
}

/** A setting whose shape belongs to another folder. @throws ConfigError */
function parsed<T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
  },
  value: unknown,
  setting: { readonly variable: string; readonly example: string },
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ConfigError(
    setting.variable,
    `is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`,
    setting.example,
  );
}

async function listen(server: App, config: Config): Promise<number> {
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        SETTINGS.port.variable,
        `names port ${config.port}, which is taken on ${config.host}`,
        '8444',
      );
    if (code === 'EACCES')
      throw new ConfigError(SETTINGS.port.variable, `names port ${config.port}, which this user may not open`, '8443');
    if (code === 'EADDRNOTAVAIL')
      throw new ConfigError(
        SETTINGS.host.variable,
        `names ${config.host}, which is no address of this host`,
        '127.0.0.1',
      );
    throw error;
  }
  return (server.server.address() as AddressInfo).port;
}

/** Waits for live calls, but no longer than the operator allows. */
async function drain(life: Life, config: Config, log: Log): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    log.warn({ seconds: config.drainSeconds }, 'live calls outlast the drain; ending them');
    late.resolve();
  }, config.drainSeconds * 1_000);
  await Promise.race([life.drain(), late.promise]).finally(() => clearTimeout(timer));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
