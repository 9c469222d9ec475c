import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PdfPages } from '../carrier-adapters/http/index.ts';
import { randomId } from '../crypto/index.ts';
import { destinationOf } from '../gateway/destinations/index.ts';
import type { Gateway } from '../gateway/index.ts';
import { createLife, type Life, type LifeSettings } from '../gateway/life-of-a-fax.ts';
import { type AlertingLog, alertingLog } from '../gateway/mail/index.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { JobQueue } from '../gateway/ports/job-queue.ts';
import type { Log } from '../gateway/ports/log.ts';
import type { Membership } from '../gateway/ports/membership.ts';
import type { Renderer } from '../gateway/ports/renderer.ts';
import { createRecords, type Records } from '../gateway/records/index.ts';
import { createRenderer, receivedPages } from '../gateway/rendering/index.ts';
import { type BackendParts, type Backends, clusterBackends, localBackends } from './backends.ts';
import { scheduledBackups } from './backup/scheduled.ts';
import { Closing } from './closing.ts';
import { type Config, ConfigError, isCluster, SETTINGS } from './config.ts';
import { createConsoleOrigins } from './console-origins.ts';
import { ownDataDirectory } from './data-directory.ts';
import { databaseClock } from './database-clock.ts';
import { destinationsOf } from './destinations.ts';
import type { FirstStart } from './first-start.ts';
import { type FrontDoor, openDoor } from './front-door.ts';
import { type HostReport, hostReport, wallFinding } from './host-report.ts';
import { openKeys } from './keys/gateway-keys.ts';
import { hostForm, type IdentitySource, type LiveIdentity, lastingKeys } from './keys/identity.ts';
import { createKeyDesk } from './keys/key-desk.ts';
import { followKeys } from './keys/key-ring.ts';
import { lineLookupOf } from './line-lookup.ts';
import { linesOf } from './lines.ts';
import { createLog } from './logging/log.ts';
import { mailerOf, postOf } from './mail/server.ts';
import { listenForScrapes } from './metrics/listener.ts';
import { createMetrics, type MetricsRegistry } from './metrics/metrics.ts';
import { refuseMoved } from './moved-mark.ts';
import { providersOf } from './openid/index.ts';
import { type Database, databaseOf, databaseTime } from './postgres/database.ts';
import { watchRoom } from './room.ts';
import { systemClock } from './system-clock.ts';
import { tlsFiles } from './tls/files.ts';

