import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64url, generateRecipientKey, importRecipientKey, type RecipientKey, wipe } from '../../crypto/index.ts';
import { BackupError, type BackupErrorCode } from '../backup/errors.ts';
import { parseBackupName } from '../backup/name.ts';
import { existingRootKey, openOrigin } from '../backup/origin.ts';
import { backupPlan, targetOptions } from '../backup/plan.ts';
import { BACKUP_LOCK } from '../backup/schedule.ts';
import { type BackupTarget, openTarget } from '../backup/target.ts';
import { verifyBackup } from '../backup/verify.ts';
import { type FinishedBackup, writeBackup } from '../backup/write.ts';
import { type Config, readConfig, SETTINGS } from '../config.ts';
import { createLog } from '../logging/log.ts';
import type { Arguments, Command, Option } from './command.ts';
import { CliError, type ExitName } from './exit-status.ts';
import { columns } from './text.ts';

const TARGET = 'a directory, s3://bucket/prefix?region=…&endpoint=… or sftp://user@host/path';
export const KEY_FILE: Option = {
  type: 'string',
  value: 'FILE',
  about: 'private key (PEM), for backups that are sealed to a public key',
};

/** `sealfax backup …`: on the host of the gateway, whether it runs or not. */
export const backupCommands: Readonly<Record<string, Command>> = {
  backup: {
    summary: 'a sealed copy of configuration and records, now; never of images or of the root key',
    usage: '[--to TARGET]',
    words: [0, 0],
    options: { to: { type: 'string', value: 'TARGET', about: `${TARGET}; SEALFAX_BACKUP_TO when left out` } },
    more: 'Settings are those of the gateway (CONFIG.md). Keep the root key apart from the backups: without it nobody opens them,\nand nothing else is as needed to restore.',
    run: (context, args) =>
      told(async () => {
        const config = readConfig();
        const made = await makeBackup(config, targetOf(config, args.text('to')));
        context.show(
          made,
          `${made.name}  ${made.rows} rows, ${made.bytes} bytes, verified (${made.seconds.toFixed(1)} s)`,
        );
        context.io.err(
          'Keep the root key apart from the backups: it is not in them, and without it they stay closed.\n',
        );
        return 'ok';
      }),
  },
  'backup list': {
    summary: 'backups at the target, oldest first',
    usage: '[--to TARGET]',
    words: [0, 0],
    options: { to: { type: 'string', value: 'TARGET', about: 'SEALFAX_BACKUP_TO when left out' } },
    run: (context, args) =>
      told(async () => {
        const config = readConfig();
        const stored = await openTarget(targetOf(config, args.text('to')), targetOptions(config)).list();
        const rows = stored.map(({ name, bytes }) => ({ name, bytes, at: isoOf(name) }));
        if (context.json) for (const row of rows) context.show(row, '');
        else
          context.io.out(
            `${columns(
              ['taken', 'bytes', 'name'],
              rows.map(({ name, bytes, at }) => [at, String(bytes), name]),
            )}\n`,
          );
        return 'ok';
      }),
  },
  'backup verify': {
    summary: 'read a backup to its end: a file, or a name at the target',
    usage: 'FILE|NAME [--to TARGET] [--key FILE]',
    words: [1, 1],
    options: { to: { type: 'string', value: 'TARGET', about: 'where NAME lies' }, key: KEY_FILE },
    run: (context, args) =>
      told(async () => {
        const config = readConfig();
        const { header, manifest, rows } = await withLocalFile(
          config,
          args.words[0] ?? '',
          args.text('to'),
          async (file) => {
            const rootKey = await existingRootKey(config);
            try {
              return await verifyBackup(file, { rootKey, recipient: await recipientKey(args) });
            } finally {
              wipe(rootKey);
            }
          },
        );
        const { id, created, schema } = header;
        context.show(
          { id, created, schema, tables: manifest.tables, rows },
          `whole: ${rows} rows of ${created}, schema ${schema}`,
        );
        return 'ok';
      }),
  },
  'backup key': {
    summary: 'a key pair to seal backups to, so that the gateway itself cannot read them',
    usage: '--out FILE',
    words: [0, 0],
    options: {
      out: { type: 'string', short: 'o', value: 'FILE', about: 'new file for the private key; keep it off this host' },
    },
    run: (context, args) =>
      told(async () => {
        const out = args.text('out');
        if (out === undefined) throw new CliError('usage', 'into which file? Give --out FILE');
        const pair = await generateRecipientKey();
        await writeNew(out, pair.privatePem).finally(() => wipe(pair.privatePem));
        const publicKey = base64url(pair.publicSpki);
        context.show({ file: out, publicKey }, `${SETTINGS.backupRecipient.variable}=${publicKey}`);
        return 'ok';
      }),
  },
};

