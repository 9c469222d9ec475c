import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostFinding } from '../ports/renderer.ts';
import type { CodeCache } from './code-cache.ts';
import type { ChildLimits } from './limits.ts';

/** How well a child is confined. */
export type SandboxKind = 'bubblewrap' | 'namespace' | 'none';

/** A command line that starts a child. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
}

/** Packages that the child imports; their node_modules folders are all it sees of them. */
const PACKAGES = ['@hyzyla/pdfium', 'sharp', 'pdf-lib', '@pdf-lib/fontkit', 'dejavu-fonts-ttf/package.json'];

/** Folders of this code base that the child imports from. */
const FOLDERS = ['gateway/fax', 'gateway/imaging', 'gateway/ports', 'gateway/rendering', 'crypto'];

/** Parts of glibc that libvips links and Node itself does not. */
const MORE_LIBRARIES = ['libresolv.so.2', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libgcc_s.so.1'];

/** One arena and few threads: each costs address space, and a child has one job. */
const CHILD_ENV = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2', VIPS_CONCURRENCY: '1', LANG: 'C.UTF-8' };

const extension = extname(fileURLToPath(import.meta.url));

/** The child's program: TypeScript in a working tree, JavaScript in an installed package. */
export const CHILD_ENTRY = fileURLToPath(new URL(`./child${extension}`, import.meta.url));

/** The program of a standing child. */
export const STANDING_ENTRY = fileURLToPath(new URL(`./standing-child${extension}`, import.meta.url));

/** The folder that holds gateway/ and crypto/. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url)).replace(/[/\\]$/, '');

/** Everything that the child may read, as absolute paths. */
export function readablePaths(): string[] {
  return [...new Set([...ownPaths(), ...packageFolders()])];
}

/** Node and this code base, without any package. */
function ownPaths(): string[] {
  return [...new Set([...nodeFiles(), ...codeFolders(), ...packageDescription()])];
}

/** The folders of this code base that the child may read. */
function codeFolders(): string[] {
  return FOLDERS.map((folder) => join(ROOT, folder)).filter((path) => existsSync(path));
}

/** What tells one version of the child's program from another: our code, and where it enters each package. */
export function programFiles(): string[] {
  return [...codeFolders(), ...PACKAGES.map(packageEntry)];
}

/** node and the shared libraries it was loaded with. */
function nodeFiles(): string[] {
  const libraries = sharedObjects();
  const more = [...new Set(libraries.map((path) => dirname(path)))].flatMap((folder) =>
    MORE_LIBRARIES.map((name) => join(folder, name)).filter((path) => existsSync(path)),
  );
  return [process.execPath, ...libraries, ...more];
}

function sharedObjects(): string[] {
  const reporter: object = process.report;
  const before: unknown = Reflect.get(reporter, 'excludeNetwork');
  Reflect.set(reporter, 'excludeNetwork', true); // else it looks up the names of open connections
  const report: object = process.report.getReport();
  Reflect.set(reporter, 'excludeNetwork', before);
  const listed: unknown = 'sharedObjects' in report ? report.sharedObjects : [];
  const paths = Array.isArray(listed) ? listed.filter((path): path is string => typeof path === 'string') : [];
  // Only the system's libraries: add-ons that this process happens to have loaded are not the child's business.
  return paths.filter(
    (path) => path.startsWith('/') && /\/(ld|lib)[^/]*\.so/.test(path) && !path.includes('/node_modules/'),
  );
}

/** The outermost node_modules folder of each package that is needed: links of pnpm and workspaces stay inside it. */
function packageFolders(): string[] {
  const marker = `${sep}node_modules${sep}`;
  return PACKAGES.flatMap((name) => {
    const path = packageEntry(name);
    const at = path.indexOf(marker);
    return at < 0 ? [dirname(path)] : [path.slice(0, at + marker.length - 1)];
  });
}

function packageEntry(name: string): string {
  return realpathSync(fileURLToPath(import.meta.resolve(name)));
}

/** The package.json that says that the code is made of ES modules. */
function packageDescription(): string[] {
  for (let folder = ROOT; ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return [path];
    if (folder === dirname(folder)) return [];
  }
}

/** Blocks of 512 bytes that one file of the code cache may have. */
const CACHE_FILE_BLOCKS = 32_768;

/**
 * The command that starts a child under `kind`; `program` replaces the entry in tests of the sandbox itself. The cache
 * is used by bubblewrap alone: Node's own permissions grant it only together with the right to write there.
 */
export function childCommand(
  kind: SandboxKind,
  limits: ChildLimits,
  program: readonly string[] = [CHILD_ENTRY],
  cache?: CodeCache,
  paths: readonly string[] = readablePaths(),
): ChildCommand {
  const node = [process.execPath, ...nodeFlags(kind, paths), ...program];
  const confined = { bubblewrap: bubblewrap(paths, cache), namespace: ['unshare', '-U', '-n', '--'], none: [] }[kind];
  const { dataKiB, addressKiB, cpuPerDocument } = limits;
  const resources = {
    c: 0,
    f: cache?.fill === true ? CACHE_FILE_BLOCKS : 0,
    d: dataKiB,
    v: addressKiB,
    t: cpuPerDocument,
  };
  const ulimits = Object.entries(resources).map(([letter, value]) => `ulimit -${letter} ${value}`);
  const script = [...ulimits, 'exec "$@"'].join(' && ');
  return {
    file: '/bin/sh',
    args: ['-c', script, 'sh', ...confined, ...node],
    env: { PATH: SYSTEM_PATH, ...CHILD_ENV, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache.folder }) },
  };
}

