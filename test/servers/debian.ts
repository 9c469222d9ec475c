import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs of servers that the tests need, unpacked and never installed; `npm ci` clears it away. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/sealfax-servers/', import.meta.url));
/** A mirror that hangs must not hang the tests. Milliseconds. */
const DOWNLOAD_WITHIN = 180_000;
/** After a failure the mirror is left alone for this time: each test file asks anew. Milliseconds. */
const ASK_AGAIN = 3_600_000;
/** Of the host in any case, or only wanted for just-in-time compilation. */
const NOT_NEEDED = /^(libc6|libgcc-s1|libllvm\d+)$/;

/** A program with what it needs to run from where it lies. */
export interface Program {
  /** Absolute path. */
  readonly path: string;
  /** Extra environment: LD_LIBRARY_PATH for one that was unpacked. */
  readonly env: Readonly<Record<string, string>>;
}

/** `name` in one of `folders` of this host, by default those of PATH. */
export async function programOnHost(
  name: string,
  folders: readonly string[] = (process.env.PATH ?? '').split(delimiter),
): Promise<Program | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (folder !== '' && (await runnable(path))) return { path, env: {} };
  }
  return undefined;
}

/**
 * The folder into which Debian `packages` and the libraries that this host lacks have been unpacked, made at the first
 * use. Nothing is installed, no service starts, root is not needed. Undefined where that cannot be: no apt, no network,
 * or a release without these packages.
 */
export async function unpackedPackages(name: string, packages: readonly string[]): Promise<string | undefined> {
  if (process.platform !== 'linux' || (await programOnHost('apt-get')) === undefined) return undefined;
  const place = join(CACHE, name);
  if (await changedAt(place)) return place;
  if (Date.now() - (await changedAt(`${place}.missing`)) < ASK_AGAIN) return undefined;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(`${place}.`);
  try {
    await unpack(packages, fresh);
    await chmod(fresh, 0o755);
    await rename(fresh, place);
    return place;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another test file may have been faster.
    if (await changedAt(place)) return place;
    await writeFile(`${place}.missing`, String(error));
    return undefined;
  }
}

/** Milliseconds since 1970; 0 when there is no such file. */
async function changedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** The program at `path` of an unpacked folder, when it runs here. */
export async function unpackedProgram(root: string, path: string): Promise<Program | undefined> {
  const libraries = (await readdir(join(root, 'usr/lib')).catch(() => [])).filter((entry) => entry.includes('-linux-'));
  const program = {
    path: join(root, path),
    env: { LD_LIBRARY_PATH: libraries.map((entry) => join(root, 'usr/lib', entry)).join(':') },
  };
  return (await runs(program)) ? program : undefined;
}

async function unpack(packages: readonly string[], into: string): Promise<void> {
  const archives = join(into, 'archives');
  await mkdir(archives);
  const lists = await ownLists(packages, into);
  const wanted = [...packages, ...(await missingLibraries(packages, lists))];
  await run('apt-get', [...lists, 'download', ...wanted], { cwd: archives, timeout: DOWNLOAD_WITHIN });
  for (const archive of await readdir(archives)) await run('dpkg-deb', ['-x', join(archives, archive), into]);
  await rm(archives, { recursive: true });
}

/** Options that make apt use lists of packages of our own, fetched when the host has none (a small container image). */
async function ownLists(packages: readonly string[], into: string): Promise<string[]> {
  const known = await run('apt-cache', ['show', '--no-all-versions', ...packages]).catch(() => undefined);
  if (known !== undefined) return [];
  const state = join(into, 'archives', 'state');
  await mkdir(join(state, 'lists', 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${state}/lists`, '-o', `Dir::Cache=${state}`];
  await run('apt-get', [...options, 'update'], { timeout: DOWNLOAD_WITHIN });
  return options;
}

/** Libraries that `packages` ask for directly and this host does not have. */
async function missingLibraries(packages: readonly string[], lists: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const name of packages) {
    const { stdout } = await run('apt-cache', [...lists, 'depends', '--important', name]);
    for (const [, library] of stdout.matchAll(/Depends: ((?:lib|lua-)[a-z0-9.+-]+)/g)) found.add(library ?? '');
  }
  const names = [...found].filter((name) => !NOT_NEEDED.test(name) && !packages.includes(name));
  const missing = await Promise.all(names.map(async (name) => ((await installed(name)) ? [] : [name])));
  return missing.flat();
}

async function installed(name: string): Promise<boolean> {
  const state = await run('dpkg-query', ['-s', name]).catch(() => undefined);
  return state?.stdout.includes('Status: install ok installed') === true;
}

async function runs(program: Program): Promise<boolean> {
  const asked = run(program.path, ['--version'], { env: { ...process.env, ...program.env } });
  return asked.then(
    () => true,
    () => false,
  );
}

function runnable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
