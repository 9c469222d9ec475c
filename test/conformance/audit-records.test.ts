import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { AuditReader, certifyReceiptKey, generateSigningKey, pinOf } from '../../crypto/index.ts';
import { createAuditSealer, exportAudit } from '../../gateway/audit/index.ts';
import type { AuditSpan } from '../../gateway/ports/audit-records.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, type TestDatabase, testDatabases } from '../postgres.ts';

const HOUR = 3_600_000;
const METRICS = { count: () => {}, observe: () => {}, gauge: () => {} };

for (const database of await testDatabases()) {
  describe(`the chain of the audit log on ${database.name}`, () => suite(database));
}

function suite(database: TestDatabase): void {
  let pool: pg.Pool;
  let records: Records;
  let stop: () => Promise<void>;
  let now = Date.UTC(2030, 0, 1);
  const clock = { now: () => now, monotonic: () => now, after: () => () => {} };
  const pass = (ms: number) => {
    now += ms;
  };
  before(async () => {
    const postgres = await database.start();
    pool = postgres.pool();
    records = createRecords({ pool, log: silentLog });
    await records.migrate();
    stop = async () => {
      await records.close();
      await postgres.stop();
    };
  });
  after(() => stop());

  const note = (action: string, account: null = null) =>
    records.accounts.audit({
      ...{ at: clock.now(), actor: 'usr_1', address: '192.0.2.1', account, action, object: 'fax_1' },
      detail: { b: [1, 2.5, 'ä'], a: null },
    });
  const root = generateSigningKey();
  const sealer = async () =>
    createAuditSealer({
      ...{ records: records.audit, exclusion: records.exclusion, clock, log: silentLog, metrics: METRICS },
      key: await certifyReceiptKey(await generateSigningKey(), await root, clock.now()),
    });
  const findings = async (span: AuditSpan = {}) => {
    const reader = new AuditReader();
    for await (const line of exportAudit(records.audit, span)) await reader.read(JSON.stringify(line));
    return reader.findings();
  };

  test('holds every entry once and in one order, whoever seals, and a head vouches for it', async () => {
    for (let i = 0; i < 30; i++) await note(`act.${i}`);
    const both = await Promise.all([sealer(), sealer()]);
    await Promise.all(both.map((one) => one.sealOnce()));
    await both[0]?.sealOnce();
    const found = await findings();
    assert.deepEqual(found.faults, []);
    assert.deepEqual(found.pins, [await pinOf((await root).publicJwk)]);
    const { rows } = await pool.query(
      'select count(*)::int as all, count(distinct entry)::int as each from audit_chain',
    );
    assert.equal(rows[0].all, found.entries);
    assert.equal(rows[0].each, (await pool.query('select count(*)::int as n from audit')).rows[0].n);
  });

  test('takes an entry that was committed late, with a smaller number than others', async () => {
    const late = await pool.connect();
    await late.query('begin');
    await late.query(
      `insert into audit (at, actor, action, detail) values (${clock.now()}, 'usr_2', 'late', '{}'::jsonb)`,
    );
    await note('early');
    const one = await sealer();
    await one.sealOnce();
    await late.query('commit');
    late.release();
    pass(60_000);
    await one.sealOnce();
    const { rows } = await pool.query(
      'select a.action from audit_chain c join audit a on a.id = c.entry order by c.place desc limit 2',
    );
    assert.deepEqual(
      rows.map(({ action }) => action),
      ['late', 'early'],
    );
    assert.deepEqual((await findings()).faults, []);
  });

  test('goes on with numbers far ahead, and looks back no further than it has to', async () => {
    pass(HOUR);
    await note('after an hour');
    const one = await sealer();
    await one.sealOnce();
    pass(HOUR);
    await note('after two');
    const before = await records.audit.chainTip();
    await one.sealOnce();
    assert.equal((await records.audit.chainTip()).place, before.place + 1);
    assert.deepEqual((await findings()).faults, []);
  });

  test('has a head when something was written, and one an hour when nothing was', async () => {
    const one = await sealer();
    const heads = async () => (await pool.query('select count(*)::int as n from audit_heads')).rows[0].n as number;
    await one.sealOnce();
    const before = await heads();
    await one.sealOnce();
    assert.equal(await heads(), before);
    pass(HOUR + 1);
    await one.sealOnce();
    await one.sealOnce();
    assert.equal(await heads(), before + 1);
    assert.deepEqual((await findings()).faults, []);
  });

  test('is exported from a head to a head', async () => {
    const one = await sealer();
    pass(HOUR);
    const since = clock.now() - 1;
    await note('within');
    await one.sealOnce();
    const until = clock.now();
    pass(HOUR);
    await note('behind');
    await one.sealOnce();
    const { places, entries, faults } = await findings({ since, until });
    const tip = await records.audit.chainTip();
    assert.deepEqual([places, entries, faults], [[tip.place - 1, tip.place - 1], 1, []]);
    assert.equal((await findings({ since: clock.now() + HOUR })).entries, 0);
  });

  test('cannot be changed by a slip, and whoever removes the guard is found out', async () => {
    const refused = { code: '42501', message: /append-only/ };
    await assert.rejects(pool.query(`update audit set actor = 'usr_9'`), refused);
    await assert.rejects(pool.query('delete from audit_chain'), refused);
    await assert.rejects(pool.query('truncate audit_heads'), refused);
    await pool.query('alter table audit disable trigger append_only');
    await pool.query(`update audit set actor = 'usr_9' where action = 'act.7'`);
    const { faults } = await findings();
    assert.deepEqual(
      faults.map(({ fault }) => fault),
      ['changed'],
    );
    await pool.query(`update audit set actor = 'usr_1' where action = 'act.7'`);
    assert.deepEqual((await findings()).faults, []);
    await pool.query('alter table audit enable trigger append_only');
  });
}
