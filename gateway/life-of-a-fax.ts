import type { ReceiptKey } from '../crypto/index.ts';
import { createAccess, createIdentities, rateNetwork } from './access/index.ts';
import { createAuditSealer, exportAudit } from './audit/index.ts';
import { createCovers } from './covers/index.ts';
import { createApprovals, createDestinationGuard, type DestinationSettings } from './destinations/index.ts';
import { createCarriers, createDispatch, DISPATCH_SETTINGS, leaseTimes, tellCarriers } from './dispatch/index.ts';
import type { DeliveryId, FaxId } from './fax/ids.ts';
import type { Gateway, Wishes } from './gateway.ts';
import { createIntake } from './intake/index.ts';
import { type AlertingLog, createMail, type Post } from './mail/index.ts';
import { createNotify, type WebhookKey } from './notify/index.ts';
import type { AccountRecords } from './ports/account-records.ts';
import type { AuditRecords } from './ports/audit-records.ts';
import type { BudgetRecords } from './ports/budget-records.ts';
import type { CarrierAdapter } from './ports/carrier-adapter.ts';
import type { CarrierHealthRecords } from './ports/carrier-health.ts';
import type { CarrierRecords } from './ports/carrier-records.ts';
import type { CdrRecords } from './ports/cdr-records.ts';
import type { Clock } from './ports/clock.ts';
import type { ClosingRecords } from './ports/closing-records.ts';
import type { CoverRecords } from './ports/cover-records.ts';
import type { EventLedger } from './ports/event-ledger.ts';
import type { Exclusion } from './ports/exclusion.ts';
import type { FaxRecords } from './ports/fax-records.ts';
import type { GuardRecords } from './ports/guard-records.ts';
import type { IdentityProvider } from './ports/identity-provider.ts';
import type { IdentityRecords } from './ports/identity-records.ts';
import type { EpochRoll, ImageVault } from './ports/image-vault.ts';
import type { JobQueue } from './ports/job-queue.ts';
import type { KeyDesk } from './ports/key-desk.ts';
import type { LearnedRecords } from './ports/learned-records.ts';
import type { LineTypes } from './ports/line-types.ts';
import type { Log, Metrics } from './ports/log.ts';
import type { MailRecords } from './ports/mail-records.ts';
import type { MediaRecords } from './ports/media-records.ts';
import type { Notices } from './ports/notices.ts';
import type { PurgeRecords } from './ports/purge-records.ts';
import type { Renderer } from './ports/renderer.ts';
import type { RestoreHold, RestoreRecords } from './ports/restore-records.ts';
import type { RowRetention, RowRetentionDays } from './ports/row-retention.ts';
import type { SessionStore } from './ports/session-store.ts';
import type { VaultRecords } from './ports/vault-records.ts';
import type { WebhookRecords } from './ports/webhook-records.ts';
import { type Readiness, readiness } from './readiness.ts';
import { createReception } from './reception/index.ts';
import { createHoldWatch } from './restoration/hold.ts';
import {
  createCarrierPurges,
  createCdrUpkeep,
  createClosingDesk,
  createClosings,
  createPurgeDesk,
  createRetention,
  createRowUpkeep,
} from './retention/index.ts';
import { createConversion, createImages } from './retrieval/images.ts';
import { createMediaLinks } from './retrieval/media-links.ts';
import { BREAKER_SETTINGS, type BreakerSettings } from './routing/breaker.ts';
import { createBudgets } from './routing/budgets.ts';
import { createRoutes, tellUncarried } from './routing/explain.ts';
import { createHealth } from './routing/health.ts';
import { createLearned } from './routing/learned.ts';
import { type CarrierTerms, createPlanner, plainTerms, type Route } from './routing/plan.ts';
import type { Tariffs } from './routing/tariffs.ts';

/**
 * The life of a fax, from one file. Read this first.
 *
 * Outbound: `access` lets a user in → `destinations` says whether the number may be called → `intake` seals the upload, has
 * it inspected and accepts it durably (W0a–W0c) →
 * the bell `render` rings: `intake` has the sandboxed child make sealed pages → the bell `dial` rings: `dispatch` claims
 * the fax (W1), writes its intent (W2), lets a carrier place the call, passes gate 2 (W3), keeps the page journal (W4)
 * and ends the call (W5) → `retention` wipes and signs the receipt (W6), and has the carrier erase what it was given →
 * `notify` tells the customer (W7).
 *
 * Inbound: a carrier offers a call to `reception`, which seals each page as it arrives and confirms it when it is
 * durable → `notify` and the ledger tell the customer → `retrieval` hands it out → acknowledged, `retention` wipes it.
 *
 * Beside it, `audit` chains and signs what administrators do, and `mail` tells people what they would want to hear of.
 *
 * No stage knows another. The queue only rings; the records decide; a poller finds what the bell missed.
 *
 * One process may be all of this, or one of many: `api` takes requests (access, intake, retrieval), `worker` does the
 * rest. They share the records and the queue, and tell each other through `notices` what cannot wait for a look.
 */
