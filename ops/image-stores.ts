import type { BlobStore } from '../gateway/ports/blob-store.ts';
import type { Clock } from '../gateway/ports/clock.ts';
import type { EpochKeyStore } from '../gateway/ports/image-vault.ts';
import type { Log } from '../gateway/ports/log.ts';
import type { Records } from '../gateway/records/index.ts';
import { connectRedis, createRedisBlobs, createRedisEpochs, type Redis, RedisError } from '../gateway/redis/index.ts';
import { createBlobDirectory, createMemoryStore, createSlotFileStore } from '../gateway/vault/index.ts';
import type { Closing } from './closing.ts';
import { type Config, ConfigError, SETTINGS } from './config.ts';
import type { GatewayKeys } from './keys/gateway-keys.ts';

/** Where key epochs and ciphertext lie. */
export interface ImageStores {
  readonly epochs: EpochKeyStore;
  readonly blobs: BlobStore;
  /** Whether other processes use the same. */
  readonly shared: boolean;
}

/** What the stores are opened with. */
export interface StoreParts {
  readonly config: Config;
  readonly records: Pick<Records, 'vault'>;
  readonly keys: Pick<GatewayKeys, 'rootKey' | 'path'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what has to be ended, as it comes to be. */
  readonly closing: Closing;
}

/** In files of this process. @throws VaultError key_store */
export async function localStores({ config, keys, closing }: StoreParts): Promise<ImageStores> {
  const epochs =
    config.epochKeys === 'memory'
      ? createMemoryStore()
      : await createSlotFileStore({ path: keys.path('epochs.slots'), rootKey: keys.rootKey });
  closing.add(() => epochs.close());
  return { epochs, blobs: createBlobDirectory(config.vaultDir), shared: false };
}

/** Key epochs in Redis, ciphertext there or on a volume that all processes share. */
export async function clusterStores(parts: StoreParts, redis: Redis): Promise<ImageStores> {
  const { config, records, keys, clock, log, closing } = parts;
  const epochs = await createRedisEpochs({ redis, rootKey: keys.rootKey, records: records.vault, clock, log });
  closing.add(() => epochs.close());
  const blobs = config.vault === 'redis' ? createRedisBlobs({ redis }) : createBlobDirectory(config.vaultDir);
  return { epochs, blobs, shared: true };
}

/** The Redis of the settings, which answers. @throws ConfigError */
export async function openRedis(config: Config, url: string, log: Log, closing: Closing): Promise<Redis> {
  const { variable, example } = SETTINGS.redisUrl;
  try {
    const redis = connectRedis({ url, options: config.redisOptions, log });
    closing.add(() => redis.close());
    await redis.check();
    return redis;
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    throw new ConfigError(variable, `names a Redis that cannot be used: ${error.message}`, example);
  }
}
