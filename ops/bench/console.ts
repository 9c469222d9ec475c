import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type Admin, connectAdmin } from '../../api/client/index.ts';
import { createRecords } from '../../gateway/records/index.ts';
import { makeFaxes, makeHistory } from './cdr-history.ts';
import { historyPlace, say, silent, tell } from './history-run.ts';
import { costOf } from './rounds.ts';
import { type Service, startService } from './service.ts';

const SIZE = { rows: 20_000, months: 24, accounts: 200 };
const ROUNDS = 7;
/** What a page of the console may take, ms. */
const LIMIT = 300;
/** Milliseconds. */
const DAY = 86_400_000;

/**
 * Everything that the pages of the console ask for, at a whole gateway with 20,000 faxes and call records of two years
 * (`--rows 1000000` for a million). `--directory DIR` keeps the gateway there, and measures again on what it finds.
 */
async function main(): Promise<void> {
  const { size, dataDir, remove } = await historyPlace(SIZE, (directory) => join(directory, 'data'));
  const again = existsSync(join(dataDir, OWNER));
  const service = await startService(dataDir, {}, again);
  try {
    const owner = again ? JSON.parse(await readFile(join(dataDir, OWNER), 'utf8')) : await fill(service, size);
    await rollUp(dataDir);
    const admin = connectAdmin(onPort(owner.connection, service.url), owner.password);
    await measure(admin);
    await admin.close();
  } finally {
    await service.stop();
    await remove();
  }
}

/** Where the first start's secrets lie for the next run of the bench. */
const OWNER = 'bench-owner.json';

/** A gateway on the same directory has another port each time. */
function onPort(connection: string, url: string): string {
  const given = new URL(connection);
  given.port = new URL(url).port;
  return given.href;
}

const serverOf = (dataDir: string) => ({ host: join(dataDir, 'postgres'), user: 'sealfax', database: 'sealfax' });

/** What the upkeep does every ten minutes. */
async function rollUp(dataDir: string): Promise<void> {
  const pool = new pg.Pool({ ...serverOf(dataDir), max: 2 });
  const records = createRecords({ pool, log: silent });
  while ((await records.cdrs.rollUp(20)) > 0);
  await records.close();
  await pool.end();
}

async function fill({ dataDir, admin }: Service, size: typeof SIZE): Promise<Service['admin']> {
  const client = new pg.Client(serverOf(dataDir));
  await client.connect();
  await makeHistory(client, size, tell);
  await makeFaxes(client);
  await client.end();
  await writeFile(join(dataDir, OWNER), JSON.stringify(admin), { mode: 0o600 });
  return admin;
}

/** What a page reads when it is opened, at once as it does. */
type Page = readonly [name: string, read: (admin: Admin) => Promise<unknown>];

const since = (days: number) => new Date(Date.now() - days * DAY).toISOString();
const day = (days: number) => since(days).slice(0, 10);
const timeZone = 'Europe/Berlin';
const month = { from: day(29), to: day(-1), timeZone };

/** The calls page: a list, and sums in three ways, of the same filter. */
const calls =
  (filter: Parameters<Admin['cdrs']>[0], days = 30) =>
  (admin: Admin) => {
    const report = { ...filter, from: day(days - 1), to: day(-1), timeZone };
    return Promise.all([
      admin.cdrs({ ...filter, since: since(days), limit: 50 }),
      admin.cdrSummary({ ...report, group: 'total', percentiles: true }),
      admin.cdrSummary({ ...report, group: 'day', by: ['result'] }),
      admin.cdrSummary({ ...report, group: 'total', by: ['cause'] }),
    ]);
  };

const UNFINISHED = [
  ...(['accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving', 'received'] as const),
] as const;

