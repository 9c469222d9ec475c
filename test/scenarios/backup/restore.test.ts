import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { generateRecipientKey, importRecipientKey, newKey } from '../../../crypto/index.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { AHEAD } from '../../../gateway/records/restore.ts';
import type { OpeningKeys } from '../../../ops/backup/container.ts';
import { BackupError } from '../../../ops/backup/errors.ts';
import type { SealedKey } from '../../../ops/backup/lines.ts';
import { restoreBackup } from '../../../ops/backup/restore.ts';
import { NEVER_TABLES } from '../../../ops/backup/tables.ts';
import { verifyBackup } from '../../../ops/backup/verify.ts';
import type { FinishedBackup } from '../../../ops/backup/write.ts';
import { requestOver, SECOND, T0 } from '../../conformance/fax-records-world.ts';
import { silentLog } from '../../postgres.ts';
import { allRows, type Filled, fill, SCHEDULED } from './filled.ts';

const code = (wanted: string) => (error: unknown) => error instanceof BackupError && error.code === wanted;
const NOW = T0 + 3_600_000;

describe('a backup and its restore', () => {
  let filled: Filled;
  let backup: FinishedBackup;
  let file: string;
  let rowsBefore: Map<string, string[]>;
  /** Restored once, for the tests that only look. */
  let shared: Awaited<ReturnType<typeof restored>>;
  before(async () => {
    filled = await fill();
    rowsBefore = await allRows(filled.pool);
    backup = await filled.backup();
    file = join(filled.folder, 'target', backup.name);
    shared = await restored();
  });
  after(() => filled.stop());

  async function restored(
    options: {
      readonly from?: string;
      readonly keys?: OpeningKeys;
      readonly lostAt?: number;
      readonly into?: pg.Pool;
    } = {},
  ) {
    const pool = options.into ?? (await filled.empty());
    const keys: SealedKey[] = [];
    const answer = await restoreBackup({
      pool,
      file: options.from ?? file,
      keys: options.keys ?? { rootKey: filled.rootKey },
      lostAt: options.lostAt ?? NOW,
      storeKeys: async (found) => void keys.push(...found),
      now: NOW,
      log: silentLog,
    });
    return { pool, keys, ...answer };
  }

  test('every row of configuration and records comes back as it was, but for what the settling changes', async () => {
    const { pool, keys, tables } = shared;
    const now = await allRows(pool);
    assert.deepEqual([...now.keys()], [...rowsBefore.keys()]);
    const settled = ['faxes', 'calls', 'cdrs', 'cdr_sums', 'events', 'deliveries', 'ledgers', 'epochs', 'wipe_intents'];
    const changed = [...settled, 'settings', 'audit', 'users', 'schema_versions', ...NEVER_TABLES];
    for (const [table, rows] of rowsBefore) {
      if (!changed.includes(table)) assert.deepEqual(now.get(table), rows, table);
      else if (!NEVER_TABLES.includes(table)) assert.equal(tables[table], rows.length, table);
    }
    const beforeUsers = rowsBefore.get('users')?.map((row) => ({ ...JSON.parse(row), totp_step: 0 }));
    assert.deepEqual(
      now.get('users')?.map((row) => ({ ...JSON.parse(row), totp_step: 0 })),
      beforeUsers,
    );
    for (const table of ['cdrs', 'events', 'audit', 'deliveries', 'epochs', 'calls']) {
      const kept = now.get(table) ?? [];
      const same = rowsBefore.get(table)?.filter((row) => kept.includes(row)) ?? [];
      const open = table === 'calls' ? 4 : table === 'epochs' ? 1 : 0;
      assert.equal(
        same.length,
        (rowsBefore.get(table)?.length ?? 0) - open,
        `${table}: rows of before stand unchanged`,
      );
    }
    assert.deepEqual(keys, [{ name: 'server-mac', sealed: 'c2VhbGVk' }]);
    for (const table of ['vault_keys', 'vault_objects']) assert.deepEqual(now.get(table), [], table);
  });

  test('each fax under way ends: uncertain where it may have been called since, image_lost where it cannot', async () => {
    const { pool, hold } = shared;
    const records = createRecords({ pool, log: silentLog });
    const { faxes } = filled;
    const ends: [FaxId, string, string | null][] = [
      [faxes.accepted, 'uncertain', 'uncertain'],
      [faxes.queued, 'uncertain', 'uncertain'],
      // Its country may have been approved since.
      [faxes.held, 'uncertain', 'uncertain'],
      [faxes.dialing, 'uncertain', 'uncertain'],
      [faxes.sending, 'uncertain', 'uncertain'],
      [faxes.scheduled, 'failed', 'image_lost'],
      [faxes.scheduledRest, 'failed', 'image_lost'],
      [faxes.retrying, 'failed', 'image_lost'],
      [faxes.confirmed, 'delivered', 'ok'],
      [faxes.ringing, 'failed', 'image_lost'],
      [faxes.uncertain, 'uncertain', 'uncertain'],
      [faxes.delivered, 'delivered', 'ok'],
    ];
    for (const [fax, state, cause] of ends) {
      const found = await records.faxes.fax(fax);
      assert.equal(found?.state, state);
      assert.equal(found?.cause, cause);
      const cdrs = await records.faxes.cdrs({ fax, limit: 10 });
      assert.equal(cdrs.items[0]?.faxState, state);
    }
    assert.deepEqual(hold.ended, { uncertain: 5, failed: 3, delivered: 1, receiving: 1 });
    assert.deepEqual(await records.guard.waiting(), [], 'nothing waits for an approval any more');
    const open = await pool.query(`select 1 from calls where state <> 'ended'`);
    assert.equal(open.rowCount, 0);
    await records.close();
  });

  test('a scheduled fax may have been called when the gateway was lost later than its time', async () => {
    const { pool, hold } = await restored({ lostAt: SCHEDULED });
    const { rows } = await pool.query('select state from faxes where id = $1', [filled.faxes.scheduled]);
    assert.equal(rows[0].state, 'uncertain');
    assert.deepEqual(hold.ended, { uncertain: 8, failed: 0, delivered: 1, receiving: 1 });
  });

  test('every image has a wipe intent, no epoch is alive, and no key can be taken for one of ours', async () => {
    const { pool } = shared;
    const without = await pool.query(
      'select 1 from faxes f where image_exists and not exists (select 1 from wipe_intents w where w.fax = f.id)',
    );
    assert.equal(without.rowCount, 0);
    const { rows } = await pool.query(
      'select max(number)::int as newest, count(*) filter (where state <> $1)::int as live from epochs',
      ['destroyed'],
    );
    assert.deepEqual(rows[0], { newest: AHEAD + 1, live: 0 });
    assert.equal((await pool.query('select 1 from faxes where sealed_key is not null')).rowCount, 0);
  });

  test('numbers that others may have seen go ahead: ledger, statements, audit; cursors of before find what is new', async () => {
    const { pool } = shared;
    const records = createRecords({ pool, log: silentLog });
    const head = await filled.records.events.head(filled.account);
    const seen = head + 500;
    const news = await records.events.read(filled.account, seen, 100);
    assert.equal(news[0]?.seq, head + AHEAD + 1);
    assert.equal(news.length, 10);
    assert.deepEqual(
      news.map(({ seq }) => seq),
      news.map((_, index) => head + AHEAD + 1 + index),
    );
    assert.equal(await records.accounts.setting('statement_seq'), String(41 + AHEAD));
    const { rows } = await pool.query(`select max(id)::int as last, count(*)::int as many from audit`);
    assert.equal(rows[0].last, (rowsBefore.get('audit')?.length ?? 0) + AHEAD + 1);
    const unfinished = await pool.query('select unfinished::int from ledgers where account = $1', [filled.account]);
    assert.equal(unfinished.rows[0].unfinished, 0);
    await records.close();
  });

  test('a code of the moment of the restore is not taken a second time', async () => {
    const { pool } = shared;
    const { rows } = await pool.query('select totp_step::bigint from users');
    assert.equal(Number(rows[0].totp_step), Math.floor(NOW / 30_000));
  });

  test('the hold stands in every process until it is confirmed, and nothing is claimed meanwhile', async () => {
    const { pool } = await restored();
    const records = createRecords({ pool, log: silentLog });
    const hold = await records.restore.hold();
    assert.equal(hold?.backup, backup.id);
    assert.equal(hold?.takenAt, backup.takenAt);
    // A fax that came in all the same, by a process that has not looked yet.
    await pool.query(
      `insert into faxes (id, account, direction, state, to_number, retries, retry_interval, priority, next_call_at,
         options, policy, line, tags, documents, created_at, updated_at, image_exists)
       select 'fax_held', account, direction, 'queued', '+4930999', 0, 60, 5, 1, options, policy, line, tags, 1, 1, 1, true
       from faxes where direction = 'outbound' limit 1`,
    );
    const fax = 'fax_held' as FaxId;
    const line = requestOver({ name: 'loop', maxCalls: null, callsPerSecond: null }, [fax]);
    assert.deepEqual((await records.faxes.claimCalls(line, NOW)).claims, []);
    assert.equal(await records.restore.confirm({ who: 'usr_admin', address: '10.0.0.1' }, NOW), true);
    assert.equal(await records.restore.confirm({ who: 'usr_admin', address: '10.0.0.1' }, NOW), false);
    assert.equal(await records.restore.hold(), null);
    assert.equal((await records.faxes.claimCalls(line, NOW + SECOND)).claims.length, 1);
    const [newest] = await records.accounts.auditLog({ limit: 1 });
    assert.deepEqual([newest?.action, newest?.actor, newest?.object], ['restore.confirm', 'usr_admin', backup.id]);
    await records.close();
  });

  test('a database with rows is refused and left as it is; one with tables only is filled', async () => {
    const used = await filled.empty();
    const records = createRecords({ pool: used, log: silentLog });
    await records.migrate();
    await restored({ into: used });
    const rows = await allRows(used);
    await assert.rejects(restored({ into: used }), code('database_not_empty'));
    assert.deepEqual(await allRows(used), rows);
    await records.close();
  });

  test('a restore whose keys cannot be stored leaves an empty database', async () => {
    const pool = await filled.empty();
    const failing = restoreBackup({
      ...{ pool, file, keys: { rootKey: filled.rootKey }, lostAt: NOW, now: NOW, log: silentLog },
      storeKeys: () => Promise.reject(new BackupError('keys_differ', 'other keys are there')),
    });
    await assert.rejects(failing, code('keys_differ'));
    assert.equal((await allRows(pool)).size, 0);
  });

  test('a wrong root key, a changed, a cut and a foreign file are refused and nothing is written', async () => {
    const pool = await filled.empty();
    const octets = await readFile(file);
    const broken = async (name: string, bytes: Uint8Array) => {
      const path = join(filled.folder, name);
      await writeFile(path, bytes);
      return path;
    };
    const changedAt = (at: number) => Buffer.from(octets.map((byte, index) => (index === at ? byte ^ 1 : byte)));
    const cases: [string, string, OpeningKeys?][] = [
      ['wrong_key', file, { rootKey: newKey() }],
      ['damaged', await broken('changed', changedAt(octets.length - 40))],
      ['damaged', await broken('header', changedAt(octets.indexOf('"created":"20') + 13))],
      ['damaged', await broken('cut', octets.subarray(0, octets.length - 1))],
      ['truncated', await broken('no-record', octets.subarray(0, octets.indexOf('SFV1') + 72))],
      ['format_unknown', await broken('foreign', Buffer.from('not a backup at all'))],
      ['format_unknown', await broken('empty', Buffer.alloc(0))],
      ['not_found', join(filled.folder, 'nothing.sfb')],
    ];
    for (const [wanted, from, keys] of cases) {
      await assert.rejects(restored({ from, into: pool, ...(keys === undefined ? {} : { keys }) }), code(wanted), from);
      assert.equal((await allRows(pool)).size, 0);
    }
  });

  test('a backup for a recipient opens with both keys and with neither alone', async () => {
    const recipient = await generateRecipientKey();
    const made = await filled.backup({ recipient: recipient.publicSpki });
    const path = join(filled.folder, 'target', made.name);
    const own = await importRecipientKey(recipient.privatePem);
    const { rowCount } = await filled.pool.query('select 1 from events');
    assert.equal(
      (await verifyBackup(path, { rootKey: filled.rootKey, recipient: own })).manifest.tables.events,
      rowCount,
    );
    await assert.rejects(verifyBackup(path, { rootKey: filled.rootKey }), code('key_missing'));
    await assert.rejects(verifyBackup(path, { rootKey: newKey(), recipient: own }), code('wrong_key'));
    const other = await generateRecipientKey();
    await assert.rejects(verifyBackup(path, { rootKey: filled.rootKey, recipient: other }), code('wrong_key'));
  });

  test('nothing of a row can be read in the file, and no key is in it that opens an image', async () => {
    const octets = await readFile(file);
    for (const needle of ['clinic', '+4930', 'customer.example', 'server-mac']) {
      assert.equal(octets.includes(needle), false, needle);
    }
    const { manifest, rows } = await verifyBackup(file, { rootKey: filled.rootKey });
    assert.equal(rows, backup.rows);
    for (const table of NEVER_TABLES) assert.equal(Object.hasOwn(manifest.tables, table), false);
  });

  test('every column of octets in a backup is one that somebody has thought about', async () => {
    const { rows } = await filled.pool.query<{ column: string }>(
      `select table_name || '.' || column_name as column from information_schema.columns
       where table_schema = current_schema() and data_type = 'bytea' and table_name <> all($1) order by 1`,
      [NEVER_TABLES],
    );
    // Each is sealed under the root key or a key that is, or a one-way value; a public key, a salt and a link of the audit log say nothing.
    const known = [
      'account_covers.sealed',
      'audit.salt',
      'audit_chain.link',
      'endpoints.sealed_secrets',
      'lasting_keys.sealed',
      'login_sources.source',
      'login_sources.target',
      'login_tries.target',
      'mail_outbox.sealed',
      'passkeys.public_key',
      'recovery_codes.mac',
      'seen_networks.network',
      'users.kept_session',
      'users.old_secret_mac',
      'users.secret_mac',
      'users.totp_pending',
      'users.totp_secret',
    ];
    assert.deepEqual(
      rows.map(({ column }) => column),
      known,
    );
  });

  test('a backup is one moment, whatever is written while it runs', async () => {
    const stop = new AbortController();
    const writing = (async () => {
      while (!stop.signal.aborted) await filled.records.events.append(filled.account, 'webhook.test', null, {}, T0);
    })();
    const made = await filled.backup();
    stop.abort();
    await writing;
    const { pool } = await restored({ from: join(filled.folder, 'target', made.name) });
    const { rows } = await pool.query(
      `select l.head::int - $1::int as head, (select count(*)::int from events e where e.account = l.account) as events
       from ledgers l where l.account = $2`,
      [AHEAD, filled.account],
    );
    assert.equal(rows[0].head, rows[0].events);
  });

  test('a name that is taken at the target is not written over', async () => {
    const copy = join(filled.folder, 'copy');
    await copyFile(file, copy);
    await assert.rejects(filled.target.put(backup.name, copy), code('target_exists'));
    assert.deepEqual(await filled.target.list().then((all) => all.every(({ bytes }) => bytes > 0)), true);
  });
});
