import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../../../api/app.ts';
import type { ApiSettings } from '../../../api/context.ts';
import { buildServer } from '../../../api/server.ts';
import { createLoopback } from '../../../carrier-adapters/loopback/adapter.ts';
import { loopbackConfigSchema } from '../../../carrier-adapters/loopback/config.ts';
import {
  createHandshakeServer,
  createPageMark,
  DEFAULT_SUITE,
  generateEd25519,
  generateSigningKey,
  type HandshakeServer,
  newKey,
  openObject,
  randomId,
  type ServerIdentity,
  sealObject,
  wipe,
} from '../../../crypto/index.ts';
import { createAccess, createIdentities, createMemorySessions, rateNetwork } from '../../../gateway/access/index.ts';
import { exportAudit } from '../../../gateway/audit/index.ts';
import { createCovers } from '../../../gateway/covers/index.ts';
import {
  type ApprovalStage,
  createApprovals,
  createDestinationGuard,
  type DestinationSettings,
} from '../../../gateway/destinations/index.ts';
import { DEFAULT_RULES } from '../../../gateway/destinations/rules.ts';
import { createCarriers } from '../../../gateway/dispatch/index.ts';
import type { Account, User } from '../../../gateway/fax/account.ts';
import { type FaxId, newId } from '../../../gateway/fax/ids.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import { type AccountPolicy, DEFAULT_POLICY } from '../../../gateway/fax/policy.ts';
import type { Gateway } from '../../../gateway/gateway.ts';
import { createIntake, type IntakeStage } from '../../../gateway/intake/index.ts';
import { createMail, type Post } from '../../../gateway/mail/index.ts';
import { createNotify } from '../../../gateway/notify/index.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { IdentityProvider } from '../../../gateway/ports/identity-provider.ts';
import type { ImageVault } from '../../../gateway/ports/image-vault.ts';
import type { Bell, JobQueue } from '../../../gateway/ports/job-queue.ts';
import type { Log, Metrics } from '../../../gateway/ports/log.ts';
import { DocumentRejected, type RenderEvent, type Renderer, type RenderJob } from '../../../gateway/ports/renderer.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { createClosingDesk, createPurgeDesk } from '../../../gateway/retention/index.ts';
import { createConversion, createImages } from '../../../gateway/retrieval/images.ts';
import { createMediaLinks } from '../../../gateway/retrieval/media-links.ts';
import { BREAKER_SETTINGS } from '../../../gateway/routing/breaker.ts';
import { createBudgets } from '../../../gateway/routing/budgets.ts';
import { createRoutes } from '../../../gateway/routing/explain.ts';
import { createHealth } from '../../../gateway/routing/health.ts';
import { createLearned } from '../../../gateway/routing/learned.ts';
import { createPlanner, plainTerms, type Routing } from '../../../gateway/routing/plan.ts';
import { createTariffs, type Tariffs } from '../../../gateway/routing/tariffs.ts';
import { createEpochRoll, createFileVault, createMemoryStore } from '../../../gateway/vault/index.ts';
import { liveIdentity } from '../../../ops/keys/identity.ts';
import { createKeyDesk } from '../../../ops/keys/key-desk.ts';
import { openKeyRing } from '../../../ops/keys/key-ring.ts';
import { startTestPostgres } from '../../postgres.ts';
import { memoryKeys } from '../../unit/ops/memory-keys.ts';

const line = (name: string, clock: Clock) =>
  createLoopback(loopbackConfigSchema.parse({ kind: 'loopback', name }), clock);

