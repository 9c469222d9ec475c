import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { BackupError } from './errors.ts';
import { parseBackupName } from './name.ts';
import type { BackupTarget, StoredBackup } from './target.ts';

/** How OpenSSH's own program is run. */
export interface SftpOptions {
  /** Configuration file (`sftp -F`), or undefined for OpenSSH's own. */
  readonly config: string | undefined;
  /** The environment of the program: enough to find keys and agent. */
  readonly environment: Readonly<Record<string, string>>;
}

/** An hour for a transfer; a connection that is silent for a minute is given up by the program itself. */
const PATIENCE = 3_600_000;
/** Output of a listing of 10,000 names. */
const LONGEST_OUTPUT = 4 * 1_048_576;

/**
 * `sftp://user@host:port/path` through the system's OpenSSH: keys, agent, known hosts and jump hosts are its own, in
 * its own configuration, and it asks nobody (BatchMode).
 */
export function openSftpTarget(url: URL, options: SftpOptions): BackupTarget {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const path = decodeURIComponent(url.pathname).replace(/(.)\/+$/, '$1');
  const plain = /^[A-Za-z0-9._:-]+$/.test(host) && !host.startsWith('-') && /^[A-Za-z0-9._-]*$/.test(url.username);
  if (!plain || url.username.startsWith('-') || url.search !== '' || !isPlain(path)) {
    throw new BackupError('target_invalid', 'the SFTP target is not of the form sftp://user@host:port/path');
  }
  const destination = `${url.username === '' ? '' : `${url.username}@`}${host}`;
  return new SftpTarget(destination, url.port, path, options);
}

class SftpTarget implements BackupTarget {
  readonly description: string;
  readonly #args: readonly string[];
  readonly #directory: string;
  readonly #environment: SftpOptions['environment'];

  constructor(destination: string, port: string, directory: string, { config, environment }: SftpOptions) {
    this.description = `sftp://${destination}${port === '' ? '' : `:${port}`}${directory}`;
    this.#directory = directory;
    this.#environment = environment;
    const options = ['BatchMode=yes', 'ConnectTimeout=30', 'ServerAliveInterval=20', 'ServerAliveCountMax=3'];
    this.#args = [
      ...(config === undefined ? [] : ['-F', config]),
      ...options.flatMap((option) => ['-o', option]),
      ...(port === '' ? [] : ['-P', port]),
      ...['-b', '-', '--', destination],
    ];
  }

  async list(): Promise<StoredBackup[]> {
    const output = await this.#run([`cd ${quoted(this.#directory)}`, 'ls -ln']);
    return output
      .split('\n')
      .flatMap(entryOf)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Under another name first: what breaks off is no backup. `put -f` has the server sync the file (fsync@openssh.com). */
  async put(name: string, path: string): Promise<void> {
    const { size } = await stat(path);
    const known = (await this.list()).some((one) => one.name === name);
    if (known) throw new BackupError('target_exists', `${this.description} has a backup of the name ${name} already`);
    const part = this.#at(`${name}.part`);
    await this.#run([
      `-rm ${part}`,
      `put -f ${quoted(path)} ${part}`,
      `chmod 600 ${part}`,
      `rename ${part} ${this.#at(name)}`,
    ]);
    const stored = (await this.list()).find((one) => one.name === name);
    if (stored?.bytes !== size)
      throw new BackupError('target_failed', `${this.description} keeps ${name} in another size`);
  }

  async fetch(name: string, path: string): Promise<void> {
    const known = (await this.list()).some((one) => one.name === name);
    if (!known) throw new BackupError('not_found', `${this.description} has no backup ${name}`);
    await this.#run([`get ${this.#at(name)} ${quoted(path)}`]);
  }

  async remove(name: string): Promise<void> {
    await this.#run([`-rm ${this.#at(name)}`]);
  }

  #at(name: string): string {
    return quoted(`${this.#directory === '/' ? '' : this.#directory}/${name}`);
  }

  /** Runs a batch; the first command that fails ends it (sftp(1), -b). */
  async #run(commands: readonly string[]): Promise<string> {
    const child = spawn('sftp', this.#args, { env: { ...this.#environment, LC_ALL: 'C' }, stdio: 'pipe' });
    const timer = setTimeout(() => child.kill(), PATIENCE);
    try {
      const { status, output, errors } = await ended(child, `${commands.join('\n')}\n`);
      if (status === 0) return output;
      throw new BackupError('target_failed', `${this.description} cannot be used: ${reasonOf(errors)}`);
    } finally {
      clearTimeout(timer);
    }
  }
}

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function ended(child: ChildProcessWithoutNullStreams, input: string): Promise<Ended> {
  const output = gathered(child.stdout);
  const errors = gathered(child.stderr);
  // A program that ends before it has read its commands says why by its status.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const text =
        cause.code === 'ENOENT'
          ? 'OpenSSH’s sftp is not installed (package openssh-client)'
          : `sftp does not start: ${cause.message}`;
      reject(new BackupError('program_missing', text, cause));
    });
    child.once('close', (status) => resolve({ status, output: output(), errors: errors() }));
  });
}

/** The last thing that the program says, but for what it says at every end. */
function reasonOf(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !/^(Connection closed|Connected to)/.test(line));
  return telling.at(-1)?.slice(0, 200) ?? 'it gives no reason';
}

function gathered(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    if (text.length < LONGEST_OUTPUT) text += chunk;
  });
  return () => text;
}

/** A line of `ls -ln`: mode, links, owner, group, size, three words of time, name. */
function entryOf(line: string): StoredBackup[] {
  const [, bytes, name] = /^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\S+\s+\S+\s+(\S+)$/.exec(line.trim()) ?? [];
  return name === undefined || parseBackupName(name) === undefined ? [] : [{ name, bytes: Number(bytes) }];
}

/** No character that ends a line or a word of a batch in another way than `quoted` knows. */
function isPlain(path: string): boolean {
  return path.startsWith('/') && ![...path].some((character) => character < ' ' || character === '\u007f');
}

/** As sftp(1) reads it: in double quotes, with a backslash before quotes, backslashes and what it would take for a pattern. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&').replace(/[*?[\]]/g, '\\$&')}"`;
}
