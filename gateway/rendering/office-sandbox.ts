import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildLimits } from './limits.ts';
import { type ChildCommand, readablePaths } from './sandbox.ts';

/** Where LibreOffice is looked for: the system's package, then those of its makers. */
const PROGRAMS = [
  '/usr/bin/soffice',
  '/usr/bin/libreoffice',
  '/usr/local/bin/soffice',
  '/opt/libreoffice/program/soffice',
];

/** The program of a converter. */
const ENTRY = fileURLToPath(new URL(`./office-child${extname(fileURLToPath(import.meta.url))}`, import.meta.url));

/** Bytes of /tmp: a document, its PDF and the profile of LibreOffice, which has 1 MB. */
const TMP_BYTES = 256 * 1024 * 1024;

/** RLIMIT_FSIZE in blocks of 512 bytes: no file is larger than /tmp. */
const FILE_BLOCKS = TMP_BYTES / 512;

/** Folders of the system besides /usr that LibreOffice reads, where they exist. */
const SETTINGS = ['/etc/fonts', '/etc/libreoffice', '/etc/alternatives'];

/** Absolute path of the installed LibreOffice, or undefined. */
export function findOffice(): string | undefined {
  const found = PROGRAMS.find((path) => existsSync(path));
  return found === undefined ? undefined : realpathSync(found);
}

/**
 * The command that starts a converter in bubblewrap: no network, no other process, no user. It reads the system's
 * programs below /usr, the fonts, and what a rendering child reads; it writes into a /tmp in memory that is its own.
 *
 * `command` replaces the converter in tests of the sandbox itself.
 */
export function officeCommand(
  office: string,
  limits: ChildLimits,
  command: readonly string[] = [process.execPath, '--max-old-space-size=512', '--v8-pool-size=1', ENTRY],
): ChildCommand {
  const { dataKiB, addressKiB, cpuPerDocument } = limits;
  const resources = { c: 0, f: FILE_BLOCKS, d: dataKiB, v: addressKiB, t: cpuPerDocument };
  const ulimits = Object.entries(resources).map(([letter, value]) => `ulimit -${letter} ${value}`);
  return {
    file: '/bin/sh',
    args: ['-c', [...ulimits, 'exec "$@"'].join(' && '), 'sh', ...bubblewrap(office), ...command],
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      SAL_USE_VCLPLUGIN: 'svp',
      MALLOC_ARENA_MAX: '2',
      UV_THREADPOOL_SIZE: '2',
    },
  };
}

function bubblewrap(office: string): string[] {
  const apart = ['--unshare-all', '--unshare-user', '--uid', '65534', '--gid', '65534', '--cap-drop', 'ALL'];
  const own = [...readablePaths(), ...SETTINGS, dirname(dirname(office))].filter((path) => {
    return existsSync(path) && !/^\/(usr|lib\w*|bin)\//.test(path);
  });
  const memory = ['--proc', '/proc', '--dev', '/dev', '--size', `${TMP_BYTES}`, '--tmpfs', '/tmp'];
  // After the tmpfs, which would cover a gateway that is installed below /tmp.
  const binds = ['--ro-bind', '/usr', '/usr', ...own.flatMap((path) => ['--ro-bind', path, path])];
  const fixed = ['--remount-ro', '/', '--remount-ro', '/dev', '--chdir', '/tmp', '--'];
  return ['bwrap', ...apart, '--die-with-parent', '--new-session', ...memory, ...binds, ...systemLinks(), ...fixed];
}

/** /lib and the like are links into /usr, or folders of their own on older systems. */
function systemLinks(): string[] {
  return ['/bin', '/lib', '/lib64', '/lib32'].flatMap((path) => {
    if (!existsSync(path)) return [];
    return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
  });
}

/** Whether a converter can be confined on this host. */
export function officeSandboxWorks(office: string, limits: ChildLimits): Promise<boolean> {
  const { file, args, env } = officeCommand(office, limits, [
    '/bin/sh',
    '-c',
    'test -x "$0" && : > /tmp/.sealfax-probe',
    office,
  ]);
  return new Promise((resolve) => {
    execFile(file, [...args], { env, timeout: 10_000 }, (error) => resolve(error === null));
  });
}
