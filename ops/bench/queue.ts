/**
 * How many faxes workers can claim for calls, with a long line, beside the bare rate of the bell.
 *
 *     node ops/bench/queue.ts [--queued 100000] [--accounts 50] [--redis redis://127.0.0.1:6379]
 *
 * Processor time is that of this process and of the database server together, so that a rate per core does not depend
 * on what else the machine does; rates by the clock do. With --redis the bell is rung there too.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { DEFAULT_POLICY, FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CallRequest } from '../../gateway/ports/fax-records.ts';
import type { JobQueue } from '../../gateway/ports/job-queue.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { createJobQueue, type QueueConnection } from '../../gateway/queue/index.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { routesSchema } from '../../gateway/routing/config.ts';
import { createPlanner, plainTerms } from '../../gateway/routing/plan.ts';
import { type EmbeddedPostgres, startPostgres } from '../postgres/index.ts';

/** Claims per second of processor time that the queue promises. */
const CLAIMS_LIMIT = 500;
/** Calls that a worker has by default: what an idle one asks for. */
const ROOM = 30;
const LEASE = 90_000;
const CONNECTIONS = 6;
const RINGS = 2_000;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Bench {
  readonly records: Records;
  readonly pool: pg.Pool;
  readonly server: EmbeddedPostgres;
}

interface Rate {
  readonly what: string;
  readonly count: number;
  readonly seconds: number;
  readonly processorSeconds: number;
}

/** A tenth of 100,000 numbers goes out over the second carrier. */
const PLANNER = createPlanner({
  routes: routesSchema.parse([
    { prefix: '+', carriers: ['a'] },
    { prefix: '+49109', carriers: ['b'] },
  ]),
  carriers: ['a', 'b'].map(plainTerms),
});

function request(limit: number): CallRequest {
  const carriers = ['a', 'b'].map((name) => ({ name, maxCalls: 100_000, callsPerSecond: 100_000 }));
  return { worker: 'bench', lease: LEASE, limit, carriers, plan: PLANNER.plan };
}

