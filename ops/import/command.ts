import { parseArgs } from 'node:util';
import { createRecords } from '../../gateway/records/index.ts';
import { Closing } from '../closing.ts';
import { type Config, ConfigError, SETTINGS } from '../config.ts';
import { clusterStores, localStores, openRedis } from '../image-stores.ts';
import { openRootKey } from '../keys/gateway-keys.ts';
import { createLog } from '../logging/log.ts';
import { databaseOf } from '../postgres/database.ts';
import { startError } from '../serve.ts';
import { systemClock } from '../system-clock.ts';
import { ImportError } from './errors.ts';
import { importGateway, type Moved, type Target } from './import.ts';
import { openSource, type SourcePlace } from './source.ts';

/**
 * `sealfax import --from DIR`: moves the embedded gateway of a data directory to the database server of the settings. It
 * is stopped before, and stays as it is, marked as moved. Answers the exit status.
 */
export async function importCommand(argv: readonly string[], config: Config): Promise<number> {
  const closing = new Closing();
  try {
    const place = readPlace(argv);
    const log = createLog(config.logLevel);
    const target = await openTarget(config, closing);
    const source = await openSource(place, log);
    closing.add(() => source.close());
    const moved = await importGateway(source, target);
    process.stdout.write(`${told(moved, source.dataDir)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${startError(error)}\n`);
    return 1;
  } finally {
    await closing.run();
  }
}

const USAGE =
  'usage: sealfax import --from DATA_DIR [--from-keys KEY_DIR] [--from-root-key-file FILE] [--from-vault DIR]';

function readPlace(argv: readonly string[]): SourcePlace {
  const text = { type: 'string' } as const;
  const options = { from: text, 'from-keys': text, 'from-root-key-file': text, 'from-vault': text };
  let values: { [name in keyof typeof options]?: string };
  try {
    values = parseArgs({ args: [...argv], options }).values;
  } catch {
    throw new ImportError('usage', USAGE);
  }
  if (values.from === undefined) throw new ImportError('usage', USAGE);
  const { 'from-keys': keyDir, 'from-root-key-file': rootKeyFile, 'from-vault': vaultDir } = values;
  return {
    dataDir: values.from,
    ...(keyDir === undefined ? {} : { keyDir }),
    ...(rootKeyFile === undefined ? {} : { rootKeyFile }),
    ...(vaultDir === undefined ? {} : { vaultDir }),
  };
}

/** Nobody else is at the target while it is filled. @throws ConfigError, RecordsError in_use */
async function openTarget(config: Config, closing: Closing): Promise<Target> {
  const { databaseUrl, redisUrl } = config;
  if (databaseUrl === undefined) {
    const { variable, example } = SETTINGS.databaseUrl;
    throw new ConfigError(variable, 'is missing: it names the server that the gateway is moved to', example);
  }
  const log = createLog(config.logLevel);
  const clock = systemClock;
  const database = await databaseOf(config, log);
  closing.add(() => database.close());
  const records = createRecords({ pool: database.pool, log });
  closing.add(() => records.close());
  const place = await records.join('alone');
  closing.add(() => place.leave());
  await records.migrate();
  const keys = await openRootKey(config);
  closing.add(async () => keys.close());
  const parts = { config, records, keys, clock, log, closing };
  const stores =
    redisUrl === undefined
      ? await localStores(parts)
      : await clusterStores(parts, await openRedis(config, redisUrl, log, closing));
  return { pool: database.pool, rootKey: keys.rootKey, stores, clock, log };
}

function told({ tables, images }: Moved, dataDir: string): string {
  const count = (name: string) => tables[name] ?? 0;
  const lost =
    images.lost === 0 ? '' : ` ${images.lost} images were not there any more; their faxes end as image_lost.`;
  return [
    `Moved ${count('accounts')} accounts, ${count('users')} users, ${count('faxes')} faxes, ${count('cdrs')} CDRs and ${images.objects} sealed objects.${lost}`,
    `${dataDir} is as it was, and marked as moved: no gateway starts on it.`,
    'When the new gateway works, remove it and above all its key directory: with those keys the images of faxes that',
    'were under way can be opened until then, whatever the new gateway wipes.',
  ].join('\n');
}
