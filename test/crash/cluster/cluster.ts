import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { base64url, randomBytes } from '../../../crypto/index.ts';
import { type EmbeddedPostgres, startPostgres } from '../../../ops/postgres/index.ts';
import { silentLog } from '../../postgres.ts';
import { startTestRedis, type TestRedis } from '../../servers/redis.ts';
import { freePort } from '../free-port.ts';
import { type FirstSecrets, GatewayProcess } from '../gateway-process.ts';
import type { TelephoneProcess } from '../telephone-process.ts';
import { Wire } from './wire.ts';

/** Seconds: short, so that a worker can be kept asleep beyond it within a test. */
export const LEASE = 9;
/** Seconds of a key epoch. */
export const EPOCH = 30;

/** One process of the cluster with its wire to the database. */
export interface Member {
  readonly name: string;
  readonly process: GatewayProcess;
  readonly database: Wire;
  /** Where a gateway listens; 0 for a worker. */
  readonly port: number;
}

/** Extra environment of one member, such as a library that changes its clock. */
export type Extras = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Two gateways and two workers over one PostgreSQL and one Redis, with one address for clients. Every process has a
 * wire of its own to the database.
 */
export class Cluster {
  readonly apis: readonly Member[];
  readonly workers: readonly Member[];
  readonly postgres: EmbeddedPostgres;
  readonly redis: TestRedis;
  /** Sealed images: a directory that all processes share. */
  readonly vault: string;
  readonly #front: Wire;

  private constructor(parts: {
    readonly apis: readonly Member[];
    readonly workers: readonly Member[];
    readonly postgres: EmbeddedPostgres;
    readonly redis: TestRedis;
    readonly vault: string;
    readonly front: Wire;
  }) {
    this.apis = parts.apis;
    this.workers = parts.workers;
    this.postgres = parts.postgres;
    this.redis = parts.redis;
    this.vault = parts.vault;
    this.#front = parts.front;
  }

  static async start(directory: string, telephone: TelephoneProcess, extras: Extras = {}): Promise<Cluster> {
    const postgres = await startPostgres({ dataDir: join(directory, 'database'), log: silentLog });
    const redis = await startTestRedis();
    const vault = join(directory, 'vault');
    await mkdir(vault, { recursive: true, mode: 0o700 });
    const socket = `${postgres.connection.host}/.s.PGSQL.${postgres.connection.port}`;
    const rootKey = base64url(randomBytes(32));
    const member = async (name: string, role: 'api' | 'worker', port: number): Promise<Member> => {
      const database = await Wire.to(() => socket);
      const settings = {
        DATABASE_URL: `postgres://${postgres.connection.user}@127.0.0.1:${database.port}/${postgres.connection.database}`,
        REDIS_URL: redis.url,
        SEALFAX_ROOT_KEY: rootKey,
        SEALFAX_DATA_DIR: join(directory, name),
        SEALFAX_VAULT: 'files',
        SEALFAX_VAULT_DIR: vault,
        SEALFAX_PORT: String(port),
        SEALFAX_NAMES: 'localhost',
        SEALFAX_LOOPBACK_SOCKET: telephone.socket,
        SEALFAX_POLL_SECONDS: '1',
        SEALFAX_LEASE_SECONDS: String(LEASE),
        SEALFAX_EPOCH_SECONDS: String(EPOCH),
        SEALFAX_DATABASE_POOL: '10',
        SEALFAX_LOG_LEVEL: 'warn',
        ...extras[name],
      };
      return { name, process: new GatewayProcess(settings, role), database, port };
    };
    const ports = [await freePort(), await freePort()];
    const apis = [await member('api-1', 'api', ports[0] ?? 0), await member('api-2', 'api', ports[1] ?? 0)];
    const workers = [await member('worker-1', 'worker', 0), await member('worker-2', 'worker', 0)];
    let turn = 0;
    const front = await Wire.to(() => {
      for (let look = 0; look < apis.length; look++) {
        const at = turn++ % apis.length;
        if (apis[at]?.process.lives === true) return ports[at];
      }
      return undefined;
    });
    return new Cluster({ apis, workers, postgres, redis, vault, front });
  }

  get members(): readonly Member[] {
    return [...this.apis, ...this.workers];
  }

  /** Of the first start. */
  get secrets(): FirstSecrets {
    const [first] = this.apis;
    if (first === undefined) throw new Error('there is no gateway');
    return first.process.secrets;
  }

  /** What its processes wrote to standard error, for the report of a failure. */
  get complaints(): string {
    return this.members.map(({ name, process }) => `${name}: ${process.complaints}`).join('\n');
  }

  /** `connection` as clients use it: both gateways behind one address. */
  addressed(connection: string): string {
    return connection.replace(/@localhost:\d+/, `@localhost:${this.#front.port}`);
  }

  /** Starts every process; the first one alone, since it makes what all share. */
  async begin(): Promise<void> {
    const [first, ...others] = this.members;
    await first?.process.start().ready;
    await Promise.all(others.map(({ process }) => process.start().ready));
  }

  /** Looks into the database itself, past every wire. */
  async query<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ ...this.postgres.connection });
    await client.connect();
    return use(client).finally(() => client.end());
  }

  /** SIGTERM to all; answers those that did not end in order. */
  async drain(): Promise<string[]> {
    const ends = await Promise.all(
      this.members.map(async ({ name, process }) => [name, await process.stop()] as const),
    );
    return ends.filter(([, how]) => how !== 'status 0').map(([name, how]) => `${name} ended with ${how}`);
  }

  async remove(): Promise<void> {
    await Promise.all(this.members.map(({ process }) => process.kill()));
    this.#front.close();
    for (const { database } of this.members) database.close();
    await this.redis.stop();
    await this.postgres.stop();
  }
}
