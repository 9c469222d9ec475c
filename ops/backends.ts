import { createMemorySessions, SESSION_LIMITS } from '../gateway/access/index.ts';
import type { BlobStore } from '../gateway/ports/blob-store.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { EpochKeyStore, EpochRoll, ImageVault } from '../gateway/ports/image-vault.ts';
import type { JobQueue } from '../gateway/ports/job-queue.ts';
import type { Log, Metrics } from '../gateway/ports/log.ts';
import type { SessionStore } from '../gateway/ports/session-store.ts';
import { createJobQueue } from '../gateway/queue/index.ts';
import type { Records } from '../gateway/records/index.ts';
import {
  connectRedis,
  createRedisBlobs,
  createRedisEpochs,
  createRedisSessions,
  type Redis,
  RedisError,
  redisFindings,
} from '../gateway/redis/index.ts';
import { createImageLoss } from '../gateway/retention/index.ts';
import {
  createBlobDirectory,
  createEpochRoll,
  createMemoryStore,
  createSlotFileStore,
  createVault,
} from '../gateway/vault/index.ts';
import type { Closing } from './closing.ts';
import { type Config, ConfigError, SETTINGS } from './config.ts';
import type { Finding } from './host-report.ts';
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
  const { config, database, records, keys, clock, log, closing } = parts;
  const store =
    config.epochKeys === 'memory'
      ? createMemoryStore()
      : await createSlotFileStore({ path: keys.path('epochs.slots'), rootKey: keys.rootKey });
  closing.add(() => store.close());
  const queue = createJobQueue({ connection: database.queue, log });
  closing.add(() => queue.close());
  const sessions = createMemorySessions(clock);
  closing.add(async () => sessions.close());
  return {
    queue,
    sessions,
    ...imagesIn(parts, { epochs: store, blobs: createBlobDirectory(config.vaultDir), shared: false }),
    identity: (wanted) => liveIdentity({ ...wanted, settings: records.accounts, clock, log }),
    findings: [],
  };
}

/** The backends that the processes of a cluster share: what they must not lose lies in the records, the rest in Redis. */
export async function clusterBackends(parts: BackendParts, url: string): Promise<Backends> {
  const { config, records, keys, clock, log, closing } = parts;
  const { rootKey } = keys;
  const redis = connected(url, config.redisOptions, log);
  closing.add(() => redis.close());
  await redis.check().catch(unreachable);
  const epochs = await createRedisEpochs({ redis, rootKey, records: records.vault, clock, log });
  closing.add(() => epochs.close());
  const blobs = config.vault === 'redis' ? createRedisBlobs({ redis }) : createBlobDirectory(config.vaultDir);
  const queue = createJobQueue({ connection: { kind: 'redis', url, options: config.redisOptions }, log });
  closing.add(() => queue.close());
  const sessions = createRedisSessions({ redis, rootKey, clock, log, limits: SESSION_LIMITS });
  closing.add(() => sessions.close());
  return {
    queue,
    sessions,
    ...imagesIn(parts, { epochs, blobs, shared: true }),
    identity: (wanted) =>
      sharedIdentity({
        ...wanted,
        ...{ keys: keys.lasting, exclusion: records.exclusion, settings: records.accounts, clock, log },
      }),
    findings: await redisFindings(redis),
  };
}

/** @throws ConfigError */
function connected(url: string, options: Config['redisOptions'], log: Log): Redis {
  try {
    return connectRedis({ url, options, log });
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    throw new ConfigError(SETTINGS.redisUrl.variable, `cannot be used: ${error.message}`, SETTINGS.redisUrl.example);
  }
}

function unreachable(error: unknown): never {
  const why = error instanceof Error ? error.message : 'unknown';
  throw new ConfigError(
    SETTINGS.redisUrl.variable,
    `names a Redis that does not answer (${why})`,
    SETTINGS.redisUrl.example,
  );
}

interface ImageStores {
  readonly epochs: EpochKeyStore;
  readonly blobs: BlobStore;
  readonly shared: boolean;
}

function imagesIn(parts: BackendParts, stores: ImageStores): Pick<Backends, 'vault' | 'epochRoll'> {
  const { records, lasting, clock, log, metrics } = parts;
  const shared = { records: records.vault, receiptKey: lasting.receipt, clock, log, metrics };
  const vault = createVault({ ...shared, ...stores });
  const imageLost = createImageLoss({ ...shared, vault, faxes: records.faxes });
  return { vault, epochRoll: createEpochRoll({ ...shared, store: stores.epochs, vault, imageLost }) };
}
