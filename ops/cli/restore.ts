import { resolve } from 'node:path';
import { wipe } from '../../crypto/index.ts';
import { createRecords } from '../../gateway/records/index.ts';
import { parseBackupName } from '../backup/name.ts';
import { existingRootKey } from '../backup/origin.ts';
import { targetOptions } from '../backup/plan.ts';
import { type Restored, restoreBackup } from '../backup/restore.ts';
import { readKeyRows, storeKeyFiles, storeKeyRows } from '../backup/sealed-keys.ts';
import { openTarget } from '../backup/target.ts';
import { Closing } from '../closing.ts';
import { type Config, readConfig, SETTINGS } from '../config.ts';
import { ownDataDirectory } from '../data-directory.ts';
import { createLog } from '../logging/log.ts';
import { databaseOf } from '../postgres/database.ts';
import { isFile, KEY_FILE, newestAt, recipientKey, targetOf, told, withCopy } from './backup.ts';
import type { Arguments, Command } from './command.ts';
import { CliError } from './exit-status.ts';

/** `sealfax restore`: fills an empty database, on the host where the gateway is to run. */
export const restore: Command = {
  summary: 'fill an empty database from a backup; nothing dials before “restore confirm”',
  usage: '[--from TARGET|FILE] [--name NAME] [--to DATABASE_URL|DIRECTORY] [--lost-at TIME] [--key FILE]',
  words: [0, 0],
  options: {
    from: { type: 'string', value: 'TARGET', about: 'a backup, or where backups are; SEALFAX_BACKUP_TO when left out' },
    name: { type: 'string', value: 'NAME', about: 'which one; the newest when left out' },
    to: {
      type: 'string',
      value: 'PLACE',
      about: 'postgres://… or a data directory; those of the settings when left out',
    },
    'lost-at': {
      type: 'string',
      value: 'TIME',
      about: 'when the lost gateway stopped for certain (ISO 8601); now when left out',
    },
    key: KEY_FILE,
  },
  more: [
    'The root key must be given as to the gateway itself (SEALFAX_ROOT_KEY_FILE); it is in no backup.',
    'Each fax that was under way ends: as uncertain when it may have been called since the backup, as image_lost when it',
    'cannot have been. Read docs/operations/restore.md before you confirm.',
  ].join('\n'),
  run: (context, args) =>
    told(async () => {
      const config = placed(readConfig(), args.text('to'));
      const restored = await withBackupOf(config, args, (file) => restoreInto(config, file, args));
      const { header, hold, tables } = restored;
      const rows = Object.values(tables).reduce((sum, count) => sum + count, 0);
      context.show({ backup: header.id, takenAt: header.created, rows, ended: hold.ended }, textOf(restored, rows));
      return 'ok';
    }),
};

/** The settings, with the place that the command line names. */
function placed(config: Config, to: string | undefined): Config {
  if (to === undefined) return config;
  if (/^postgres(ql)?:\/\//.test(to)) return { ...config, databaseUrl: to };
  const dataDir = resolve(to);
  const keyDir = dataDir === config.dataDir ? config.keyDir : `${dataDir}-keys`;
  return { ...config, databaseUrl: undefined, dataDir, keyDir };
}

async function withBackupOf<T>(config: Config, args: Arguments, work: (file: string) => Promise<T>): Promise<T> {
  const from = targetOf(config, args.text('from'));
  if (isFile(from)) return work(from);
  const target = openTarget(from, targetOptions(config));
  const name = args.text('name') ?? (await newestAt(target));
  if (parseBackupName(name) === undefined) throw new CliError('usage', `--name ${name} is not the name of a backup`);
  return withCopy(target, name, work);
}

async function restoreInto(config: Config, file: string, args: Arguments): Promise<Restored> {
  const log = createLog('warn');
  const closing = new Closing();
  try {
    const rootKey = await existingRootKey(config);
    closing.add(async () => wipe(rootKey));
    const owner = await ownDataDirectory(config.dataDir);
    closing.add(() => owner.release());
    const database = await databaseOf(config, log);
    closing.add(() => database.close());
    const records = createRecords({ pool: database.pool, log });
    closing.add(() => records.close());
    // No gateway may be at work on the database, and none comes while we fill it.
    const place = config.databaseUrl === undefined ? undefined : await records.join('alone');
    if (place !== undefined) closing.add(() => place.leave());
    const now = Date.now();
    return await restoreBackup({
      pool: database.pool,
      file,
      keys: { rootKey, recipient: await recipientKey(args) },
      lostAt: momentOf(args.text('lost-at'), now),
      storeKeys: async (keys, tx) => {
        if (config.databaseUrl !== undefined) await storeKeyRows(tx, keys, rootKey, now);
        else await storeKeyFiles(config.keyDir, [...keys, ...(await readKeyRows(tx))], rootKey);
      },
      now,
      log,
    });
  } finally {
    await closing.run();
  }
}

function momentOf(text: string | undefined, now: number): number {
  if (text === undefined) return now;
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || at > now)
    throw new CliError('usage', '--lost-at is a moment in the past, such as 2026-03-01T14:05:00Z');
  return at;
}

function textOf({ header, hold }: Restored, rows: number): string {
  const { uncertain, failed, delivered, receiving } = hold.ended;
  return [
    `restored ${rows} rows of ${header.created} (${header.id})`,
    `under way then: ${uncertain} uncertain, ${failed} failed as image_lost, ${delivered} delivered, ${receiving} incoming calls lost`,
    `what happened after ${header.created} is not known here: changed passwords, disabled users, new faxes`,
    `nothing is dialled, answered or accepted before: sealfax restore confirm (docs/operations/restore.md)`,
    `the settings of the restored gateway are those of the lost one, ${SETTINGS.rootKeyFile.variable} among them`,
  ].join('\n');
}
