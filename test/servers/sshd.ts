import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, constants, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serverIdentity } from '../../ops/postgres/identity.ts';
import { type Program, programOnHost, unpackedPackages } from './debian.ts';

const run = promisify(execFile);

/** An SFTP server for one test file, on a private port of the loopback address. */
export interface TestSshd {
  /** `sftp://user@127.0.0.1:port` without a path. */
  readonly url: string;
  /** Configuration for the client: its key, and the server's. */
  readonly config: string;
  /** A configuration with a key that the server does not know. */
  readonly strangerConfig: string;
  /** Folder that the server may write to. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** The words that a skipped test says; undefined when there is an OpenSSH server to test with. */
export async function sshdMissing(): Promise<string | undefined> {
  if ((await programOnHost('sftp')) === undefined) return 'no sftp on PATH (package openssh-client)';
  return (await server()) === undefined ? 'no sshd, and none that apt can fetch (package openssh-server)' : undefined;
}

/** Starts sshd (the host's, or Debian's package unpacked below node_modules/.cache); root lends it an unprivileged id. */
export async function startSshd(): Promise<TestSshd> {
  const program = await server();
  if (program === undefined) throw new Error(await sshdMissing());
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-sshd-'));
  const { drop } = await serverIdentity();
  await chmod(folder, 0o755);
  for (const name of ['host', 'client', 'stranger']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  }
  await mkdir(join(folder, 'store'));
  const port = await freePort();
  await writeFile(join(folder, 'sshd_config'), serverConfig(folder, port));
  if (drop !== null) for (const name of ['host', 'store']) await chown(join(folder, name), drop.uid, drop.gid);
  const child = spawn(program.path, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    env: { ...process.env, ...program.env },
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    ...(drop ?? {}),
  });
  await listening(child);
  const user = drop === null ? userInfo().username : 'nobody';
  return {
    url: `sftp://${user}@127.0.0.1:${port}`,
    config: await clientConfig(folder, 'client'),
    strangerConfig: await clientConfig(folder, 'stranger'),
    folder: join(folder, 'store'),
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.exitCode === null) child.kill();
      else child.emit('exit');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** StrictModes would refuse a folder below the temporary directory; without PAM sshd takes a user without a password for locked. */
function serverConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/client.pub`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'StrictModes no',
    'PidFile none',
    'ForceCommand internal-sftp',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

async function clientConfig(folder: string, key: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-y', '-f', join(folder, 'host')]);
  await writeFile(join(folder, 'known_hosts'), `* ${stdout}`);
  const path = join(folder, `${key}_config`);
  const lines = ['IdentitiesOnly yes', `IdentityFile ${folder}/${key}`, `UserKnownHostsFile ${folder}/known_hosts`];
  await writeFile(path, `${[...lines, 'StrictHostKeyChecking yes'].join('\n')}\n`);
  return path;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function listening(child: ChildProcess): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('Server listening')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`sshd has ended: ${text}`)));
  });
}

async function server(): Promise<Program | undefined> {
  const own = await programOnHost('sshd', ['/usr/sbin', '/usr/local/sbin']);
  if (own !== undefined) return own;
  const root = await unpackedPackages('openssh', ['openssh-server', 'openssh-sftp-server']);
  if (root === undefined) return undefined;
  const folders = (await readdir(join(root, 'usr/lib'))).filter((entry) => entry.includes('-linux-'));
  const path = join(root, 'usr/sbin/sshd');
  await access(path, constants.X_OK);
  return { path, env: { LD_LIBRARY_PATH: folders.map((entry) => join(root, 'usr/lib', entry)).join(':') } };
}
