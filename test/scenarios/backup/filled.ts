import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { generateSigningKey, newKey, randomId } from '../../../crypto/index.ts';
import type { Place } from '../../../gateway/fax/destination.ts';
import { type AccountId, type FaxId, newId } from '../../../gateway/fax/ids.ts';
import { FIRST_LINE_SETTINGS } from '../../../gateway/fax/policy.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { openDirectoryTarget } from '../../../ops/backup/directory-target.ts';
import type { BackupTarget } from '../../../ops/backup/target.ts';
import { type BackupParts, type FinishedBackup, writeBackup } from '../../../ops/backup/write.ts';
import { createWorld, freshNumber, LINE, ok, SECOND, T0 } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

const ADMIN = { who: 'local', address: null };
const HOUR = 3_600_000;

/** Faxes of a filled gateway by what they were doing when the backup was taken. */
export interface FilledFaxes {
  readonly accepted: FaxId;
  readonly queued: FaxId;
  /** Waits for the approval of a country. */
  readonly held: FaxId;
  readonly retrying: FaxId;
  readonly scheduled: FaxId;
  readonly scheduledRest: FaxId;
  readonly dialing: FaxId;
  readonly sending: FaxId;
  readonly confirmed: FaxId;
  readonly uncertain: FaxId;
  readonly delivered: FaxId;
  readonly ringing: FaxId;
  readonly received: FaxId;
}

const AUSTRIA = 'AT' as string as Place;
const FRANCE = 'FR' as string as Place;

/** A database with an account of every kind of row, and room for copies of it. */
export interface Filled {
  readonly postgres: TestPostgres;
  readonly pool: pg.Pool;
  readonly records: Records;
  readonly account: AccountId;
  readonly faxes: FilledFaxes;
  readonly folder: string;
  readonly rootKey: Uint8Array;
  readonly target: BackupTarget;
  backup(change?: Partial<BackupParts>): Promise<FinishedBackup>;
  /** A pool on an empty schema of the same server. */
  empty(): Promise<pg.Pool>;
  stop(): Promise<void>;
}

/** When the scheduled faxes of `fill` may be called. */
export const SCHEDULED = T0 + 48 * HOUR;

export async function fill(): Promise<Filled> {
  const postgres = await startTestPostgres();
  const pool = postgres.pool();
  const records = createRecords({ pool, log: silentLog });
  await records.migrate();
  const account = await records.accounts.createAccount(
    { name: 'clinic', title: 'Clinic “A” – Ärzte', policy: { retries: 5 }, cidrs: ['10.0.0.0/8', '::1/128'] },
    ADMIN,
    T0,
  );
  await configure(records, account.id);
  const faxes = await fillFaxes(records, account.id);
  await pool.query(`insert into receipts (fax, epoch, jws, at) values ($1, 1, 'a.b.c', $2)`, [faxes.delivered, T0]);
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-backup-'));
  const rootKey = newKey();
  const { pin } = await generateSigningKey();
  const target = openDirectoryTarget(join(folder, 'target'));
  let copies = 0;
  return {
    ...{ postgres, pool, records, account: account.id, faxes, folder, rootKey, target },
    backup: (change = {}) =>
      writeBackup({
        ...{ pool, rootKey, pin, target, keys: [{ name: 'server-mac', sealed: 'c2VhbGVk' }], recipient: undefined },
        ...{ spool: join(folder, 'spool'), keep: { newest: 10, days: 0 } },
        ...change,
      }),
    empty: async () => {
      copies += 1;
      await pool.query(`create schema copy_${copies}`);
      return postgres.pool({ options: `-c search_path=copy_${copies}`, max: 4 });
    },
    stop: async () => {
      await records.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configure(records: Records, account: AccountId): Promise<void> {
  const verifiers = { passwordHash: null, secretMac: new Uint8Array(32).fill(200) };
  const user = { realm: 'api', account, name: 'app', verifiers, cidrs: [] } as const;
  const { id } = await records.accounts.createUser(user, ADMIN, T0);
  const secret = new Uint8Array(60).fill(9);
  await records.accounts.updateUser(id, { totpPending: secret }, ADMIN, T0);
  await records.accounts.confirmTotp(id, secret, 1, null, ADMIN, T0);
  await records.accounts.updateUser(id, { totpPending: secret }, ADMIN, T0);
  await records.accounts.putRecoveryCodes(id, [new Uint8Array(32).fill(8)], ADMIN, T0);
  await records.accounts.addNumber(freshNumber(), account, 'Front desk\n"second line"', ADMIN, T0);
  await records.accounts.putSetting('statement_seq', '41');
  await records.guard.decide(account, AUSTRIA, 'approved', ADMIN, T0);
  await records.guard.keepLineType(freshNumber(), 'mobile', SCHEDULED, T0);
  await records.webhooks.createEndpoint({
    id: newId('whe', (prefix) => randomId(prefix)),
    account,
    url: 'https://customer.example/hook',
    types: [],
    sealedSecrets: new Uint8Array(40).fill(3),
    disabled: false,
    disabledReason: null,
    createdAt: T0,
  });
}

async function fillFaxes(records: Records, account: AccountId): Promise<FilledFaxes> {
  const world = createWorld(records);
  const { faxes } = records;
  const queued = await world.queued(account);
  const held = await world.queued(account, 1, { hold: { place: FRANCE, until: SCHEDULED }, abroad: true });
  const accepted = await world.accepted(account);
  const uncertain = await world.queued(account);
  await world.uncertain(uncertain);
  const delivered = await world.queued(account, 1);
  const first = await world.sending(delivered);
  await faxes.pageStarted(first.call, first.fence, 1, T0);
  await faxes.pageConfirmed(first.call, first.fence, 1, LINE, T0);
  await faxes.endCall(first.call, first.fence, ok(1), { state: 'delivered' }, T0 + SECOND);
  const retrying = await world.queued(account);
  const tried = await world.dialing(retrying);
  const line = { ...FIRST_LINE_SETTINGS, maxRate: 9_600, ecm: false };
  const again = { state: 'queued', at: SCHEDULED, line, keepImage: true } as const;
  await faxes.endCall(tried.call, tried.fence, { ...ok(0), cause: 'busy' }, again, T0 + SECOND);
  const scheduled = await world.queued(account, 2, { notBefore: SCHEDULED });
  const scheduledRest = await world.accepted(account, { notBefore: SCHEDULED });
  const dialing = await world.queued(account);
  await world.dialing(dialing);
  const sending = await world.queued(account);
  const live = await world.sending(sending);
  await faxes.pageStarted(live.call, live.fence, 1, T0);
  const confirmed = await world.queued(account, 1);
  const done = await world.sending(confirmed);
  await faxes.pageStarted(done.call, done.fence, 1, T0);
  await faxes.pageConfirmed(done.call, done.fence, 1, LINE, T0);
  const ringing = (await world.ringing(account)).fax;
  const received = await world.received(account);
  return {
    ...{ accepted, queued, held, retrying, scheduled, scheduledRest, dialing, sending, confirmed },
    ...{ uncertain, delivered, ringing, received },
  };
}

/** Every row of every table of the pool's schema as text, by table. */
export async function allRows(pool: pg.Pool): Promise<Map<string, string[]>> {
  const tables = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
       and not relispartition order by relname`,
  );
  const all = new Map<string, string[]>();
  for (const { name } of tables.rows) {
    const { rows } = await pool.query<{ row: string }>(`select to_jsonb(t)::text as row from "${name}" t order by 1`);
    all.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return all;
}