/** Rendered faxes that are due, shared out among the accounts, each to a number of its own. */
async function fill({ records, pool }: Bench, queued: number, accounts: number, now: number): Promise<void> {
  const ids: string[] = [];
  for (let index = 0; index < accounts; index++) {
    const account = { name: `bench-${index}`, title: '', policy: { channels: 10_000 }, cidrs: [] };
    ids.push((await records.accounts.createAccount(account, { who: 'local', address: null }, now)).id);
  }
  await pool.query(
    `insert into faxes (id, account, direction, state, to_number, pages, retries, retry_interval, priority, next_call_at,
       options, policy, line, tags, documents, created_at, updated_at, image_exists)
     select 'fax_' || n, ($1::text[])[1 + n % $2], 'outbound', 'queued', '+49' || (1000000 + n), 1, 3, 120, n % 10,
       $3::bigint - n % 100000, '{}', $4, $5, '{}', 1, $3::bigint, $3::bigint, true from generate_series(1, $6) as n`,
    [ids, accounts, now, JSON.stringify(DEFAULT_POLICY), JSON.stringify(FIRST_LINE_SETTINGS), queued],
  );
  await pool.query('analyze');
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The server and all of its processes: user and system time of proc(5), in ticks of 10 ms. */
function serverSeconds(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return [String(pid), ...children].reduce((sum, one) => {
    const text = readFileSync(`/proc/${one}/stat`, 'latin1');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return sum + ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100;
  }, 0);
}

async function measured(bench: Bench, what: string, work: () => Promise<number>): Promise<Rate> {
  const processor = () => ownSeconds() + serverSeconds(bench.server.pid);
  const before = { clock: performance.now(), processor: processor() };
  const count = await work();
  const seconds = (performance.now() - before.clock) / 1_000;
  return { what, count, seconds, processorSeconds: processor() - before.processor };
}

/** Brings all faxes that are due into the line; answers how often it looked. */
async function lineUp(bench: Bench, now: number): Promise<number> {
  let looks = 0;
  for (let nextAt: number | null = now; nextAt === now; looks++) {
    ({ nextAt } = await bench.records.faxes.claimCalls(request(0), now));
  }
  return looks;
}

/** Claims until `wanted` are given, by `workers` at once. */
async function claimed(bench: Bench, wanted: number, workers: number, limit: number, now: number): Promise<number> {
  let count = 0;
  const worker = async () => {
    while (count < wanted) {
      const { claims } = await bench.records.faxes.claimCalls(request(limit), now);
      count += claims.length;
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return count;
}

/** The calls of the claims are over. */
async function endCalls({ pool }: Bench): Promise<void> {
  await pool.query(
    `update faxes set state = 'delivered', live_to = null, lease_until = null where live_to is not null`,
  );
}

async function blocked(bench: Bench, looks: number, now: number): Promise<number> {
  const full = { ...request(ROOM), carriers: [{ name: 'a', maxCalls: 0, callsPerSecond: null }] };
  for (let count = 0; count < looks; count++) await bench.records.faxes.claimCalls(full, now);
  return looks;
}

/** Rings and hears: the bell alone, without any work behind it. */
async function rung(queue: JobQueue, rings: number): Promise<number> {
  const done = Promise.withResolvers<void>();
  let heard = 0;
  await queue.hear('dial', ROOM, async () => {
    heard += 1;
    if (heard === rings) done.resolve();
  });
  for (let first = 0; first < rings; first += ROOM) {
    const ids = Array.from({ length: Math.min(ROOM, rings - first) }, (_, index) => `fax_${first + index}`);
    await Promise.all(ids.map((id) => queue.ring('dial', id)));
  }
  await done.promise;
  return rings;
}

/** The time of a server process is seen while it lives, so the queue is closed behind the measurement. */
async function bell(bench: Bench, what: string, connection: QueueConnection): Promise<Rate> {
  const queue = createJobQueue({ connection, log: silent });
  try {
    return await measured(bench, what, () => rung(queue, RINGS));
  } finally {
    await queue.stop();
    await queue.close();
  }
}

async function run(queued: number, accounts: number, redis: string | undefined): Promise<Rate[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sealfax-bench-'));
  const server = await startPostgres({ dataDir, log: silent });
  // What a connection has used of the processor is counted while it stands.
  const pool = new pg.Pool({ ...server.connection, max: CONNECTIONS, idleTimeoutMillis: 0 });
  const records = createRecords({ pool, log: silent });
  const bench = { records, pool, server };
  const now = Date.now();
  try {
    await records.migrate();
    await fill(bench, queued, accounts, now);
    const rates = [await measured(bench, `looks that bring 1,000 faxes into the line`, () => lineUp(bench, now))];
    // As the server does by itself within a minute; the line is then what it is in a gateway that has run for a while.
    await pool.query('vacuum analyze faxes');
    for (const [workers, limit, wanted] of [
      [1, 1, 500],
      [1, ROOM, 3_000],
      [4, ROOM, 3_000],
    ] as const) {
      const what = `claims, ${workers === 1 ? 'one worker' : `${workers} workers`} with room for ${limit}`;
      rates.push(await measured(bench, what, () => claimed(bench, wanted, workers, limit, now)));
      await endCalls(bench);
    }
    rates.push(await measured(bench, 'looks at a line whose carrier is full', () => blocked(bench, 200, now)));
    const own = { kind: 'postgres', config: { ...server.connection } } as const;
    rates.push(await bell(bench, 'rings of BullMQ on this PostgreSQL', own));
    if (redis !== undefined) {
      const there = { kind: 'redis', url: redis } as const;
      rates.push(await bell(bench, 'rings of BullMQ on Redis, without its own time', there));
    }
    return rates;
  } finally {
    await records.close();
    await pool.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

function describe({ what, count, seconds, processorSeconds }: Rate): string {
  const rate = (count / seconds).toFixed(0).padStart(7);
  const perCore = count / Math.max(processorSeconds, 0.01);
  const verdict = perCore >= CLAIMS_LIMIT ? 'kept' : 'MISSED';
  const limit = what.startsWith('claims') ? `   limit ${CLAIMS_LIMIT}: ${verdict}` : '';
  return `${what.padEnd(48)} ${rate} /s by the clock ${perCore.toFixed(0).padStart(7)} per second of processor${limit}`;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      queued: { type: 'string', default: '100000' },
      accounts: { type: 'string', default: '50' },
      redis: { type: 'string' },
    },
  });
  for (const rate of await run(Number(values.queued), Number(values.accounts), values.redis)) {
    process.stdout.write(`${describe(rate)}\n`);
  }
}
