import { readFile, stat, statfs } from 'node:fs/promises';
import { url as inspectorUrl } from 'node:inspector';
import { dirname, join } from 'node:path';
import type { HostFinding } from '../gateway/ports/renderer.ts';
import type { WallState } from '../gateway/records/index.ts';
import type { RedisFinding } from '../gateway/redis/index.ts';
import { type Config, nodeOptions } from './config.ts';

/** One line of the report. A red one stops a start in production unless `code` is accepted by name. */
export interface Finding {
  readonly level: HostFinding['level'];
  readonly code: HostFinding['code'] | RedisFinding['code'] | HostCode;
  /** What is so, and what to do about it. No path, no key. */
  readonly text: string;
}

/** What is looked at beside the sandbox. */
export type HostCode =
  | 'swap'
  | 'core_dumps'
  | 'inspector'
  | 'memory_dumps'
  | 'preload'
  | 'root_key_place'
  | 'key_place'
  | 'redis_persistence'
  | 'redis_replicas'
  | 'redis_eviction'
  | 'redis_version'
  | 'account_wall';

/** A red line in production that nobody has accepted. */
export class HostReportError extends Error {
  override readonly name = 'HostReportError';
  readonly codes: readonly string[];

  constructor(red: readonly Finding[]) {
    const lines = red.map(({ code, text }) => `  ${code}: ${text}`).join('\n');
    const names = red.map(({ code }) => code).join(',');
    super(`this host can keep page images or keys:\n${lines}\nChange that, or accept it: SEALFAX_ACCEPT=${names}`);
    this.codes = red.map(({ code }) => code);
  }
}

/** How well this host forgets. */
export interface HostReport {
  readonly findings: readonly Finding[];
  /** The same, the gravest first, and whether a red one is accepted. */
  readonly judged: readonly (Finding & { readonly accepted: boolean })[];
  /** One line each, the gravest first. */
  readonly lines: readonly string[];
  /** Where documents are rendered, in words. */
  readonly sandbox: string;
  /** In production: @throws HostReportError for red lines that are not accepted */
  enforce(): void;
}

/** Whether the database, too, keeps accounts apart. */
export function wallFinding(wall: WallState): Finding {
  return wall.stands
    ? { level: 'green', code: 'account_wall', text: 'the database itself keeps accounts apart' }
    : {
        level: 'yellow',
        code: 'account_wall',
        text: `only the gateway keeps accounts apart, not the database as well; ${wall.why}`,
      };
}

/** What the report asks of its host. */
export interface HostFacts {
  /** Text of a file below /proc or /sys; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** The file system of `path`, or of its nearest ancestor that exists. */
  fileSystem(path: string): Promise<{ readonly device: number; readonly memory: boolean }>;
  /** Flags of this Node, from its command line and its environment. */
  readonly flags: readonly string[];
  /** Whether this process takes SIGUSR1 itself, so that Node does not open its inspector on it. */
  readonly signalTaken: boolean;
  /** Whether an inspector listens. */
  readonly inspected: boolean;
}

type Settings = Pick<Config, 'mode' | 'accept' | 'dataDir' | 'keyDir' | 'rootKey' | 'rootKeyFile' | 'epochKeys'> &
  Partial<Pick<Config, 'redisUrl'>>;

/** Looks at the host: what could write memory to a disk, who could look into it, and where keys lie beside data. */
export async function hostReport(options: {
  readonly config: Settings;
  /** What the renderer says of its sandbox, and the backends of what they keep. */
  readonly findings: readonly Finding[];
  readonly host?: HostFacts;
}): Promise<HostReport> {
  const { config, host = thisHost() } = options;
  const findings: Finding[] = [
    await swap(host),
    await coreDumps(host),
    inspector(host),
    ...memoryDumps(host),
    ...preloads(host),
    await rootKeyPlace(config, host),
    await keyPlace(config, host),
    ...options.findings,
  ];
  const accepted = new Set(config.accept.map((name) => name.replaceAll('-', '_')));
  const red = findings.filter(({ level, code }) => level === 'red' && !accepted.has(code));
  const judged = GRAVEST_FIRST.flatMap((level) => findings.filter((finding) => finding.level === level)).map(
    (finding) => ({ ...finding, accepted: finding.level === 'red' && accepted.has(finding.code) }),
  );
  return {
    findings,
    judged,
    lines: judged.map(lineOf),
    sandbox: sandboxOf(options.findings),
    enforce() {
      if (config.mode === 'production' && red.length > 0) throw new HostReportError(red);
    },
  };
}

const GRAVEST_FIRST: readonly Finding['level'][] = ['red', 'yellow', 'green'];

function lineOf({ level, code, text, accepted }: HostReport['judged'][number]): string {
  return `${level.padEnd(7)}${code.padEnd(19)} ${text}${accepted ? ' (accepted)' : ''}`;
}

function sandboxOf(findings: readonly Finding[]): string {
  const codes = findings.map(({ code }) => code);
  if (codes.includes('sandbox_bubblewrap')) return 'a bubblewrap sandbox';
  return codes.includes('sandbox_namespace') ? 'a namespace sandbox' : 'a child process without a sandbox';
}

/** proc(5) /proc/swaps: a heading, then name, type, size, used, priority. */
async function swap(host: HostFacts): Promise<Finding> {
  const table = await host.read('/proc/swaps');
  if (table === undefined) return { level: 'yellow', code: 'swap', text: 'whether this host swaps is unknown' };
  const areas = table
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  const safe = await Promise.all(areas.map((line) => forgets(line.split(/\s+/)[0] ?? '', host)));
  if (safe.every((area) => area)) {
    return { level: 'green', code: 'swap', text: areas.length === 0 ? 'no swap' : 'swap is encrypted or in memory' };
  }
  return { level: 'red', code: 'swap', text: 'pages and keys may be swapped to a disk; turn swap off or encrypt it' };
}

