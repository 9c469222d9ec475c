/**
 * HylaFAX as the peer of acceptance: `sendfax` submissions of the same TIFF-F on the same machine. Debian's packages are
 * unpacked into a temporary directory and run in a bubblewrap view of their own; nothing is installed, and the server
 * listens on a loopback port only.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Submissions per second with so many at once. */
export interface SendfaxRate {
  readonly lanes: number;
  readonly perSecond: number;
}

/** User and group `uucp` of every Debian, which HylaFAX runs as. */
const UUCP = 10;

/** Submissions at once. */
const LANES = [1, 4, 8, 16];

/** Why HylaFAX cannot be measured here; undefined when it can. */
export function hylafaxMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'HylaFAX is measured as root only';
  for (const program of ['bwrap', 'apt-get', 'dpkg-deb', 'tiffcp']) {
    try {
      execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
    } catch {
      return `HylaFAX needs ${program} (apt-get install bubblewrap libtiff-tools)`;
    }
  }
  return undefined;
}

/**
 * Measures `sendfax` with one and with several submissions at once, `seconds` each. Each job is to be sent a day later,
 * as ours are.
 *
 * @throws when the packages cannot be fetched or do not run
 */
export async function sendfaxRates(document: Uint8Array, seconds: number): Promise<SendfaxRate[]> {
  const place = mkdtempSync(join(tmpdir(), 'sealfax-hylafax-'));
  try {
    unpack(place);
    configure(place);
    const share = join(place, 'share');
    mkdirSync(share);
    writeFileSync(join(share, 'page.tif'), document);
    writeFileSync(join(share, 'run.sh'), SCRIPT);
    const args = ['/usr/bin/bash', '/share/run.sh', String(await freePort()), String(seconds), ...LANES.map(String)];
    const said = execFileSync('bwrap', [...view(place), ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return said
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number))
      .map(([lanes = 0, count = 0, took = 1]) => ({ lanes, perSecond: count / took }));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function unpack(place: string): void {
  const archives = join(place, 'archives');
  mkdirSync(archives);
  const options = { cwd: archives, stdio: 'ignore' } as const;
  execFileSync(
    'apt-get',
    ['-qq', '-o', 'APT::Sandbox::User=root', 'download', 'hylafax-server', 'hylafax-client'],
    options,
  );
  for (const archive of readdirSync(archives)) execFileSync('dpkg-deb', ['-x', archive, join(place, 'root')], options);
}

/** What the packages' own set-up would ask a person for. */
function configure(place: string): void {
  const spool = join(place, 'root/var/spool/hylafax');
  const etc = join(place, 'root/etc/hylafax');
  const ours = {
    config: 'LogFacility: daemon\nCountryCode: 1\nAreaCode: 555\nDialStringRules: etc/dialrules\nContCoverPage: ""\n',
    dialrules: 'CanonicalNumber := [\n[^+0-9]+ =\n]\nDialString := [\n[^+0-9]+ =\n]\n',
    'hosts.hfaxd': '127.0.0.1:::\n',
    'setup.cache': SETUP,
    'setup.modem': 'NOTIFY=/bin/true\n',
  };
  cpSync(join(place, 'root/usr/share/hylafax/pagesizes'), join(etc, 'pagesizes'));
  for (const [name, text] of Object.entries(ours)) writeFileSync(join(etc, name), text);
  for (const name of ['pagesizes', 'typerules', 'lutRS18.pcf', ...Object.keys(ours)]) {
    cpSync(join(etc, name), join(spool, 'etc', name));
  }
  chmodSync(join(spool, 'etc/hosts.hfaxd'), 0o600);
  writeFileSync(join(spool, 'bin/notify'), '#!/bin/sh\nexit 0\n');
  execFileSync('mkfifo', ['-m', '600', join(spool, 'FIFO')]);
  for (const entry of readdirSync(spool, { recursive: true, encoding: 'utf8' }))
    chownSync(join(spool, entry), UUCP, UUCP);
  chownSync(spool, UUCP, UUCP);
}

/** The host's libraries and programs, read-only; HylaFAX where it was built to be. */
function view(place: string): string[] {
  const root = join(place, 'root');
  const readOnly = (from: string, to: string) => ['--ro-bind-try', from, to];
  return [
    ...['--cap-add', 'ALL', '--die-with-parent', '--unshare-pid', '--tmpfs', '/', '--proc', '/proc', '--dev', '/dev'],
    ...['/usr', '/etc', '/opt', '/var', '/var/spool'].flatMap((path) => ['--dir', path]), // for all to enter
    ...['/usr/bin', '/usr/lib', '/usr/lib64', '/etc/passwd', '/etc/group', '/etc/alternatives'].flatMap((path) =>
      readOnly(path, path),
    ),
    ...readOnly(join(root, 'usr/sbin'), '/usr/sbin'),
    ...readOnly(join(root, 'usr/bin'), '/opt/bin'),
    ...readOnly(join(root, 'usr/lib/hylafax'), '/opt/lib'),
    ...['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    ...readOnly(join(root, 'etc/hylafax'), '/etc/hylafax'),
    ...['--bind', join(root, 'var/spool/hylafax'), '/var/spool/hylafax', '--bind', join(place, 'share'), '/share'],
    ...['--tmpfs', '/tmp', '--dir', '/run/lock', '--symlink', '/run/lock', '/var/lock', '--chdir', '/'],
    ...['--clearenv', '--setenv', 'PATH', '/opt/bin:/usr/sbin:/usr/bin', '--setenv', 'LD_LIBRARY_PATH', '/opt/lib'],
    ...['--setenv', 'HOME', '/tmp', '--setenv', 'FAXUSER', 'bench', '--setenv', 'LANG', 'C.UTF-8'],
  ];
}

/** Prints `lanes submissions seconds` for each number of lanes. */
const SCRIPT = `port=$1 seconds=$2; shift 2
faxq -D >/dev/null 2>&1 &
hfaxd -d -l 127.0.0.1 -i $port >/dev/null 2>&1 &
for try in $(seq 100); do faxstat -h 127.0.0.1:$port -s >/dev/null 2>&1 && break; sleep 0.1; done
one() { sendfax -n -m -s a4 -T 1 -t 1 -h 127.0.0.1:$port -a 'now + 1 day' -d 5550100 /share/page.tif >/dev/null 2>&1; }
one || exit 1
now() { echo $((\${EPOCHREALTIME/[.,]/})); }
lane() { n=0; while [ $(now) -lt $1 ]; do one && n=$((n + 1)); done; echo $n > /tmp/lane.$2; }
for lanes in "$@"; do
  pids=; start=$(now); end=$((start + seconds * 1000000))
  for i in $(seq $lanes); do lane $end $i & pids="$pids $!"; done
  wait $pids; took=$(($(now) - start)); sum=0
  for i in $(seq $lanes); do sum=$((sum + $(cat /tmp/lane.$i))); done
  echo "$lanes $sum $((took / 1000)).$((took % 1000))" | awk '{ print $1, $2, $3 / 1000 }'
done
`;

/** The answers that faxsetup writes down; sendfax and hfaxd read a few of them. */
const SETUP = Object.entries({
  AWK: '/usr/bin/awk',
  BIN: '/opt/bin',
  FAXQ_SERVER: 'yes',
  HFAXD_SERVER: 'yes',
  LIBDATA: '/etc/hylafax',
  LIBEXEC: '/usr/sbin',
  PATH: '/usr/sbin:/usr/bin',
  PSPACKAGE: 'gs',
  SBIN: '/usr/sbin',
  SCRIPT_SH: '/bin/bash',
  SENDMAIL: '/bin/true',
  SPOOL: '/var/spool/hylafax',
  TIFFBIN: '/usr/bin',
  UUCP_LOCKDIR: '/var/lock',
  UUCP_LOCKTYPE: 'ascii',
})
  .map(([name, value]) => `${name}='${value}'\n`)
  .join('');

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
