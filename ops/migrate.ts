import { parseArgs } from 'node:util';
import { createRecords, type Records, type SchemaState } from '../gateway/records/index.ts';
import { Closing } from './closing.ts';
import { type Config, ConfigError } from './config.ts';
import { ownDataDirectory } from './data-directory.ts';
import { createLog } from './logging/log.ts';
import { databaseOf } from './postgres/database.ts';
import { startError } from './serve.ts';

/**
 * `sealfax migrate [--check]`: brings the database of the settings up to date, before the processes of a new release are
 * started with SEALFAX_MIGRATE=off. `--check` changes nothing. Answers the exit status: 1 when something is still to do.
 */
export async function migrate(argv: readonly string[], config: Config): Promise<number> {
  const check = readArguments(argv);
  const closing = new Closing();
  try {
    const records = await openRecords(config, closing);
    const state = await (check ? records.schema() : updated(records, closing));
    process.stdout.write(`${told(state, check)}\n`);
    return check && state.pending.length > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`${startError(error)}\n`);
    return 1;
  } finally {
    await closing.run();
  }
}

function readArguments(argv: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...argv], options: { check: { type: 'boolean', default: false } } }).values.check;
  } catch {
    throw new ConfigError('migrate', 'takes --check and nothing else', '');
  }
}

/** The records of the settings; of an embedded gateway only while it is stopped. */
export async function openRecords(config: Config, closing: Closing): Promise<Records> {
  const log = createLog(config.logLevel);
  if (config.databaseUrl === undefined) {
    const owner = await ownDataDirectory(config.dataDir);
    closing.add(() => owner.release());
  }
  const database = await databaseOf(config, log);
  closing.add(() => database.close());
  const records = createRecords({ pool: database.pool, log });
  closing.add(() => records.close());
  return records;
}

/** Not below a gateway that is alone; the processes of a cluster see the newer schema and stop being ready. */
async function updated(records: Records, closing: Closing): Promise<SchemaState> {
  const place = await records.join('many', 0);
  closing.add(() => place.leave());
  return records.migrate();
}

function told({ version, needed, pending }: SchemaState, check: boolean): string {
  if (pending.length === 0) return `The database has schema ${version}, which is what this release needs.`;
  const names = pending.join(', ');
  return check
    ? `The database has schema ${version}; this release needs ${needed}. To come: ${names}.`
    : `The database had schema ${version} and has ${needed} now: ${names}.`;
}
