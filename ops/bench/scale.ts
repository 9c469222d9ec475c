/**
 * How many sealed one-page faxes one, two and four processes accept on one PostgreSQL and one Redis, beside HylaFAX.
 *
 *     npm run bench -- scale
 *     node ops/bench/scale.ts [--seconds 60] [--processes 1,2,4] [--peer-seconds 15] [--vault redis] [--growth] [--soak 10]
 *
 * `--growth` loads a million finished and 100,000 queued faxes (or `--finished`, `--queued`) and measures again; `--soak`
 * sends for so many minutes to one process that accepts and one that renders and calls. The load generator is a process of its own on the same machine.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { connectAdmin } from '../../api/client/index.ts';
import { base64url, randomBytes } from '../../crypto/index.ts';
import { encodeT6, writeTiffF } from '../../gateway/imaging/index.ts';
import { blankBitmap } from '../../gateway/imaging/raster/bitmap.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { type EmbeddedPostgres, startPostgres } from '../postgres/index.ts';
import { hylafaxMissing, type SendfaxRate, sendfaxRates } from './hylafax.ts';
import { ProcessorMeter } from './processor-meter.ts';
import { type BenchRedis, startRedis } from './redis.ts';
import type { SendOrder, SendResult } from './sender.ts';
import { type Service, startService } from './service.ts';

const SENDER = fileURLToPath(new URL('./sender.ts', import.meta.url));
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Requests under way at once for each process. */
const LANES = 12;
/** Sent before the counting begins, in seconds: compiling hot code goes on for that long. */
const WARM_UP = 15;
/** What acceptance promises beside `sendfax` (one submission after the other, as a script would send). */
const TIMES_SENDFAX = 10;
/** What acceptance promises when the records have grown. */
const GROWTH_LIMIT = 1.2;
const FINISHED = 1_000_000;
const QUEUED = 100_000;

/** What the records have grown by. */
interface Growth {
  readonly finished: number;
  readonly queued: number;
}
const MIB = 1_048_576;

/** One place with a database server, a Redis and the gateway processes on them. */
interface Cluster {
  readonly place: string;
  readonly postgres: EmbeddedPostgres;
  readonly redis: BenchRedis | undefined;
  readonly rootKey: string;
  /** Where sealed images lie. */
  readonly vault: string;
  readonly services: Service[];
}

async function openCluster(vault: string): Promise<Cluster> {
  const place = mkdtempSync(join(tmpdir(), 'sealfax-scale-'));
  const postgres = await startPostgres({ dataDir: place, log: silent });
  writeFileSync(join(place, 'page.tif'), onePage());
  return { place, postgres, redis: await startRedis(place), rootKey: base64url(randomBytes(32)), vault, services: [] };
}

async function closeCluster({ place, postgres, redis, services }: Cluster): Promise<void> {
  await Promise.all(services.map((service) => service.stop()));
  await redis?.stop();
  await postgres.stop();
  rmSync(place, { recursive: true, force: true });
}

/** A page of some 23 KB of T.6, as a form with shaded boxes has. */
function onePage(): Uint8Array {
  const bitmap = blankBitmap(1728, 2200);
  for (let row = 100; row < 2_000; row += 25)
    bitmap.data.fill(0xf0, row * bitmap.stride + 20, row * bitmap.stride + 190);
  return writeTiffF([{ width: 1728, rows: 2200, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) }]);
}

/** One more process. Without Redis there can be one only, which then does everything. */
async function addService(cluster: Cluster, role: 'api' | 'worker'): Promise<Service> {
  const { place, postgres, redis, rootKey, services } = cluster;
  const { host, port, user, database } = postgres.connection;
  const shared = redis === undefined ? {} : { REDIS_URL: redis.url, SEALFAX_ROLE: role, SEALFAX_VAULT: cluster.vault };
  const settings = {
    DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
    SEALFAX_ROOT_KEY: rootKey,
    SEALFAX_VAULT_DIR: join(place, 'vault'),
    SEALFAX_LOOPBACK_SPEED: 'instant',
    ...shared,
  };
  const service = await startService(join(place, `process-${services.length}`), settings, services.length > 0);
  services.push(service);
  return service;
}