/** A process of a gateway that does its work: the whole gateway, or one of many. */
export interface RunningProcess {
  readonly role: Config['role'];
  /** Null in a worker, which no client talks to. */
  readonly door: FrontDoor | null;
  readonly pin: string;
  readonly facts: { readonly database: string; readonly sandbox: string; readonly metrics: string | null };
  readonly report: HostReport;
  /** Resolves when others have taken the records that are ours alone: this process must end. */
  readonly lost: Promise<void>;
  /** No new calls; resolves when the running ones have ended. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** A gateway that listens. */
export interface RunningGateway extends RunningProcess {
  readonly url: string;
  /** The connection string of a user of this gateway, without its secret. */
  connection(account: string, user: string): string;
  /** Not null when this start was the first on its records. */
  readonly firstStart: FirstStart | null;
}

/** Starts a gateway that clients can talk to; the role is not `worker`. @see startProcess */
export async function startGateway(config: Config, log: Log = createLog(config.logLevel)): Promise<RunningGateway> {
  const running = await startProcess(config, log);
  if (running.door === null) throw new Error('a worker has no door');
  return { ...running, ...running.door };
}

/**
 * The composition root: builds every part from `config`, in the order in which one rests on the other, and ends them in
 * the opposite order. When a part does not start, what has started is ended and the error thrown.
 */
export async function startProcess(config: Config, log: Log = createLog(config.logLevel)): Promise<RunningProcess> {
  const closing = new Closing();
  try {
    return await build(config, alertingLog(log), closing);
  } catch (error) {
    // The start's own error is the one to tell; what did not end after it follows from it.
    await closing.run().catch((fault: unknown) => log.warn({ error: fault }, 'a failed start was not ended in order'));
    throw error;
  }
}

async function build(config: Config, log: AlertingLog, closing: Closing): Promise<RunningProcess> {
  const metrics = createMetrics();
  // Wrong settings are told before anything is begun.
  linesOf(config, { clock: systemClock, log, metrics });
  destinationsOf(config);
  lineLookupOf(config, systemClock);
  providersOf(config, { clock: systemClock, log, metrics });
  const mailer = mailerOf(config);
  const owner = await ownDataDirectory(config.dataDir);
  closing.add(() => owner.release());
  if (config.databaseUrl === undefined) await refuseMoved(owner.directory);
  const database = await databaseOf(config, log);
  closing.add(() => database.close());
  const clock = await clockOf(config, database, log, closing);
  const rendering = Promise.withResolvers<Renderer>();
  const pdfPages: PdfPages = async function* (pdf, signal) {
    yield* receivedPages(await rendering.promise, pdf, signal);
  };
  const lines = linesOf(config, { clock, log, metrics, pdfPages });
  const bell = Promise.withResolvers<JobQueue>();
  const records = createRecords({
    pool: database.pool,
    log,
    pricing: lines.tariffs,
    placeOf: (number) => destinationOf(number).place,
    onDelivery: (ids) => void bell.promise.then((queue) => Promise.all(ids.map((id) => queue.ring('deliver', id)))),
  });
  closing.add(() => records.close());
  const place = await takePlace(config, records, closing);
  const wall = await records.raiseWall();
  await keepCurrency(config, records);

  const keys = await openKeys(config, records, clock);
  closing.add(async () => keys.close());
  const lasting = await lastingKeys(keys.lasting, () => clock.now());
  const { ring } = lasting;
  if (config.databaseUrl !== undefined) {
    const unfollow = followKeys(ring, clock, log);
    closing.add(async () => unfollow());
  }
  // Children started ahead of need would take their processor time from the start itself.
  const ready = Promise.withResolvers<void>();
  const renderer = await createRenderer({
    pool: { working: config.renderers, spare: config.warmRenderers },
    standing: Math.max(1, Math.floor(config.renderers / 2)),
    codeCache: join(owner.directory, 'code-cache'),
    ahead: ready.promise,
  });
  closing.add(() => renderer.close());
  rendering.resolve(renderer);
  const backends = await backendsOf({ config, database, records, keys, lasting, clock, log, metrics, closing });
  bell.resolve(backends.queue);
  const report = await hostReport({
    config,
    findings: [wallFinding(wall), ...backends.findings, ...(await renderer.hostFindings())],
  });
  report.enforce();

  const { rootKey } = keys;
  const pin = () => lasting.root.pin;
  const backups = scheduledBackups({ config, database, records, rootKey, pin, clock, log, metrics });
  const room = watchRoom({ directory: owner.directory, clock, log, metrics });
  await room.start();
  closing.add(async () => room.stop());
  const tls = config.role === 'worker' ? null : await tlsFiles(config, keys.lasting, clock.now());
  const lineTypes = lineLookupOf(config, clock);
  const answering = Promise.withResolvers<LiveIdentity>();
  const identity: IdentitySource = async (wanted) => {
    const live = await backends.identity({ ...wanted, line: ring });
    answering.resolve(live);
    return live;
  };
  const { exclusion, accounts } = records;
  const origins = createConsoleOrigins(config);
  const life = createLife({
    ...{ records, renderer, keys: lasting, clock, log, metrics, ...lines, ...backends },
    keyDesk: createKeyDesk({ ring, identity: answering.promise, exclusion, accounts, clock }),
    destinations: destinationsOf(config),
    providers: providersOf(config, { clock, log, metrics }),
    ...(lineTypes === undefined ? {} : { lineTypes }),
    tlsLeaves: () => (tls === null ? config.tlsLeaf : [tls.leaf, ...config.tlsLeaf]),
    ...(mailer === undefined ? {} : { post: postOf(config, mailer, records) }),
    alerts: log,
    adminCidrs: config.adminCidrs,
    consoleOrigins: origins.all,
    worker: `${hostname()}-${process.pid}-${randomId('w').slice(-8)}`,
    settings: lifeSettings(config),
    ...(config.publicUrl === undefined ? {} : { publicOrigin: config.publicUrl }),
    checks: () => ({ ...room.check(), ...backups?.check() }),
  });
  closing.add(() => life.stop());
  await life.start();
  backups?.start();
  closing.add(async () => backups?.stop());

  const { gateway } = life;
  const door =
    config.role === 'worker'
      ? null
      : await openDoor({ config, gateway, lasting, identity, tls, report, exclusion, origins, clock, log, closing });
  const scrapes = await scrapesOf(config, metrics, gateway, closing);
  setImmediate(ready.resolve); // after whoever waits for us has said that we listen
  return {
    role: config.role,
    door,
    pin: lasting.root.pin,
    facts: { database: database.description, sandbox: report.sandbox, metrics: scrapes },
    report,
    lost: place?.lost ?? new Promise(() => {}),
    drain: () => drain(life, config, log),
    stop: () => closing.run(),
  };
}

function backendsOf(parts: BackendParts): Promise<Backends> {
  const { redisUrl } = parts.config;
  return redisUrl === undefined ? localBackends(parts) : clusterBackends(parts, redisUrl);
}

/** Processes that share a server go by its time; an embedded one has that of its own host. */
async function clockOf(config: Config, { pool }: Database, log: Log, closing: Closing): Promise<Clock> {
  if (config.databaseUrl === undefined) return systemClock;
  const clock = await databaseClock(() => databaseTime(pool), systemClock, log);
  closing.add(async () => clock.close());
  return clock;
}

/** Takes our place beside the records and sees to their schema. @throws RecordsError */
async function takePlace(config: Config, records: Records, closing: Closing): Promise<Membership | undefined> {
  // An embedded database is ours with its data directory.
  const place = config.databaseUrl === undefined ? undefined : await records.join(isCluster(config) ? 'many' : 'alone');
  if (place !== undefined) closing.add(() => place.leave());
  if (config.migrate) await records.migrate();
  else await records.check();
  return place;
}

/** Costs are added up: those of two currencies would be a number without a meaning. @throws ConfigError */
async function keepCurrency(config: Config, records: Records): Promise<void> {
  const kept = await records.budgets.keepCurrency(config.currency);
  if (kept === config.currency) return;
  throw new ConfigError(
    SETTINGS.currency.variable,
    `is ${config.currency}, but calls were charged in ${kept} before`,
    kept,
  );
}

function lifeSettings(config: Config): LifeSettings {
  return {
    role: config.role,
    calls: config.calls,
    renderers: config.renderers,
    poll: config.pollSeconds * 1_000,
    lease: config.leaseSeconds * 1_000,
    epochLife: config.epochSeconds * 1_000,
    cdrRetentionDays: config.cdrRetentionDays,
    rowRetention: {
      faxes: config.faxRetentionDays,
      events: config.eventRetentionDays,
      receipts: config.receiptRetentionDays,
    },
    breaker: { faults: config.breakerFaults, rest: config.breakerSeconds * 1_000 },
    maxBody: config.maxBodyMiB * 1024 * 1024,
    webhookPrivate: config.webhookPrivate,
    alone: config.databaseUrl === undefined,
    shared: isCluster(config),
  };
}

/** The listener of metrics and health, if there is to be one; answers its address. */
async function scrapesOf(
  config: Config,
  metrics: MetricsRegistry,
  gateway: Gateway,
  closing: Closing,
): Promise<string | null> {
  const { metricsPort, metricsHost: host } = config;
  if (metricsPort === undefined) return null;
  const { server, port } = await listenForScrapes({ metrics, gateway, host, port: metricsPort });
  closing.add(() => closed(server));
  return `http://${hostForm(host)}:${port}/metrics`;
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
