import { createMemorySessions, SESSION_LIMITS } from '../gateway/access/index.ts';
import type { FaxId } from '../gateway/fax/ids.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { EpochRoll, ImageVault } from '../gateway/ports/image-vault.ts';
import type { JobQueue } from '../gateway/ports/job-queue.ts';
import type { Log, Metrics } from '../gateway/ports/log.ts';
import type { SessionStore } from '../gateway/ports/session-store.ts';
import { createJobQueue } from '../gateway/queue/index.ts';
import type { Records } from '../gateway/records/index.ts';
import { createRedisSessions, redisFindings } from '../gateway/redis/index.ts';
import { createImageLoss } from '../gateway/retention/index.ts';
import { createEpochRoll, createVault } from '../gateway/vault/index.ts';
import type { Closing } from './closing.ts';
import type { Config } from './config.ts';
import type { Finding } from './host-report.ts';
import { clusterStores, type ImageStores, localStores, openRedis } from './image-stores.ts';
import type { GatewayKeys } from './keys/gateway-keys.ts';
import { type IdentitySource, type LastingKeys, liveIdentity } from './keys/identity.ts';
import { sharedIdentity } from './keys/shared-identity.ts';
import type { Database } from './postgres/database.ts';

/** What lies beside the records: in this process and its files, or where all processes of a cluster reach it. */
export interface Backends {
  readonly queue: JobQueue;
  readonly sessions: SessionStore;
  readonly vault: ImageVault;
  readonly epochRoll: EpochRoll;
  /** Where the identity that answers hellos comes from. */
  readonly identity: IdentitySource;
  /** What the host report has to know of it. */
  readonly findings: readonly Finding[];
}

/** What backends are made of. */
export interface BackendParts {
  readonly config: Config;
  readonly database: Database;
  readonly records: Records;
  readonly keys: GatewayKeys;
  readonly lasting: LastingKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told what has to be ended, as it comes to be. */
  readonly closing: Closing;
}

/** The backends of a gateway that is one process. */
export async function localBackends(parts: BackendParts): Promise<Backends> {
  const { database, records, clock, log, closing } = parts;
  const stores = await localStores(parts);
  const queue = createJobQueue({ connection: database.queue, log });
  closing.add(() => queue.close());
  const sessions = createMemorySessions(clock);
  closing.add(async () => sessions.close());
  return {
    queue,
    sessions,
    ...imagesIn(parts, stores),
    identity: (wanted) => liveIdentity({ ...wanted, settings: records.accounts, clock, log }),
    findings: [],
  };
}

/** The backends that the processes of a cluster share: what they must not lose lies in the records, the rest in Redis. */
export async function clusterBackends(parts: BackendParts, url: string): Promise<Backends> {
  const { config, records, keys, clock, log, closing } = parts;
  const { rootKey } = keys;
  const redis = await openRedis(config, url, log, closing);
  const stores = await clusterStores(parts, redis);
  const queue = createJobQueue({ connection: { kind: 'redis', url, options: config.redisOptions }, log });
  closing.add(() => queue.close());
  const sessions = createRedisSessions({ redis, rootKey, clock, log, limits: SESSION_LIMITS });
  closing.add(() => sessions.close());
  return {
    queue,
    sessions,
    ...imagesIn(parts, stores),
    identity: (wanted) =>
      sharedIdentity({
        ...wanted,
        ...{ keys: keys.lasting, exclusion: records.exclusion, settings: records.accounts, clock, log },
      }),
    findings: await redisFindings(redis),
  };
}

function imagesIn(parts: BackendParts, stores: ImageStores): Pick<Backends, 'vault' | 'epochRoll'> {
  const { records, lasting, clock, log, metrics } = parts;
  const shared = { records: records.vault, receiptKey: lasting.receipt, clock, log, metrics };
  const tell = (fax: FaxId): void => records.notices.tell({ about: 'wiped', fax });
  const vault = createVault({ ...shared, ...stores, ...(stores.shared ? { tell } : {}) });
  const imageLost = createImageLoss({ ...shared, vault, faxes: records.faxes });
  return { vault, epochRoll: createEpochRoll({ ...shared, store: stores.epochs, vault, imageLost }) };
}