async function makeBackup(config: Config, to: string): Promise<FinishedBackup> {
  const plan = backupPlan(config, to);
  const origin = await openOrigin(config, createLog('warn'));
  try {
    const made = await origin.records.exclusion.tryExclusively(BACKUP_LOCK, () => writeBackup({ ...origin, ...plan }));
    if (made.ran) return made.value;
    throw new BackupError('running', 'another backup is being made; try again when it is done');
  } finally {
    await origin.close();
  }
}

/** The target of the command line, or that of the settings. @throws CliError usage */
export function targetOf(config: Config, given: string | undefined): string {
  const to = given ?? config.backupTo;
  if (to !== undefined) return to;
  throw new CliError('usage', `where are the backups? Give ${TARGET}, or set ${SETTINGS.backupTo.variable}`);
}

/** The private key that `--key` names. @throws BackupError wrong_key */
export async function recipientKey(args: Arguments): Promise<RecipientKey | undefined> {
  const file = args.text('key');
  if (file === undefined) return undefined;
  const pem = readFileSync(file);
  try {
    return await importRecipientKey(pem);
  } catch {
    throw new BackupError('wrong_key', `${file} holds no private key for backups`);
  } finally {
    wipe(pem);
  }
}

/** Whether `path` names a file of this host. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Hands `work` a local file: the one that `what` names, or a copy of the backup of that name. */
async function withLocalFile<T>(
  config: Config,
  what: string,
  to: string | undefined,
  work: (file: string) => Promise<T>,
): Promise<T> {
  if (parseBackupName(what) === undefined || isFile(what)) return work(what);
  return withCopy(openTarget(targetOf(config, to), targetOptions(config)), what, work);
}

/** A copy of a backup for as long as `work` takes. */
export async function withCopy<T>(target: BackupTarget, name: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-copy-'));
  try {
    const file = join(folder, name);
    await target.fetch(name, file);
    return await work(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The newest backup at the target. Several gateways may share one: then the name has to be given. @throws BackupError */
export async function newestAt(target: BackupTarget): Promise<string> {
  const names = (await target.list()).flatMap(({ name }) => parseBackupName(name) ?? []).sort((a, b) => a.at - b.at);
  const newest = names.at(-1);
  if (newest === undefined) throw new BackupError('no_backup', `${target.description} has no backup`);
  const marks = [...new Set(names.map(({ gateway }) => gateway))];
  if (marks.length > 1) {
    throw new BackupError(
      'no_backup',
      `${target.description} has backups of several gateways (${marks.join(', ')}): name one with --name`,
    );
  }
  return newest.name;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  await file.writeFile(bytes).finally(() => file.close());
}

function isoOf(name: string): string {
  return new Date(parseBackupName(name)?.at ?? 0).toISOString();
}

const EXITS: Readonly<Partial<Record<BackupErrorCode, ExitName>>> = {
  not_found: 'not_found',
  no_backup: 'not_found',
  wrong_key: 'not_valid',
  damaged: 'not_valid',
  truncated: 'not_valid',
  format_unknown: 'not_valid',
  target_failed: 'unreachable',
  database_not_empty: 'conflict',
  keys_differ: 'conflict',
  schema_differs: 'conflict',
  target_exists: 'conflict',
  running: 'busy',
};
/** Errors that an operator can act upon; their messages say how. */
const SPEAKING = ['ConfigError', 'DataDirectoryError', 'KeyDirectoryError', 'PostgresError', 'RecordsError'];

/** `work`, with what stops it as the command line tells it. @throws CliError */
export async function told(work: () => Promise<ExitName>): Promise<ExitName> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError) throw new CliError(EXITS[error.code] ?? 'usage', error.message);
    if (error instanceof Error && SPEAKING.includes(error.name)) throw new CliError('usage', error.message);
    throw error;
  }
}