/** Real time; timers do not hold the test process. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

export const silentMetrics: Metrics = { count: () => undefined, observe: () => undefined, gauge: () => undefined };

/** A log that keeps every line, so that a test can look for what must not be in it. */
export function rememberingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const line = (level: string) => (fields: Record<string, unknown>, text: string) => {
    lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

/** Bells that were rung and that nobody hears. */
export interface SilentQueue extends JobQueue {
  readonly rung: { readonly bell: Bell; readonly id: string }[];
}

function silentQueue(): SilentQueue {
  const rung: SilentQueue['rung'] = [];
  return {
    rung,
    ring: async (bell, id) => void rung.push({ bell, id }),
    hear: async () => undefined,
    stop: async () => undefined,
    close: async () => undefined,
    check: async () => undefined,
  };
}

/**
 * A renderer that obeys its documents, in this process: `pages:N` makes N pages, `reject:CAUSE` is refused with that
 * cause, `late:CAUSE` is refused after its inspection, anything else is one page. Each page's data is the document.
 */
export function obedientRenderer(): Renderer {
  return {
    render: (job) => obey(job),
    async *convert(job) {
      const parts: Buffer[] = [Buffer.from(`${job.format}:`)];
      for (const page of job.pages) {
        const plain = openObject(job.dek, { fax: job.fax, object: page.object }, page.sealed);
        for await (const chunk of plain) parts.push(Buffer.from(chunk));
      }
      for (const part of parts) yield part;
    },
    hostFindings: async () => [],
    close: async () => undefined,
  };
}

async function* obey(job: RenderJob): AsyncGenerator<RenderEvent, { pages: number; bytes: number }> {
  const texts: string[] = [];
  for (const document of job.documents) {
    const parts: Buffer[] = [];
    for await (const chunk of openObject(job.dek, { fax: job.fax, object: document.object }, document.sealed)) {
      parts.push(Buffer.from(chunk));
    }
    texts.push(Buffer.concat(parts).toString('latin1'));
  }
  const dek = job.dek.slice();
  const [first = 'pages:1'] = texts;
  const refused = /^reject:(\w+)/.exec(first)?.[1];
  if (refused !== undefined) throw new DocumentRejected(refused as DocumentRejected['cause'], 'it says so itself', 0);
  const pages = Number(/^pages:(\d+)/.exec(first)?.[1] ?? 1);
  if (pages > job.options.maxPages)
    throw new DocumentRejected('too_many_pages', `more than ${job.options.maxPages} pages`);
  yield { type: 'inspected', pages, mediaTypes: texts.map(() => 'text/plain') };
  const late = /^late:(\w+)/.exec(first)?.[1];
  if (late !== undefined) throw new DocumentRejected(late as DocumentRejected['cause'], 'it says so itself', 0);
  for (let page = 1; page <= pages; page++) {
    const data = Buffer.from(`page ${page} to ${job.options.header?.to ?? 'nobody'} of ${first.slice(0, 200)}`);
    const object = `page/${page}`;
    const sealed: Uint8Array[] = [];
    for await (const chunk of sealObject(dek, { fax: job.fax, object }, [data])) sealed.push(chunk);
    const mark = createPageMark(dek);
    mark.update(data);
    const geometry = { width: 1728, rows: 1100, xDpi: 204, yDpi: 98, bytes: data.length, warnings: [] };
    yield { type: 'page', page, ...geometry, mark: mark.digest(), object, sealed };
  }
  wipe(dek);
  return { pages, bytes: 0 };
}

/** Everything behind the API, on a real database and a real vault. */
export interface Rig {
  readonly app: App;
  readonly port: number;
  readonly origin: string;
  readonly pin: string;
  readonly identity: ServerIdentity;
  readonly vaultDirectory: string;
  readonly records: Records;
  readonly vault: ImageVault;
  /** `held` as after a restore that nobody has confirmed. */
  readonly gateway: Gateway & { draining: boolean; held: boolean };
  readonly intake: IntakeStage;
  readonly approvals: ApprovalStage;
  readonly queue: SilentQueue;
  readonly log: ReturnType<typeof rememberingLog>;
  /** Statements straight to the database. */
  sql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  /** Names of all files in the vault. */
  files(): Promise<string[]>;
  account(name: string, policy?: Partial<AccountPolicy>, numbers?: readonly string[]): Promise<Account>;
  apiUser(account: Account, name: string, cidrs?: readonly string[]): Promise<{ user: User; secret: string }>;
  stop(): Promise<void>;
}

export interface RigOptions {
  readonly settings?: Partial<ApiSettings>;
  readonly renderer?: Renderer;
  readonly limits?: Parameters<typeof createIntake>[0]['limits'];
  readonly tlsLeaves?: readonly string[];
  readonly adminCidrs?: readonly string[];
  /** Nobody takes mails when left out. */
  readonly post?: Post;
  readonly providers?: readonly IdentityProvider[];
  readonly carryOn?: number;
  /** Carriers `trunk` alone, and no rules, when left out. */
  readonly routing?: Routing;
  /** No call has a price when left out. */
  readonly tariffs?: Tariffs;
  /** Countries do not matter when left out. */
  readonly destinations?: Partial<DestinationSettings>;
}

const HOST = 'localhost';
/** Where browsers find the console. */
export const CONSOLE_ORIGIN = 'https://fax.example.org';

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const postgres = await startTestPostgres();
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-api-'));
  const log = rememberingLog();
  const clock = realClock;
  const metrics = silentMetrics;
  const pool = postgres.pool();
  const tariffs = options.tariffs ?? createTariffs('EUR', new Map());
  const records = createRecords({ pool, log, clock, pricing: tariffs });
  await records.migrate();

  const epochs = createMemoryStore();
  const receiptKey = await generateSigningKey();
  const shared = { records: records.vault, receiptKey, clock, log, metrics };
  const vault = createFileVault({ ...shared, directory: join(directory, 'vault'), epochs });
  const roll = createEpochRoll({ ...shared, store: epochs, vault, imageLost: async () => undefined });
  await roll.start();
  const renderer = options.renderer ?? obedientRenderer();
  const queue = silentQueue();
  const sessions = createMemorySessions(clock);
  const serverKey = newKey();
  const { accounts, faxes, events } = records;
  let draining = false;
  let held = false;
  const identities = createIdentities({
    ...{ providers: options.providers ?? [], accounts, identities: records.identities, sessions },
    ...{ sealKey: newKey(), origins: () => [CONSOLE_ORIGIN], clock, log, metrics },
  });
  const access = createAccess({
    accounts,
    sessions,
    events,
    serverKey,
    sealKey: newKey(),
    tlsLeaves: () => options.tlsLeaves ?? [],
    adminCidrs: options.adminCidrs ?? [],
    consoleOrigins: () => [CONSOLE_ORIGIN],
    factors: identities.factors,
    clock,
    log,
    metrics,
  });
  const covers = createCovers({ records: records.covers, renderer, sealKey: newKey(), clock });
  const stage = { accounts, covers, faxes, vault, renderer, queue, clock, log, metrics, worker: 'test' };
  const settings = {
    rules: DEFAULT_RULES,
    homes: [],
    watched: false,
    holds: false,
    holdFor: 3_600_000,
    ...options.destinations,
  };
  const ends = async (fax: FaxId) => void (await vault.wipe(fax, 'transmission_ended'));
  const watched = { records: records.guard, accounts, settings, clock, log, metrics };
  const guard = createDestinationGuard(watched);
  const approvals = createApprovals({ ...watched, guard, faxes, queue, wipe: ends });
  const intake = createIntake({
    ...stage,
    guard,
    hashKey: serverKey,
    draining: () => draining,
    held: () => held,
    maxPages: 1_000,
    wipe: ends,
    limits: options.limits ?? {},
    ...(options.carryOn === undefined ? {} : { carryOn: options.carryOn }),
  });
  const notify = createNotify({
    records: records.webhooks,
    events,
    queue,
    clock,
    log,
    metrics,
    sealKey: newKey(),
    signingKey: await generateEd25519(),
    settings: { allowPrivate: true },
  });
  const routing = options.routing ?? { routes: [], carriers: [plainTerms('trunk')] };
  const carriers = routing.carriers.map(({ name }) => line(name, clock));
  const ways = createCarriers({ records: records.carriers, carriers, queue, clock });
  const conditions = (now: number) => records.carriers.conditions(now);
  const lessons = createLearned({ records: records.learned, clock, log, retentionDays: 0 });
  const ring = await openKeyRing(memoryKeys(), () => clock.now());
  const suites = [DEFAULT_SUITE, 'P521-HKDF512-A128GCM'] as const;
  const live = await liveIdentity({
    root: ring.root,
    line: ring,
    names: [HOST],
    suites,
    settings: accounts,
    clock,
    log,
  });
  const gateway: Rig['gateway'] = {
    access,
    identities: identities.desk,
    intake,
    images: createImages({ records: faxes, vault, renderer }),
    media: createMediaLinks({
      ...{ links: records.media, faxes, convert: createConversion({ vault, renderer }), clock, log, metrics },
      origin: new URL('https://fax.example.org'),
    }),
    webhooks: notify,
    covers,
    keys: createKeyDesk({ ring, identity: Promise.resolve(live), exclusion: records.exclusion, accounts, clock }),
    carriers: ways,
    routes: createRoutes({ ...routing, planner: createPlanner(routing), conditions, ways, lessons, clock }),
    lessons,
    health: createHealth({
      ...{ records: records.health, carriers, queue, clock, log, metrics },
      settings: BREAKER_SETTINGS,
    }),
    approvals,
    mail: createMail({
      ...{ records: records.mail, accounts, cdrs: records.cdrs, exclusion: records.exclusion, post: options.post },
      ...{ sealKey: newKey(), serverKey, networkOf: rateNetwork, works: true, held: () => false, clock, log, metrics },
    }).desk,
    budgets: createBudgets({ records: records.budgets, tariffs, queue, clock, log, metrics }),
    closing: createClosingDesk({ records: records.closing, sessions, clock, soon: () => undefined }),
    wishes: {
      cancel: (fax, account, actor) => faxes.cancel(fax, account, clock.now(), actor),
      resend: (fax, account, mode, actor) => faxes.resend(fax, account, mode, clock.now(), actor),
      async acknowledge(fax, account, user) {
        const answer = await faxes.acknowledge(fax, account, user, clock.now());
        if (answer === 'acknowledged') await vault.wipe(fax, 'acknowledged');
        return answer;
      },
    },
    view: records.view,
    faxes,
    cdrs: records.cdrs,
    audit: { export: (span) => exportAudit(records.audit, span) },
    accounts,
    events,
    vault: records.vault,
    purges: createPurgeDesk({ records: records.purges, clock, soon: () => undefined }),
    clock,
    log,
    metrics,
    restore: { hold: () => records.restore.hold(), confirm: (actor) => records.restore.confirm(actor, clock.now()) },
    ready: async () => ({ database: { ok: true, detail: 'answers' } }),
    get draining() {
      return draining;
    },
    set draining(on: boolean) {
      draining = on;
    },
    get held() {
      return held;
    },
    set held(on: boolean) {
      held = on;
    },
  };

  const identity = live.current();
  const handshake = createHandshakeServer(() => live.current());
  const app = buildServer({
    gateway,
    handshake,
    settings: {
      hello: { burst: 500, perMinute: 500 },
      connection: (account, user) => `sealfax://${account}:${user}@${HOST}`,
      ...options.settings,
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const actor = { who: 'local', address: null };

  return {
    app,
    port,
    origin: `http://127.0.0.1:${port}`,
    pin: ring.root.pin,
    identity,
    vaultDirectory: join(directory, 'vault'),
    records,
    vault,
    gateway,
    intake,
    approvals,
    queue,
    log,
    sql: (text, values) => pool.query(text, values),
    files: async () => (await readdir(join(directory, 'vault'), { recursive: true })).map(String),
    async account(name, policy = {}, numbers = []) {
      const wantedPolicy = { ...DEFAULT_POLICY, ...policy };
      const account = await accounts.createAccount(
        { name, title: name, policy: wantedPolicy, cidrs: [] },
        actor,
        clock.now(),
      );
      for (const number of numbers) await accounts.addNumber(number as E164, account.id, '', actor, clock.now());
      return account;
    },
    apiUser: (account, name, cidrs = []) => access.createApiUser(account.id, name, cidrs, 'local'),
    async stop() {
      app.server.closeAllConnections();
      await app.close();
      await intake.settled();
      sessions.close();
      await notify.stop();
      await renderer.close();
      await records.close();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Another server before the same gateway, with a part of its own. */
export async function extraServer(
  rig: Rig,
  parts: {
    readonly settings?: Partial<ApiSettings>;
    readonly handshake?: HandshakeServer;
    readonly gateway?: Partial<Gateway>;
  },
): Promise<{ readonly origin: string; stop(): Promise<void> }> {
  const app = buildServer({
    gateway: { ...rig.gateway, ...parts.gateway },
    handshake: parts.handshake ?? createHandshakeServer(rig.identity),
    settings: parts.settings ?? {},
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** A received fax with one page, as reception would have left it. `stored`: its carrier keeps a copy until it is purged. */
export async function receiveFax(
  rig: Rig,
  account: Account,
  to: string,
  text = 'received page',
  stored = false,
): Promise<FaxId> {
  const id = newId('fax', randomId);
  const call = newId('call', randomId);
  const now = Date.now();
  const { faxes } = rig.records;
  const dek = await rig.vault.open(id, account.id);
  const inbound = { id, call, account: account.id, from: null, to: to as E164, carrier: 'test', reference: id };
  const { imageLife, uncertain, uncertainHold, inboundHold } = account.policy;
  const policy = { imageLife, uncertain, uncertainHold, inboundHold };
  const claim = await faxes.ring({ ...inbound, stored, policy }, 'test', 60_000, now);
  await faxes.receiving(call, claim.fence, 'FAR', now);
  const data = Buffer.from(text);
  const line = {
    rate: 14_400,
    modulation: 'V.17',
    compression: 'MMR',
    ecm: true,
    t38: true,
    retrains: 0,
    badRows: 0,
  } as const;
  await rig.vault.put(id, 'page/1', sealObject(dek, { fax: id, object: 'page/1' }, [data]));
  const page = {
    number: 1,
    width: 1728,
    rows: 1100,
    xDpi: 204,
    yDpi: 98,
    bytes: data.length,
    mark: 'aa',
    warnings: [],
  };
  await faxes.pageReceived(call, claim.fence, page, line, now);
  const result = { cause: 'ok', detail: '', pagesConfirmed: 1, pageInFlight: false, remoteId: 'FAR', line } as const;
  await faxes.inboundEnded(call, claim.fence, result, null, now, 'purge');
  wipe(dek);
  return id;
}