const PAGES: readonly Page[] = [
  [
    'dashboard',
    (admin) =>
      Promise.all([
        ...[admin.overview({ hours: 24 }), admin.alerts(), admin.accounts()],
        ...[admin.carriers(), admin.carrierHealth()],
      ]),
  ],
  ['faxes', (admin) => admin.faxes.list({ limit: 50 })],
  ['faxes, failed', (admin) => admin.faxes.list({ state: ['failed'], limit: 50 })],
  ['faxes that ended badly', (admin) => admin.faxes.list({ state: ['failed', 'partial', 'uncertain'], limit: 50 })],
  ['faxes that have not ended', (admin) => admin.faxes.list({ state: UNFINISHED, limit: 50 })],
  ['faxes of one number', (admin) => admin.faxes.list({ number: '+49890000001', limit: 50 })],
  ['faxes of a number that there is not', (admin) => admin.faxes.list({ number: '+15550000000', limit: 50 })],
  ['calls, 30 days', calls({})],
  ['calls, 30 days, failed', calls({ result: 'failed' })],
  ['calls, 30 days, of one carrier', calls({ carrier: 'carrier-1' })],
  ['calls, 30 days, one number', calls({ number: '+49890000001' })],
  ['calls, 30 days, of a range of numbers', calls({ prefix: '+493000' })],
  ['records of two years, a cause that is rare', (admin) => admin.cdrs({ cause: 'line_lost', limit: 50 })],
  ['records of two years, a carrier that never was', (admin) => admin.cdrs({ carrier: 'nobody', limit: 50 })],
  ['records of two years, a country', (admin) => admin.cdrs({ country: 'US', limit: 50 })],
  ['records of two years, a range of numbers', (admin) => admin.cdrs({ prefix: '+498912345', limit: 50 })],
  ['reports, as opened', (admin) => admin.cdrSummary({ period: 'last_30_days', group: 'day', timeZone })],
  [
    'reports, what can be chosen',
    (admin) => admin.cdrSummary({ period: 'last_30_days', group: 'total', by: ['carrier', 'country', 'cause'] }),
  ],
  [
    'reports, month by day, carrier and cause',
    (admin) => admin.cdrSummary({ ...month, group: 'day', by: ['carrier', 'cause'] }),
  ],
  [
    'reports, month by carrier with percentiles',
    (admin) => admin.cdrSummary({ ...month, group: 'total', by: ['carrier'], percentiles: true }),
  ],
  [
    'reports, two years by month and carrier',
    (admin) => admin.cdrSummary({ from: day(729), to: day(-1), timeZone, group: 'month', by: ['carrier'] }),
  ],
  [
    'reports, two years by week, carrier and cause',
    (admin) => admin.cdrSummary({ from: day(729), to: day(-1), timeZone, group: 'week', by: ['carrier', 'cause'] }),
  ],
  ['saved reports', (admin) => admin.reports.list()],
  ['live', (admin) => admin.live()],
  ['alerts', (admin) => admin.alerts()],
  ['accounts', (admin) => Promise.all([admin.accounts(), admin.waitingDestinations()])],
  ['account', (admin) => Promise.all([admin.account('bench-1'), admin.users('bench-1'), admin.numbers('bench-1')])],
  ['carriers', (admin) => Promise.all([admin.carriers(), admin.carrierHealth(), admin.purges({ limit: 50 })])],
  ['routes', (admin) => admin.routes()],
  ['webhooks', (admin) => Promise.all([admin.allWebhooks(), admin.allDeliveries({ limit: 50 })])],
  ['audit', (admin) => admin.audit({ limit: 100 })],
  ['audit of an account', async (admin) => admin.audit({ account: (await admin.account('bench-1')).id, limit: 100 })],
  ['administrators', (admin) => admin.administrators()],
  ['settings and host', (admin) => Promise.all([admin.settings(), admin.host(), admin.restore()])],
];

async function measure(admin: Admin): Promise<void> {
  await admin.host();
  for (const [name, read] of PAGES) {
    const { first, median } = await costOf(ROUNDS, () => read(admin));
    const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(11);
    const missed = median > LIMIT ? `  more than ${LIMIT} ms` : '';
    say(`${name.padEnd(48)} first ${ms(first)}  median ${ms(median)}${missed}`);
  }
}

await main();
