import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PDFDocument } from 'pdf-lib';
import pg from 'pg';
import { type Admin, type Client, connect, connectAdmin, type Fax } from '../../api/client/index.ts';
import { randomBytes, randomId } from '../../crypto/index.ts';
import { encodeT6, writeTiffF } from '../../gateway/imaging/index.ts';
import { blankBitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { SOCKET_NUMBER } from '../postgres/socket.ts';
import { benchDirectory, type Service, startService } from './service.ts';

/** One measured line: ours beside its limit or peer, in the same run. */
export interface GatewayFigure {
  readonly what: string;
  readonly ours: string;
  readonly beside: string;
}

const SETTINGS = { SEALFAX_LOOPBACK_SPEED: 'instant' };
const NUMBER = '+15550190001';

/** Measures everything of the whole gateway that the design has a budget for. Needs about three minutes. */
export async function run(): Promise<GatewayFigure[]> {
  const place = await benchDirectory();
  try {
    const first = await startService(place.path, SETTINGS);
    const figures: GatewayFigure[] = [];
    const client = await account(first);
    try {
      figures.push(await uploads(first, client));
      figures.push(await acceptance(client));
      figures.push(...(await wipes(client)));
      figures.push(...(await memory(first)));
    } finally {
      await client.close();
      await first.stop();
    }
    const again = await startService(place.path, SETTINGS, true);
    await again.stop();
    return [...(await starts(first, again)), ...figures];
  } finally {
    await place.remove();
  }
}

function starts(first: Service, again: Service): GatewayFigure[] {
  const seconds = (service: Service) => `${(service.readyAfter / 1_000).toFixed(2)} s`;
  return [
    { what: 'start to ready, empty data directory', ours: seconds(first), beside: 'limit 3 s' },
    { what: 'start to ready, existing data directory', ours: seconds(again), beside: 'limit 1.5 s' },
  ];
}

/** The first account with a number, and plain HTTPS allowed for the comparison. */
async function account(service: Service): Promise<Client> {
  const admin: Admin = connectAdmin(service.admin.connection, service.admin.password);
  const main = (await admin.accounts()).find((one) => one.name === 'main');
  if (main === undefined) throw new Error('the first start made no account');
  await admin.changeAccount(main.id, { policy: { sealed: 'optional' } });
  await admin.addNumber(main.id, { number: NUMBER });
  await admin.close();
  return connect(service.api.connection, service.api.secret);
}

const UPLOAD = 20 * 1024 * 1024;
const ROUNDS = 9;

/** A PDF of one page that carries 20 MB of incompressible data, so that both ways carry the same octets. */
async function largeDocument(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  pdf.addPage([595, 842]);
  const noise = new Uint8Array(UPLOAD);
  for (let at = 0; at < UPLOAD; at += 65_536) noise.set(randomBytes(65_536), at);
  await pdf.attach(noise, 'noise.bin');
  return pdf.save();
}

/** Both ways take turns, so that whatever else the machine does meets both. The median of each. */
async function uploads(service: Service, client: Client): Promise<GatewayFigure> {
  const document = await largeDocument();
  const sealed: number[] = [];
  const plain: number[] = [];
  const later = new Date(Date.now() + 86_400_000).toISOString();
  for (let round = 0; round < ROUNDS; round += 1) {
    sealed.push(
      await timed(() => client.faxes.send({ to: '+15550100001', documents: [document], scheduledAt: later })),
    );
    plain.push(await timed(() => plainUpload(service, document, later)));
  }
  const [ours, peer] = [median(sealed), median(plain)];
  return {
    what: 'sealed upload of 20 MB, accepted (median of 9)',
    ours: `${ours.toFixed(0)} ms`,
    beside: `plain HTTPS through the same route ${peer.toFixed(0)} ms, ratio ${(ours / peer).toFixed(2)} (limit 1.25)`,
  };
}

/** The same form as the sealed one carries, over TLS alone. */
function plainUpload(service: Service, document: Uint8Array, scheduledAt: string): Promise<void> {
  const url = new URL('/v1/faxes', service.url);
  const boundary = randomId('form');
  const field = (name: string, more = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n`;
  const texts = `${field('to')}\r\n+15550100001\r\n${field('scheduledAt')}\r\n${scheduledAt}\r\n`;
  const opening = `${texts}${field('document', '; filename="noise.pdf"')}content-type: application/pdf\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(opening), document, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const headers = {
    authorization: `Bearer ${service.api.secret}`,
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': body.length,
    'idempotency-key': randomId('key'),
  };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, { method: 'POST', headers, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`plain upload: ${response.statusCode}`)),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

const ACCEPT_SECONDS = 20;
const CLIENTS = 8;

function onePage(): Uint8Array {
  const bitmap = blankBitmap(1728, 2200);
  for (let row = 100; row < 2_000; row += 25)
    bitmap.data.fill(0xf0, row * bitmap.stride + 20, row * bitmap.stride + 190);
  return writeTiffF([{ width: 1728, rows: 2200, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) }]);
}

/** One-page TIFF-F, each accepted durably, scheduled for later so that no call competes. */
async function acceptance(client: Client): Promise<GatewayFigure> {
  const document = onePage();
  const scheduledAt = new Date(Date.now() + 86_400_000).toISOString();
  const until = performance.now() + ACCEPT_SECONDS * 1_000;
  let accepted = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      await client.faxes.send({ to: '+15550100001', documents: [document], scheduledAt });
      accepted += 1;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, lane));
  const perSecond = accepted / ((performance.now() - started) / 1_000);
  return {
    what: `one-page faxes accepted (202), sealed, ${CLIENTS} at once`,
    ours: `${perSecond.toFixed(1)} a second`,
    beside: 'peer sendfax: measured with the server database, not here',
  };
}