/** Seconds of CPU that a standing child may use before it is replaced, however it spent them. */
export const STANDING_CPU = 300;

/**
 * The command that starts a standing child: the same confinement, no packages and no add-ons to be read, and memory that
 * is overwritten when it is freed (mallopt(3), M_PERTURB), so that nothing of one document is left for the next.
 */
export function standingCommand(
  kind: SandboxKind,
  limits: ChildLimits,
  program: readonly string[] = [STANDING_ENTRY],
  cache?: CodeCache,
): ChildCommand {
  const command = childCommand(kind, { ...limits, cpuPerDocument: STANDING_CPU }, program, cache, ownPaths());
  const args = command.args.filter((arg) => arg !== '--allow-addons');
  return { ...command, args, env: { ...command.env, MALLOC_PERTURB_: '255' } };
}

/** Where bwrap and unshare are looked for. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Node's own permissions: a second fence inside bubblewrap, the only one for files without it. */
function nodeFlags(kind: SandboxKind, paths: readonly string[]): string[] {
  const fence = ['--permission', '--allow-addons', ...paths.map((path) => `--allow-fs-read=${path}`)];
  const flags = ['--max-old-space-size=512', '--v8-pool-size=1', '--disable-warning=ExperimentalWarning'];
  return kind === 'bubblewrap' ? flags : [...fence, ...flags];
}

/**
 * No network, no other process, no user, no capability, no terminal, and of the file system only `paths`, read-only.
 * There is no /proc, /dev, /etc, /home or /tmp.
 */
function bubblewrap(paths: readonly string[], cache: CodeCache | undefined): string[] {
  const binds = paths.flatMap((path) => ['--ro-bind', path, path]);
  if (cache !== undefined) binds.push(cache.fill ? '--bind' : '--ro-bind', cache.folder, cache.folder);
  const apart = ['--unshare-all', '--unshare-user', '--uid', '65534', '--gid', '65534', '--cap-drop', 'ALL'];
  return ['bwrap', ...apart, '--die-with-parent', '--new-session', ...binds, '--remount-ro', '/', '--chdir', '/', '--'];
}

/** The strongest sandbox that works on this host, by trying each. */
export async function detectSandbox(limits: ChildLimits): Promise<SandboxKind> {
  if (process.platform !== 'linux') return 'none';
  for (const kind of ['bubblewrap', 'namespace'] as const)
    if (await works(childCommand(kind, limits, ['--version']))) return kind;
  return 'none';
}

function works(command: ChildCommand): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command.file, [...command.args], { env: command.env, timeout: 10_000 }, (error) =>
      resolve(error === null),
    );
  });
}

/** What the host report says about `kind`. */
export function sandboxFinding(kind: SandboxKind): HostFinding {
  switch (kind) {
    case 'bubblewrap':
      return {
        level: 'green',
        code: 'sandbox_bubblewrap',
        text: 'Documents are rendered in a bubblewrap sandbox: no network, no files, no other process.',
      };
    case 'namespace':
      return {
        level: 'yellow',
        code: 'sandbox_namespace',
        text: 'Documents are rendered without network and with Node permissions for files. Install bubblewrap for a full sandbox.',
      };
    case 'none':
      return {
        level: 'red',
        code: 'sandbox_none',
        text: 'Documents are rendered with Node permissions only, which do not block sockets. Install bubblewrap.',
      };
  }
}