export interface LifeParts {
  readonly records: {
    readonly view: Gateway['view'];
    readonly faxes: FaxRecords;
    readonly cdrs: CdrRecords;
    readonly rows: RowRetention;
    readonly budgets: BudgetRecords;
    readonly exclusion: Exclusion;
    readonly accounts: AccountRecords;
    readonly closing: ClosingRecords;
    readonly audit: AuditRecords;
    readonly carriers: CarrierRecords;
    readonly health: CarrierHealthRecords;
    readonly learned: LearnedRecords;
    readonly covers: CoverRecords;
    readonly guard: GuardRecords;
    readonly identities: IdentityRecords;
    readonly mail: MailRecords;
    readonly media: MediaRecords;
    readonly purges: PurgeRecords;
    readonly vault: VaultRecords;
    readonly webhooks: WebhookRecords;
    readonly events: EventLedger;
    readonly restore: RestoreRecords;
    readonly notices: Notices;
    check(): Promise<void>;
  };
  readonly vault: ImageVault;
  readonly epochRoll: EpochRoll;
  readonly renderer: Renderer;
  readonly queue: JobQueue;
  readonly sessions: SessionStore;
  readonly carriers: readonly CarrierAdapter[];
  readonly routes: readonly Route[];
  /** What the settings say of carriers; one that is left out carries everything. */
  readonly terms?: readonly CarrierTerms[];
  readonly destinations: DestinationSettings;
  /** Whom to ask of what kind a line is, where somebody knows. */
  readonly lineTypes?: LineTypes;
  /** What calls cost, and what may be spent on carriers. */
  readonly tariffs: Tariffs;
  readonly keys: {
    /** HMAC key of API secrets and of request hashes. */
    readonly server: Uint8Array;
    /** Seals webhook and TOTP secrets and cover forms. */
    readonly seal: Uint8Array;
    readonly webhook: WebhookKey;
    /** Signs the heads of the audit log. */
    readonly receipt: ReceiptKey;
  };
  /** Where administrators look at keys and rotate them. */
  readonly keyDesk: KeyDesk;
  /** SHA-256 (base64url) of the TLS leaf certificates that clients may rightly see. */
  readonly tlsLeaves: () => readonly string[];
  /** CIDR rules for all administrators; from anywhere when empty or left out. */
  readonly adminCidrs?: readonly string[];
  /** Origins by which browsers reach the console; known when it listens. */
  readonly consoleOrigins?: () => readonly string[];
  /** OpenID providers by which users come in; nobody does when left out. */
  readonly providers?: readonly IdentityProvider[];
  /** Who takes mails; left out: nobody is told anything by mail. */
  readonly post?: Post;
  /** Where alerts are heard that go by mail. */
  readonly alerts?: Pick<AlertingLog, 'listen'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Name of this process among all that share the records. */
  readonly worker: string;
  readonly settings: LifeSettings;
  /** Where the world reaches this gateway; left out: nowhere, and no carrier can fetch a fax. */
  readonly publicOrigin?: URL;
  /** What whoever runs the gateway wants to be seen in /readyz besides. */
  readonly checks?: () => Readiness;
}

/** What a process does: `api` takes requests, `worker` renders, calls, notifies and retains, `all` both. */
export type Role = 'all' | 'api' | 'worker';

export interface LifeSettings {
  readonly role: Role;
  readonly calls: number;
  readonly renderers: number;
  /** Milliseconds. */
  readonly poll: number;
  /** Of a worker on its calls, ms; the same in every process. */
  readonly lease: number;
  /** Milliseconds. */
  readonly epochLife: number;
  /** How long CDRs stay where the policy of their account says nothing else; 0 = for good. */
  readonly cdrRetentionDays: number;
  /** How long other rows stay that only tell of the past; for good when left out. */
  readonly rowRetention?: RowRetentionDays;
  /** When carriers that fail are left alone, where it is not as ever. */
  readonly breaker?: Partial<BreakerSettings>;
  readonly maxBody: number;
  readonly webhookPrivate: boolean;
  /** Whether no other process can have the records, so that what an earlier life left open is ours to settle at once. */
  readonly alone: boolean;
  /** Whether other processes work on the same records now. */
  readonly shared: boolean;
}