const WIPES = 60;

/** From the end of the call, as its CDR says, to the signed receipt. */
async function wipes(client: Client): Promise<GatewayFigure[]> {
  const document = onePage();
  const latencies: number[] = [];
  for (let n = 0; n < WIPES; n += 1) {
    const to = `+1555010${String(2_000 + n)}`;
    const fax: Fax = await client.faxes.send({ to, documents: [document] });
    await client.faxes.wait(fax.id);
    latencies.push(await wipeLatency(client, fax.id));
  }
  latencies.sort((a, b) => a - b);
  const at = (part: number) =>
    `${(latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0).toFixed(0)} ms`;
  return [
    { what: `wipe after call end, p50 of ${WIPES}`, ours: at(0.5), beside: 'no limit' },
    { what: `wipe after call end, p99 of ${WIPES}`, ours: at(0.99), beside: 'limit 2000 ms' },
  ];
}

async function wipeLatency(client: Client, fax: string): Promise<number> {
  for (;;) {
    const cdr = (await client.cdrs.list({ fax })).items[0];
    if (cdr?.receipt != null) return wipedAt(cdr.receipt) - Date.parse(cdr.endedAt);
    await pause(50);
  }
}

function wipedAt(jws: string): number {
  const claims = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { wipedAt: string };
  return Date.parse(claims.wipedAt);
}

const QUEUED = [1_000, 10_000];
/** Settling time before a reading, so that a poll and a sweep have passed over the rows. */
const SETTLE = 12_000;

/** Resident memory of the gateway with queued faxes; they are copied in the database, because only their number matters. */
async function memory(service: Service): Promise<GatewayFigure[]> {
  const connection = {
    host: join(service.dataDir, 'postgres'),
    port: SOCKET_NUMBER,
    user: 'sealfax',
    database: 'sealfax',
  };
  const database = new pg.Client(connection);
  await database.connect();
  try {
    await pause(SETTLE);
    const empty = service.residentBytes();
    const figures: GatewayFigure[] = [
      { what: 'resident memory, nothing added', ours: mebibytes(empty), beside: 'no limit' },
    ];
    let present = 0;
    for (const wanted of QUEUED) {
      await queueMore(database, wanted - present);
      present = wanted;
      await pause(SETTLE);
      const now = service.residentBytes();
      const growth = (now - empty) / wanted / 1024;
      figures.push({
        what: `resident memory, ${wanted} more faxes queued`,
        ours: mebibytes(now),
        beside: `growth ${growth.toFixed(2)} KB a fax (limit 4)`,
      });
    }
    return figures;
  } finally {
    await database.end();
  }
}

async function queueMore(database: pg.Client, count: number): Promise<void> {
  const columns = await database.query<{ name: string }>(
    "select column_name as name from information_schema.columns where table_name = 'faxes' and column_name not in ('id', 'image_exists') order by ordinal_position",
  );
  const names = columns.rows.map(({ name }) => name).join(', ');
  await database.query(
    `insert into faxes (id, image_exists, ${names})
     select 'fax_' || lpad(to_hex((extract(epoch from clock_timestamp()) * 1000000)::bigint + n), 26, '0'), false, ${names}
     from (select * from faxes where state = 'queued' limit 1) as one, generate_series(1, $1) as n`,
    [count],
  );
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MiB`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.main) {
  for (const { what, ours, beside } of await run()) process.stdout.write(`${what}: ${ours} (${beside})\n`);
}
