import { resolve } from 'node:path';
import type pg from 'pg';
import { wipe } from '../../crypto/index.ts';
import type { Log } from '../../gateway/ports/log.ts';
import type { RestoreHold } from '../../gateway/ports/restore-records.ts';
import type { Sql } from '../../gateway/records/database.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import type { SealedKey } from '../backup/lines.ts';
import { parseBackupName } from '../backup/name.ts';
import { existingRootKey } from '../backup/origin.ts';
import { targetOptions } from '../backup/plan.ts';
import { type Restored, restoreBackup } from '../backup/restore.ts';
import { readKeyRows, storeKeyFiles, storeKeyRows } from '../backup/sealed-keys.ts';
import { settleCopy } from '../backup/settle.ts';
import { openTarget } from '../backup/target.ts';
import { Closing } from '../closing.ts';
import { type Config, readConfig } from '../config.ts';
import { ownDataDirectory } from '../data-directory.ts';
import { createLog } from '../logging/log.ts';
import { databaseOf } from '../postgres/database.ts';
import { isFile, KEY_FILE, newestAt, recipientKey, targetOf, told, withCopy } from './backup.ts';
import type { Arguments, Command, Option } from './command.ts';
import { CliError } from './exit-status.ts';

const LOST_AT: Option = {
  type: 'string',
  value: 'TIME',
  about: 'when the lost gateway stopped for certain (ISO 8601); now when left out',
};

/** `sealfax restore`: fills an empty database, on the host where the gateway is to run. */
const restore: Command = {
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
    'lost-at': LOST_AT,
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

/** `sealfax restore settle`: for a copy of the database that a gateway has not been told of. */
const settle: Command = {
  summary: 'end what was under way in a database that came back from a snapshot or a lagging standby',
  usage: '--taken-at TIME [--lost-at TIME] [--to DATABASE_URL|DIRECTORY]',
  words: [0, 0],
  options: {
    'taken-at': { type: 'string', value: 'TIME', about: 'the last moment that the copy knows for certain (ISO 8601)' },
    'lost-at': LOST_AT,
    to: {
      type: 'string',
      value: 'PLACE',
      about: 'postgres://… or a data directory; those of the settings when left out',
    },
  },
  more: 'Before the first start of a gateway on that copy, with every gateway stopped. See docs/operations/restore.md.',
  run: (context, args) =>
    told(async () => {
      const taken = args.text('taken-at');
      if (taken === undefined) throw new CliError('usage', 'how old is the copy? Give --taken-at TIME');
      const now = Date.now();
      const times = { takenAt: momentOf(taken, now), lostAt: momentOf(args.text('lost-at'), now), now };
      const config = placed(readConfig(), args.text('to'));
      const hold = await withDatabase(config, async ({ pool, records, log }) => {
        await records.migrate();
        return settleCopy(pool, times, log);
      });
      context.show(
        hold,
        `${endedText(hold)}\nnothing is dialled, answered or accepted before: sealfax restore confirm`,
      );
      return 'ok';
    }),
};

export const restoreCommands: Readonly<Record<string, Command>> = { restore, 'restore settle': settle };

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

/** A database that no gateway works on. */
interface QuietDatabase {
  readonly pool: pg.Pool;
  readonly records: Records;
  readonly log: Log;
}

/** Takes the database of `config` for as long as `work` takes: no gateway may be at work on it, and none comes meanwhile. */
async function withDatabase<T>(config: Config, work: (database: QuietDatabase) => Promise<T>): Promise<T> {
  const log = createLog('warn');
  const closing = new Closing();
  try {
    const owner = await ownDataDirectory(config.dataDir);
    closing.add(() => owner.release());
    const { pool, close } = await databaseOf(config, log);
    closing.add(close);
    const records = createRecords({ pool, log });
    closing.add(() => records.close());
    const place = config.databaseUrl === undefined ? undefined : await records.join('alone');
    if (place !== undefined) closing.add(() => place.leave());
    return await work({ pool, records, log });
  } finally {
    await closing.run();
  }
}

async function restoreInto(config: Config, file: string, args: Arguments): Promise<Restored> {
  const rootKey = await existingRootKey(config);
  const now = Date.now();
  const lostAt = momentOf(args.text('lost-at'), now);
  const recipient = await recipientKey(args);
  const storeKeys = async (keys: readonly SealedKey[], tx: Sql): Promise<void> => {
    if (config.databaseUrl !== undefined) await storeKeyRows(tx, keys, rootKey, now);
    else await storeKeyFiles(config.keyDir, [...keys, ...(await readKeyRows(tx))], rootKey);
  };
  try {
    return await withDatabase(config, ({ pool, log }) =>
      restoreBackup({ pool, file, keys: { rootKey, recipient }, lostAt, storeKeys, now, log }),
    );
  } finally {
    wipe(rootKey);
  }
}

function momentOf(text: string | undefined, now: number): number {
  if (text === undefined) return now;
  const at = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at) || at > now)
    throw new CliError('usage', 'a time is a moment in the past with its zone, such as 2026-03-01T14:05:00Z');
  return at;
}

function textOf({ header, hold }: Restored, rows: number): string {
  return [
    `restored ${rows} rows of ${header.created} (${header.id})`,
    endedText(hold),
    `what happened after ${header.created} is not known here: changed passwords, disabled users, new faxes`,
    'nothing is dialled, answered or accepted before: sealfax restore confirm (docs/operations/restore.md)',
  ].join('\n');
}

function endedText({ ended }: RestoreHold): string {
  const { uncertain, failed, delivered, receiving } = ended;
  return `under way then: ${uncertain} uncertain, ${failed} failed as image_lost, ${delivered} delivered, ${receiving} incoming calls lost`;
}