/** A compressed area in memory, or a device-mapper target of dm-crypt. */
async function forgets(area: string, host: HostFacts): Promise<boolean> {
  if (/^\/dev\/zram\d+$/.test(area)) return true;
  const mapped = /^\/dev\/(dm-\d+)$/.exec(area)?.[1];
  if (mapped === undefined) return false;
  return (await host.read(`/sys/block/${mapped}/dm/uuid`))?.startsWith('CRYPT-') ?? false;
}

/** core(5): the limit does not bind a core_pattern that is a pipe; coredump_filter 0 leaves memory out of any dump. */
async function coreDumps(host: HostFacts): Promise<Finding> {
  const finding = (level: Finding['level'], text: string): Finding => ({ level, code: 'core_dumps', text });
  const limit = /^Max core file size\s+(\S+)/m.exec((await host.read('/proc/self/limits')) ?? '')?.[1];
  const pattern = (await host.read('/proc/sys/kernel/core_pattern'))?.trim();
  if (limit === undefined || pattern === undefined) return finding('yellow', 'whether crashes write memory is unknown');
  if (/^0+$/.test((await host.read('/proc/self/coredump_filter'))?.trim() ?? '')) {
    return finding('green', 'core dumps hold no memory');
  }
  if (limit !== '0') return finding('red', 'a crash writes memory to a disk; start with ulimit -c 0 (LimitCORE=0)');
  if (pattern.startsWith('|')) {
    return finding('yellow', 'crashes are piped to a program of this host, which has to honour the limit of 0');
  }
  return finding('green', 'no core dumps');
}

function inspector(host: HostFacts): Finding {
  const finding = (level: Finding['level'], text: string): Finding => ({ level, code: 'inspector', text });
  if (host.inspected || host.flags.some((flag) => /^--(inspect|debug)/.test(flag))) {
    return finding('red', 'the inspector is on: whoever reaches it reads every key; start without --inspect');
  }
  if (host.signalTaken || host.flags.includes('--disable-sigusr1')) return finding('green', 'the inspector is off');
  return finding('yellow', 'SIGUSR1 turns the inspector on; start Node with --disable-sigusr1');
}

/** Flags of Node that write memory, or parts of it, to files. */
const DUMPING = /^--(heapsnapshot|heap-prof|abort-on-uncaught-exception|report-|trace-gc-verbose|prof$)/;

function memoryDumps(host: HostFacts): Finding[] {
  if (!host.flags.some((flag) => DUMPING.test(flag))) return [];
  return [
    { level: 'red', code: 'memory_dumps', text: 'a flag of Node writes memory to files; remove it from NODE_OPTIONS' },
  ];
}

function preloads(host: HostFacts): Finding[] {
  if (!host.flags.some((flag) => /^(-r$|--(require|import|loader|experimental-loader)\b)/.test(flag))) return [];
  return [{ level: 'yellow', code: 'preload', text: 'NODE_OPTIONS loads other code into the gateway' }];
}

/** Whoever takes the data disk must not find the root key on it: with it the key slots open. */
async function rootKeyPlace(config: Settings, host: HostFacts): Promise<Finding> {
  const finding = (level: Finding['level'], text: string): Finding => ({ level, code: 'root_key_place', text });
  if (config.rootKey !== undefined) return finding('green', 'the root key comes from the environment');
  const file = config.rootKeyFile ?? join(config.keyDir, 'root.key');
  const [key, data] = await Promise.all([host.fileSystem(file), host.fileSystem(config.dataDir)]);
  if (key.memory) return finding('green', 'the root key lies in memory');
  if (key.device !== data.device) return finding('green', 'the root key lies on another file system than the data');
  return finding('red', 'the root key lies on the file system of the data; set SEALFAX_ROOT_KEY_FILE to a credential');
}

async function keyPlace(config: Settings, host: HostFacts): Promise<Finding> {
  const finding = (level: Finding['level'], text: string): Finding => ({ level, code: 'key_place', text });
  if (config.redisUrl !== undefined) return finding('green', 'key epochs live in memory and, sealed, in Redis');
  if (config.epochKeys === 'memory') return finding('green', 'key epochs live in memory alone');
  const [keys, data] = await Promise.all([host.fileSystem(config.keyDir), host.fileSystem(config.dataDir)]);
  if (keys.memory) return finding('green', 'key epochs lie in memory');
  if (keys.device !== data.device) return finding('green', 'key epochs lie on another file system than the data');
  return finding(
    'yellow',
    'key epochs lie, sealed, on the file system of the data; keep SEALFAX_KEY_DIR out of backups',
  );
}

/** statfs(2): tmpfs and ramfs. */
const MEMORY_FILE_SYSTEMS = [0x01021994, 0x858458f6];

function thisHost(): HostFacts {
  return {
    read: (path) => readFile(path, 'utf8').catch(() => undefined),
    fileSystem,
    flags: [...process.execArgv, ...nodeOptions()],
    signalTaken: process.listenerCount('SIGUSR1') > 0,
    inspected: inspectorUrl() !== undefined,
  };
}

async function fileSystem(path: string): ReturnType<HostFacts['fileSystem']> {
  try {
    const [{ dev }, { type }] = await Promise.all([stat(path), statfs(path)]);
    return { device: dev, memory: MEMORY_FILE_SYSTEMS.includes(type) };
  } catch (error) {
    if (dirname(path) === path) throw error;
    return fileSystem(dirname(path));
  }
}