/** The number and the room for so many faxes that the first account needs. */
async function prepareAccount({ admin }: Service): Promise<void> {
  const connection = connectAdmin(admin.connection, admin.password);
  const main = (await connection.accounts()).find((one) => one.name === 'main');
  if (main === undefined) throw new Error('the first start made no account');
  await connection.changeAccount(main.id, { policy: { maxQueued: 1_000_000 } });
  await connection.addNumber(main.id, { number: '+15550190001' });
  await connection.close();
}

/** The first process's connection string, at the port of `service`. */
function connectionAt(first: Service, service: Service): string {
  return first.api.connection.replace(/:\d+\?/, `:${new URL(service.url).port}?`);
}

async function send(
  cluster: Cluster,
  seconds: number,
  services = cluster.services,
  begun: () => void = () => undefined,
): Promise<SendResult> {
  const [first] = cluster.services;
  if (first === undefined) throw new Error('no process to send to');
  const order: SendOrder = {
    connections: services.map((service) => connectionAt(first, service)),
    secret: first.api.secret,
    document: join(cluster.place, 'page.tif'),
    lanes: LANES * services.length,
    seconds,
    warmUp: WARM_UP,
    scheduledAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const child = spawn(process.execPath, [SENDER, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    if (said === '') begun();
    said += chunk;
  }
  return JSON.parse(said) as SendResult;
}

const perSecond = ({ accepted, seconds }: SendResult): number => accepted / seconds;

function percentile({ latencies }: SendResult, part: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
}

function line(what: string, ours: string, beside: string): void {
  process.stdout.write(`${what}: ${ours} (${beside})\n`);
}

async function measurePeer(seconds: number): Promise<readonly SendfaxRate[]> {
  const missing = hylafaxMissing();
  if (missing !== undefined) {
    process.stdout.write(`sendfax: ${missing}\n`);
    return [];
  }
  const rates = await sendfaxRates(onePage(), seconds).catch((error: unknown) => {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 100) : 'unknown';
    process.stdout.write(`sendfax: its packages cannot be fetched, or do not run here (${reason})\n`);
    return [];
  });
  for (const { lanes, perSecond: rate } of rates)
    line(`sendfax, ${lanes} at once`, `${rate.toFixed(1)} a second`, 'the peer');
  return rates;
}

async function measureProcesses(
  cluster: Cluster,
  counts: readonly number[],
  seconds: number,
  rates: readonly SendfaxRate[],
): Promise<void> {
  const single = rates.find(({ lanes }) => lanes === 1)?.perSecond;
  const best = Math.max(0, ...rates.map((rate) => rate.perSecond));
  for (const count of counts) {
    if (count > 1 && cluster.redis === undefined) {
      process.stdout.write(`${count} processes: no redis-server here (apt-get install redis-server)\n`);
      continue;
    }
    while (cluster.services.length < count) await addService(cluster, 'api');
    const services = cluster.services.slice(0, count);
    const roots = [services.map(({ pid }) => pid), [cluster.postgres.pid], [cluster.redis?.pid ?? []].flat()];
    const meters = roots.map((pids) => new ProcessorMeter(pids));
    let before: readonly number[] = [];
    const result = await send(cluster, seconds, services, () => {
      before = meters.map((meter) => meter.seconds());
    });
    const [gateway = 0, database = 0, redis = 0] = meters.map((meter, at) => meter.seconds() - (before[at] ?? 0));
    for (const meter of meters) meter.stop();
    const rate = perSecond(result);
    const times = (peer: number) => `${(rate / peer).toFixed(1)} ×`;
    const beside =
      single === undefined
        ? 'no peer'
        : `${times(single)} sendfax one after the other (limit ${TIMES_SENDFAX}), ${times(best)} its best`;
    const latency = `p50 ${percentile(result, 0.5).toFixed(0)}, p99 ${percentile(result, 0.99).toFixed(0)} ms`;
    line(
      `one-page faxes accepted (202), sealed, ${count} process${count > 1 ? 'es' : ''}`,
      `${rate.toFixed(1)} a second, ${latency}`,
      beside,
    );
    const each = (part: number) => `${((part / result.accepted) * 1_000).toFixed(1)} ms`;
    const servers = `PostgreSQL ${each(database)}, Redis ${each(redis)}`;
    const parts = `gateway ${each(gateway)}, ${servers}, load generator ${each(result.cpu)}`;
    line('  processor time for each', each(gateway + database + redis + result.cpu), parts);
  }
}

/** The same load on the same process before and after the records have grown. */
async function measureGrowth(cluster: Cluster, seconds: number, growth: Growth): Promise<void> {
  const before = await send(cluster, seconds, cluster.services.slice(0, 1));
  await grow(cluster, growth);
  const after = await send(cluster, seconds, cluster.services.slice(0, 1));
  const [empty, full] = [percentile(before, 0.99), percentile(after, 0.99)];
  const ratio = `ratio ${(full / empty).toFixed(2)} (limit ${GROWTH_LIMIT})`;
  line(
    `accept p99 with ${growth.finished} finished and ${growth.queued} queued faxes`,
    `${full.toFixed(0)} ms`,
    `before ${empty.toFixed(0)} ms, ${ratio}`,
  );
}

/** Copies of an accepted fax: only their number and their states matter. */
async function grow({ postgres }: Cluster, { finished, queued }: Growth): Promise<void> {
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = 'faxes'
         and column_name not in ('id', 'image_exists', 'state', 'next_call_at') order by ordinal_position`,
    );
    const names = rows.map(({ name }) => name).join(', ');
    const copies = `insert into faxes (id, image_exists, state, next_call_at, ${names})
      select $2 || n, false, $3, $4::bigint, ${names}
      from (select * from faxes where direction = 'outbound' limit 1) as one, generate_series(1, $1) as n`;
    await client.query(copies, [finished, 'fax_finished', 'delivered', null]);
    await client.query(copies, [queued, 'fax_queued', 'queued', Date.now() + 86_400_000]);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** Resident memory of a process that accepts and one that works, at the start and at the end of a long load. */
async function soak(cluster: Cluster, minutes: number): Promise<void> {
  const [api] = cluster.services;
  if (api === undefined) return;
  const worker = cluster.redis === undefined ? undefined : await addService(cluster, 'worker');
  await send(cluster, 30, [api]);
  const start = [api, worker].map((service) => service?.residentBytes() ?? 0);
  await send(cluster, minutes * 60, [api]);
  await pause(5_000);
  const end = [api, worker].map((service) => service?.residentBytes() ?? 0);
  for (const [index, name] of (['accepting', 'working'] as const).entries()) {
    const [from = 0, to = 0] = [start[index], end[index]];
    if (from === 0) continue;
    line(
      `resident memory of the ${name} process after ${minutes} minutes`,
      `${(to / MIB).toFixed(0)} MiB`,
      `at the start ${(from / MIB).toFixed(0)} MiB`,
    );
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      processes: { type: 'string', default: '1,2,4' },
      'peer-seconds': { type: 'string', default: '15' },
      vault: { type: 'string', default: 'redis' },
      growth: { type: 'boolean', default: false },
      finished: { type: 'string', default: String(FINISHED) },
      queued: { type: 'string', default: String(QUEUED) },
      soak: { type: 'string' },
    },
  });
  const seconds = Number(values.seconds);
  const rates = await measurePeer(Number(values['peer-seconds']));
  const cluster = await openCluster(values.vault);
  try {
    await prepareAccount(await addService(cluster, 'api'));
    await measureProcesses(cluster, values.processes.split(',').map(Number), seconds, rates);
    const growth = { finished: Number(values.finished), queued: Number(values.queued) };
    if (values.growth) await measureGrowth(cluster, seconds, growth);
    if (values.soak !== undefined) await soak(cluster, Number(values.soak));
  } finally {
    await closeCluster(cluster);
  }
}

await main();
