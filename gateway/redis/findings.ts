import type { Redis, Reply } from './connection.ts';

/** One line of the host report about the Redis of a cluster. */
export interface RedisFinding {
  readonly level: 'green' | 'yellow' | 'red';
  /** Stable name by which an operator accepts a red line. */
  readonly code: 'redis_persistence' | 'redis_replicas' | 'redis_eviction' | 'redis_version';
  readonly text: string;
}

/**
 * Whether this Redis forgets what it is told to forget, and nothing else: it holds sessions, key epochs and, if so
 * configured, ciphertext. Of several nodes the worst one counts. Many managed services forbid CONFIG; then INFO is
 * asked, which knows less.
 *
 * @throws RedisError unavailable
 */
export async function redisFindings(redis: Pick<Redis, 'askEach'>): Promise<RedisFinding[]> {
  const info = (await redis.askEach('INFO')).map(infoOf);
  const config = await configOf(redis);
  return [persistence(info, config), replicas(info, config), eviction(info, config), version(info)];
}

type Fields = ReadonlyMap<string, string>;

function persistence(info: readonly Fields[], config: readonly Fields[] | null): RedisFinding {
  const finding = (level: RedisFinding['level'], text: string): RedisFinding => ({
    level,
    code: 'redis_persistence',
    text,
  });
  const saves = config?.some((node) => node.get('save') !== '' || node.get('appendonly') !== 'no') ?? false;
  const wrote = info.some(
    (node) => node.get('aof_enabled') === '1' || Number(node.get('rdb_last_bgsave_time_sec')) >= 0,
  );
  if (saves || wrote) {
    return finding('red', 'Redis writes what it holds to a disk; set save "" and appendonly no, and remove its files');
  }
  if (config !== null) return finding('green', 'Redis keeps what it holds in memory alone');
  return finding('yellow', 'Redis does not say whether it writes to a disk; have persistence and backups turned off');
}

/** A replica that synchronises through a file leaves that file on the master's disk. */
function replicas(info: readonly Fields[], config: readonly Fields[] | null): RedisFinding {
  const finding = (level: RedisFinding['level'], text: string): RedisFinding => ({
    level,
    code: 'redis_replicas',
    text,
  });
  const followed = info.some((node) => Number(node.get('connected_slaves') ?? '0') > 0);
  if (!followed) return finding('green', 'Redis has no replica');
  if (config?.some((node) => node.get('repl-diskless-sync') === 'no')) {
    return finding('red', 'replicas of Redis are filled through a file on its disk; set repl-diskless-sync yes');
  }
  return finding('yellow', 'replicas of Redis hold the same keys; none of them may write to a disk');
}

function eviction(info: readonly Fields[], config: readonly Fields[] | null): RedisFinding {
  const finding = (level: RedisFinding['level'], text: string): RedisFinding => ({
    level,
    code: 'redis_eviction',
    text,
  });
  const policies =
    config?.map((node) => node.get('maxmemory-policy')) ?? info.map((node) => node.get('maxmemory_policy'));
  if (policies.includes(undefined)) {
    return finding('yellow', 'Redis does not say what it does when its memory is full; use noeviction');
  }
  if (policies.every((policy) => policy === 'noeviction')) return finding('green', 'Redis drops nothing to make room');
  return finding('red', 'Redis may drop keys or images to make room; set maxmemory-policy noeviction');
}

/** The oldest release in which the queue's bells ring: in 6.0 they were never heard. */
const OLDEST = [6, 2] as const;

/** Valkey goes by the release of Redis that it speaks like. */
function version(info: readonly Fields[]): RedisFinding {
  const finding = (level: RedisFinding['level'], text: string): RedisFinding => ({
    level,
    code: 'redis_version',
    text,
  });
  const releases = info.map((node) =>
    /^(\d+)\.(\d+)\./
      .exec(node.get('redis_version') ?? '')
      ?.slice(0, 3)
      .map(Number),
  );
  if (releases.includes(undefined)) return finding('yellow', `Redis does not say of which release it is; ${NEEDED}`);
  const old = releases.some((release) => {
    const [, major = 0, minor = 0] = release ?? [];
    return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  });
  return old ? finding('red', `Redis is too old; ${NEEDED}`) : finding('green', 'Redis is new enough');
}

const NEEDED = `the gateway needs ${OLDEST.join('.')} or newer, or Valkey`;

/** What CONFIG GET says of each node; null when it is not allowed. */
async function configOf(redis: Pick<Redis, 'askEach'>): Promise<Fields[] | null> {
  const names = ['save', 'appendonly', 'maxmemory-policy', 'repl-diskless-sync'];
  try {
    // One at a time: several names in one command need Redis 7.
    const nodes: Map<string, string>[] = [];
    for (const name of names) {
      for (const [at, reply] of (await redis.askEach('CONFIG', 'GET', name)).entries()) {
        nodes[at] = new Map([...(nodes[at] ?? []), ...pairsOf(reply)]);
      }
    }
    return nodes.every((node) => names.every((name) => node.has(name))) ? nodes : null;
  } catch {
    return null;
  }
}

function pairsOf(reply: Reply): [string, string][] {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return list.flatMap((name, at) => (at % 2 === 0 ? [[name, list[at + 1] ?? ''] satisfies [string, string]] : []));
}

/** Lines `name:value` of INFO; headings begin with #. */
function infoOf(reply: Reply): Fields {
  const lines = String(reply)
    .split('\r\n')
    .filter((line) => !line.startsWith('#') && line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