/** The gateway and the times of its life. */
export interface Life {
  readonly gateway: Gateway;
  /**
   * Epochs, calls of an earlier life, one sweep; then bells, pollers and carriers, unless the role is `api`. Only after it
   * may the API listen.
   */
  start(): Promise<void>;
  /** No new faxes and calls; resolves when the live calls have ended. */
  drain(): Promise<void>;
  /** Ends every stage; live calls are cut and settled. What was handed in (queue, renderer, records) stays its maker's to close. */
  stop(): Promise<void>;
}

const DELIVERIES = 16;
const POLL_BATCH = 100;
/** How often the gauges of the carriers are written, ms. */
const CARRIERS_TOLD = 10_000;

/** Joins the stages. Nothing runs before `start`. */
export function createLife(parts: LifeParts): Life {
  const { records, vault, epochRoll, renderer, queue, carriers, clock, log, metrics, worker, settings } = parts;
  const { faxes, accounts, events } = records;
  const works = settings.role !== 'api';
  let draining = false;
  let cancelPoll = () => {};
  let toldAt = Number.NEGATIVE_INFINITY;
  /** What ends the listening to other processes. */
  const ears: (() => void | Promise<void>)[] = [];

  const retention = createRetention({
    vault,
    records: records.vault,
    faxes,
    epochRoll,
    clock,
    log,
    metrics,
    settings: { epochLife: settings.epochLife },
    shared: settings.shared,
  });
  const auditSealer = createAuditSealer({
    records: records.audit,
    exclusion: records.exclusion,
    key: parts.keys.receipt,
    clock,
    log,
    metrics,
  });
  const cdrUpkeep = createCdrUpkeep({
    cdrs: records.cdrs,
    exclusion: records.exclusion,
    clock,
    log,
    metrics,
    retentionDays: settings.cdrRetentionDays,
  });
  const rowUpkeep = createRowUpkeep({
    rows: records.rows,
    exclusion: records.exclusion,
    clock,
    log,
    metrics,
    days: settings.rowRetention ?? { faxes: 0, events: 0, receipts: 0 },
  });
  const wipe = (fax: FaxId): Promise<void> => retention.wipe(fax);
  const restored = createHoldWatch({ records: records.restore, clock, log });
  const held = (): boolean => restored.hold !== null;
  const purges = createCarrierPurges({ records: records.purges, carriers, vault, held, clock, log, metrics });
  const identities = createIdentities({
    providers: parts.providers ?? [],
    accounts,
    identities: records.identities,
    sessions: parts.sessions,
    sealKey: parts.keys.seal,
    origins: parts.consoleOrigins ?? (() => []),
    clock,
    log,
    metrics,
  });
  const access = createAccess({
    accounts,
    sessions: parts.sessions,
    events,
    serverKey: parts.keys.server,
    sealKey: parts.keys.seal,
    tlsLeaves: parts.tlsLeaves,
    ...(parts.adminCidrs === undefined ? {} : { adminCidrs: parts.adminCidrs }),
    ...(parts.consoleOrigins === undefined ? {} : { consoleOrigins: parts.consoleOrigins }),
    factors: identities.factors,
    clock,
    log,
    metrics,
  });
  const guard = createDestinationGuard({
    records: records.guard,
    accounts,
    settings: parts.destinations,
    ...(parts.lineTypes === undefined ? {} : { lineTypes: parts.lineTypes }),
    clock,
    log,
    metrics,
  });
  const approvals = createApprovals({
    records: records.guard,
    accounts,
    guard,
    faxes,
    settings: parts.destinations,
    queue,
    wipe,
    clock,
    log,
  });
  const covers = createCovers({ records: records.covers, renderer, sealKey: parts.keys.seal, clock });
  const intake = createIntake({
    accounts,
    covers,
    faxes,
    vault,
    renderer,
    queue,
    hashKey: parts.keys.server,
    guard,
    draining: () => draining,
    held,
    limits: { documentBytes: settings.maxBody },
    ...(works ? {} : { carryOn: 0 }),
    wipe,
    clock,
    log,
    metrics,
    worker,
    maxPages: 1_000,
  });
  const reception = createReception({
    records: faxes,
    accounts,
    vault,
    isConnected: async (account) => (await parts.sessions.list({ account })).length > 0,
    wipe,
    purgeSoon: () => purges.soon(),
    held,
    clock,
    log,
    metrics,
    worker,
  });
  const terms = carriers.map(({ name, capabilities }): CarrierTerms => {
    const own = parts.terms?.find((one) => one.name === name) ?? plainTerms(name);
    return { ...own, pulls: capabilities.mediaDelivery === 'pull', sends: capabilities.outbound !== false };
  });
  const planner = createPlanner({
    routes: parts.routes,
    carriers: terms,
  });
  const health = createHealth({
    records: records.health,
    carriers,
    queue,
    clock,
    log,
    metrics,
    settings: { ...BREAKER_SETTINGS, ...settings.breaker },
  });
  const learned = createLearned({
    records: records.learned,
    clock,
    log,
    retentionDays: settings.cdrRetentionDays,
  });
  const media = createMediaLinks({
    links: records.media,
    faxes,
    convert: createConversion({ vault, renderer }),
    origin: parts.publicOrigin,
    clock,
    log,
    metrics,
  });
  const dispatch = createDispatch({
    records: faxes,
    vault,
    queue,
    carriers,
    planner,
    accounts,
    conditions: (now) => records.carriers.conditions(now),
    guard,
    wipe,
    purgeSoon: () => purges.soon(),
    health,
    learned,
    linkFor: media.linkFor,
    settleInbound: (orphan, fence) => reception.settle(orphan, fence),
    clock,
    log,
    metrics,
    worker,
    settings: { ...DISPATCH_SETTINGS, ...leaseTimes(settings.lease), calls: settings.calls, poll: settings.poll },
  });
  const ways = createCarriers({ records: records.carriers, carriers, queue, clock });
  const routes = createRoutes({
    routes: parts.routes,
    carriers: terms,
    planner,
    conditions: (now) => records.carriers.conditions(now),
    ways,
    lessons: learned,
    clock,
  });
  const budgets = createBudgets({
    records: records.budgets,
    tariffs: parts.tariffs,
    queue,
    clock,
    log,
    metrics,
  });
  const notify = createNotify({
    records: records.webhooks,
    events,
    queue,
    clock,
    log,
    metrics,
    sealKey: parts.keys.seal,
    signingKey: parts.keys.webhook,
    settings: { allowPrivate: settings.webhookPrivate },
  });

  const mail = createMail({
    records: records.mail,
    accounts,
    cdrs: records.cdrs,
    exclusion: records.exclusion,
    post: parts.post,
    sealKey: parts.keys.seal,
    serverKey: parts.keys.server,
    networkOf: rateNetwork,
    works,
    held,
    clock,
    log,
    metrics,
  });

  /** Finds renderings and deliveries whose bell was lost; dispatch has a poller of its own. */
  const poll = async (): Promise<void> => {
    await restored.look();
    if (!works) return;
    for (const due of await faxes.dueRenders(clock.now(), POLL_BATCH)) {
      await queue.ring('render', due.fax, { priority: due.priority });
    }
    if (!held()) {
      await notify.poll();
      await approvals.sweep();
    }
    if (clock.monotonic() - toldAt < CARRIERS_TOLD) return;
    toldAt = clock.monotonic();
    await tellCarriers(ways, metrics);
    await health.look();
    await learned.tidy();
    await accounts.endOldSecrets(clock.now());
    await budgets.look();
  };
  const pollAndGoOn = (): void => {
    poll()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the poller did not reach the records'))
      .finally(() => {
        if (!draining) cancelPoll = clock.after(settings.poll, pollAndGoOn);
      });
  };

  const cancel: Wishes['cancel'] = async (fax, account, actor) => {
    const answer = await dispatch.cancel(fax, account, actor);
    // Another worker may drive the call; without this its next renewal would tell it.
    if (answer === 'asked') records.notices.tell({ about: 'cancel', fax });
    return answer;
  };
  const closings = createClosings({
    ...{ closing: records.closing, records: records.vault, vault, exclusion: records.exclusion, cancel },
    ...{ clock, log, metrics },
  });

  const gateway: Gateway = {
    access,
    identities: identities.desk,
    intake,
    images: createImages({ records: faxes, vault, renderer }),
    media,
    webhooks: notify,
    covers,
    keys: parts.keyDesk,
    closing: createClosingDesk({
      records: records.closing,
      sessions: parts.sessions,
      clock,
      soon: () => {
        if (works) closings.soon();
      },
    }),
    carriers: ways,
    health,
    lessons: learned,
    routes,
    budgets,
    approvals,
    mail: mail.desk,
    wishes: {
      cancel,
      async resend(fax, account, mode, actor) {
        const answer = await faxes.resend(fax, account, mode, clock.now(), actor);
        if (answer === 'queued') await queue.ring('dial', fax);
        return answer;
      },
      async acknowledge(fax, account, user) {
        const answer = await faxes.acknowledge(fax, account, user, clock.now());
        if (answer === 'acknowledged') await retention.wipe(fax, 'acknowledged');
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
    purges: createPurgeDesk({ records: records.purges, clock, soon: () => purges.soon() }),
    clock,
    log,
    metrics,
    restore: {
      hold: () => records.restore.hold(),
      async confirm(actor) {
        const ended = await records.restore.confirm(actor, clock.now());
        await restored.look();
        return ended;
      },
    },
    ready: async () => ({
      ...(await readiness(works ? parts : { ...parts, carriers: [] })),
      ...restoreCheck(restored.hold),
      ...parts.checks?.(),
    }),
    get draining() {
      return draining;
    },
  };

  const hear: Parameters<Notices['hear']>[0] = (notice) => {
    if (notice.about === 'cancel' && works) dispatch.cancelLive(notice.fax);
    if (notice.about !== 'wiped') return;
    vault.heardOfWipe(notice.fax).catch(() => log.warn({ fax: notice.fax }, 'it is not known whether a fax was wiped'));
  };

  /** A process that only answers requests has no lines, but hears what carriers tell by request. */
  const connected = works ? carriers : carriers.filter((carrier) => carrier.callback !== undefined);
  const connect = async (): Promise<void> => {
    for (const carrier of connected) await carrier.start(reception);
  };

  /** What a worker does beside answering those who ask. */
  const work = async (): Promise<void> => {
    await retention.start(async () => {
      if (settings.alone) await faxes.breakLeases(worker, clock.now());
      await dispatch.reconcile(settings.alone);
    });
    await queue.hear('render', settings.renderers, () => intake.renderNext());
    await queue.hear('dial', settings.calls, () => dispatch.work());
    await queue.hear('deliver', DELIVERIES, async (id) => {
      // What is due goes out after the confirmation: a restore may be a rehearsal, and customers must not hear of it.
      if (!held()) await notify.deliver(id as DeliveryId);
    });
    await connect();
    await tellUncarried(routes, accounts, log);
    dispatch.start();
    cdrUpkeep.start();
    rowUpkeep.start();
    auditSealer.start();
    purges.start();
    closings.start();
  };

  return {
    gateway,
    async start() {
      await restored.look();
      ears.push(await access.follow(records.notices));
      // Those who let people in ask what became of them: a worker need not reach any provider.
      if (settings.role !== 'worker') identities.watch.start();
      ears.push(records.notices.hear(hear, () => undefined));
      ears.push(records.budgets.hear((account) => budgets.charged(account)));
      if (works) await work();
      else {
        await epochRoll.start();
        await connect();
      }
      parts.alerts?.listen(mail.raise);
      mail.start();
      pollAndGoOn();
    },
    async drain() {
      draining = true;
      cancelPoll();
      await Promise.all(connected.map((carrier) => carrier.drain()));
      await Promise.all([dispatch.drain(), reception.drain(), intake.settled()]);
    },
    async stop() {
      draining = true;
      cancelPoll();
      for (const deafen of ears) await deafen();
      await identities.watch.stop();
      await dispatch.stop();
      await Promise.all(connected.map((carrier) => carrier.stop()));
      await reception.drain();
      await mail.stop();
      await notify.stop();
      await queue.stop();
      await cdrUpkeep.stop();
      await rowUpkeep.stop();
      if (works) await auditSealer.stop();
      await purges.stop();
      if (works) await closings.stop();
      if (works) await retention.stop();
    },
  };
}

function restoreCheck(hold: RestoreHold | null): Readiness {
  if (hold === null) return {};
  const detail = `restored from a backup of ${new Date(hold.takenAt).toISOString()}; not confirmed yet`;
  return { restore: { ok: false, detail } };
}
