import { Cluster, type ClusterNode, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { RedisError } from './errors.ts';

/** Where a Redis is and how it is spoken to: REDIS_URL and SEALFAX_REDIS_OPTIONS, read once. */
export interface RedisAddress {
  /** First part of every key, in braces: a Redis Cluster keeps all such keys together. */
  readonly prefix: string;
  /** What ioredis needs for each connection: host or socket, credentials, TLS, Sentinel. */
  readonly node: NodeOptions;
  /** Nodes to begin with; null when this is no Redis Cluster. */
  readonly cluster: readonly ClusterNode[] | null;
  readonly clusterOptions: ClusterOptions;
}

/** Answers have one shape under either protocol: nobody changes that from outside. */
type NodeOptions = Omit<RedisOptions, 'replyMapping'>;

/** A client of either kind. */
export type RedisClient = Redis | Cluster;

const DEFAULT_PREFIX = 'sealfax';
/** An unreachable server is given up after this time in ms. */
const CONNECT_WITHIN = 3_000;
/** The longest pause between two attempts to connect, in ms: a server that is back is noticed within it. */
const LONGEST_PAUSE = 1_000;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix:///path`. `options` is a JSON object,
 * or its text, of ioredis options (`sentinels`, `name`, `tls`, …) and three of ours: `cluster` (true, or nodes to begin
 * with), `clusterOptions`, and `keyPrefix` for several gateways on one Redis.
 *
 * @throws RedisError address
 */
export function parseRedisAddress(url: string, options: unknown = {}): RedisAddress {
  const { cluster, clusterOptions, keyPrefix, ...node } = objectOf(options);
  const place = placeOf(url);
  return {
    prefix: prefixOf(keyPrefix),
    node: { ...place, ...node },
    cluster: nodesOf(cluster, place),
    clusterOptions: clusterOptions === undefined ? {} : objectOf(clusterOptions),
  };
}

/** Options of one connection beside those of the address. */
export interface ConnectionChange {
  /** A command that a node does not answer in this time in ms has failed. */
  readonly commandTimeout?: number;
  /** Null: a command waits until the connection is back. */
  readonly maxRetriesPerRequest: number | null;
  /** False: a command fails at once while there is no connection. */
  readonly enableOfflineQueue?: boolean;
}

/** A connection; it connects at once, and again whenever it is lost. */
export function connectTo(address: RedisAddress, change: ConnectionChange): RedisClient {
  const retry = (times: number) => Math.min(LONGEST_PAUSE, times * 50);
  const base = { protocol: 2 as const, connectTimeout: CONNECT_WITHIN, retryStrategy: retry };
  const node = { ...base, sentinelRetryStrategy: retry, ...address.node, ...change };
  if (address.cluster === null) return new Connection(node);
  // What belongs to the cluster or is of one node alone has no place among the options of its nodes.
  const { host: _host, port: _port, path: _path, retryStrategy, enableOfflineQueue = true, ...redisOptions } = node;
  const options = { clusterRetryStrategy: retry, enableOfflineQueue, ...address.clusterOptions, redisOptions };
  return new Cluster([...address.cluster], options).on('+node', hearLateErrors);
}

/** A client whose sockets may fail a second time, as may those of its duplicates, which BullMQ makes. */
class Connection extends Redis {
  constructor(options: NodeOptions) {
    super(options);
    hearLateErrors(this);
  }

  override duplicate<Change extends Partial<RedisOptions> | undefined = undefined>(change?: Change) {
    const copy = super.duplicate(change);
    hearLateErrors(copy);
    return copy;
  }
}

/**
 * A TLS socket closed for a certificate that we refuse tells a second error when the server's alert still comes in.
 * ioredis hears the first only, and an error that nobody hears ends the process.
 */
function hearLateErrors(client: Pick<Redis, 'stream' | 'on'>): void {
  client.on('error', () => void client.stream?.on('error', () => undefined));
}

/** What `work` answers. @throws RedisError unavailable when that takes more than `ms` */
export async function answered<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new RedisError('unavailable', 'Redis does not answer')), ms);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

function objectOf(options: unknown): Record<string, unknown> {
  const value: unknown = typeof options === 'string' ? jsonOf(options) : options;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new RedisError('address', 'the options of Redis are a JSON object');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function prefixOf(value: unknown): string {
  const prefix = value ?? DEFAULT_PREFIX;
  if (typeof prefix === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(prefix)) return `{${prefix}}`;
  throw new RedisError('address', 'keyPrefix is 1 to 64 letters, digits, dots, hyphens or underscores');
}

/** What REDIS_URL says. */
interface Place {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: Record<string, never>;
}

function placeOf(text: string): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'unix:' && url.pathname.length > 1) {
    return { path: decoded(url.pathname), ...credentials(url) };
  }
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new RedisError('address', 'not a redis://, rediss:// or unix:// address');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...credentials(url),
    ...databaseOf(url),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function credentials({ username, password }: URL): Place {
  return {
    ...(username === '' ? {} : { username: decoded(username) }),
    ...(password === '' ? {} : { password: decoded(password) }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisError('address', 'a per-cent sign in REDIS_URL is written %25');
  }
}

function databaseOf({ pathname }: URL): Place {
  if (pathname === '' || pathname === '/') return {};
  if (/^\/\d{1,5}$/.test(pathname)) return { db: Number(pathname.slice(1)) };
  throw new RedisError('address', 'the path of a redis:// address is a database number');
}

function nodesOf(cluster: unknown, place: Place): ClusterNode[] | null {
  if (cluster === undefined || cluster === false) return null;
  const { host, port = 6379 } = place;
  if (cluster === true && host !== undefined) return [{ host, port }];
  if (Array.isArray(cluster) && cluster.length > 0 && cluster.every(isNode)) return cluster;
  throw new RedisError('address', 'cluster is true, with a host in REDIS_URL, or a list of { "host", "port" }');
}

function isNode(value: unknown): value is { host: string; port: number } {
  if (typeof value !== 'object' || value === null) return false;
  const { host, port } = { host: undefined, port: undefined, ...value };
  return typeof host === 'string' && Number.isInteger(port);
}
