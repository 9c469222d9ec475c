import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { Notice } from '../../../gateway/ports/notices.ts';
import { createRecords, type Records, RecordsError } from '../../../gateway/records/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

const refused = (code: string, text: RegExp) => (error: unknown) =>
  error instanceof RecordsError && error.code === code && text.test(error.message);

describe('several processes on one database', () => {
  let postgres: TestPostgres;
  /** As many processes as are asked for: each with a pool of its own. */
  const opened: Records[] = [];
  const open = (): Records => {
    const records = createRecords({ pool: postgres.pool(), log: silentLog });
    opened.push(records);
    return records;
  };
  before(async () => {
    postgres = await startTestPostgres();
    await open().migrate();
  });
  after(async () => {
    for (const records of opened) await records.close();
    await postgres.stop();
  });

  test('one that is alone keeps every other out, until it leaves', async () => {
    const first = await open().join('alone');
    await assert.rejects(open().join('alone', 300), refused('in_use', /set REDIS_URL for several processes/));
    await assert.rejects(open().join('many', 300), refused('in_use', /a gateway that is alone/));
    await first.leave();
    const [a, b] = [await open().join('many'), await open().join('many')];
    await assert.rejects(open().join('alone', 300), refused('in_use', /another gateway uses this database/));
    await b.leave();
    await a.leave();
    await (await open().join('alone')).leave();
  });

  test('a place is taken again after a broken connection, and lost to one who was faster', async () => {
    const pool = postgres.pool();
    const cut = () =>
      pool.query(
        `select pg_terminate_backend(l.pid, 5000) from pg_locks l where l.locktype = 'advisory' and l.mode = 'ExclusiveLock' and l.granted`,
      );
    const first = await open().join('alone', 300);
    await cut();
    const second = await open().join('alone', 300);
    await first.lost;
    await second.leave();
    const third = await open().join('alone', 300);
    await cut();
    // Taken again by itself as soon as the connection stands; until then a test of it may come in between.
    const isTaken = async () => {
      const { rows } = await pool.query(`select 1 from pg_locks where locktype = 'advisory' and granted`);
      return rows.length > 0;
    };
    while (!(await isTaken())) await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(open().join('alone', 0), refused('in_use', /another gateway/));
    await third.leave();
    await first.leave();
  });

  test('work under one name is done by one process at a time', async () => {
    const [a, b] = [open().exclusion, open().exclusion];
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = a.exclusively('roll', async () => {
      order.push('a');
      await gate.promise;
      order.push('a done');
    });
    while (order.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await b.tryExclusively('roll', async () => 1), { ran: false });
    assert.deepEqual(await b.tryExclusively('sweep', async () => 1), { ran: true, value: 1 });
    const second = b.exclusively('roll', async () => void order.push('b'));
    gate.resolve();
    await Promise.all([first, second]);
    assert.deepEqual(order, ['a', 'a done', 'b']);
    await assert.rejects(
      a.exclusively('roll', async () => assert.fail('broken work')),
      /broken work/,
    );
    assert.deepEqual(await b.tryExclusively('roll', async () => 2), { ran: true, value: 2 }, 'a failure gives it back');
  });

  test('a notice reaches every process, and its sender', async () => {
    const [a, b] = [open(), open()];
    const fax = 'fax_00000000000000000000000000' as FaxId;
    const heardBy = (records: Records) => {
      const up = Promise.withResolvers<void>();
      const all = Promise.withResolvers<Notice[]>();
      const heard: Notice[] = [];
      const stop = records.notices.hear((notice) => {
        heard.push(notice);
        if (heard.length === 3) all.resolve(heard);
      }, up.resolve);
      return { up: up.promise, all: all.promise, stop };
    };
    const ears = [heardBy(a), heardBy(b)];
    await Promise.all(ears.map(({ up }) => up));
    await postgres.pool().query(`select pg_notify('sealfax_notices', 'of a later release')`);
    a.notices.tell({ about: 'cancel', fax });
    a.notices.tell({ about: 'access' });
    a.notices.tell({ about: 'wiped', fax });
    for (const { all, stop } of ears) {
      assert.deepEqual(await all, [{ about: 'cancel', fax }, { about: 'access' }, { about: 'wiped', fax }]);
      stop();
    }
  });

  test('notices wait for those that are on their way: the connection has one query at a time', async () => {
    const asked: string[] = [];
    const query = pg.Client.prototype.query;
    const records = open();
    const up = Promise.withResolvers<void>();
    const last = Promise.withResolvers<void>();
    const stop = records.notices.hear((notice) => {
      if (notice.about === 'wiped') last.resolve();
    }, up.resolve);
    await up.promise;
    let running = 0;
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const answer = Reflect.apply(query, this, args) as Promise<unknown>;
      if (!String(args[0]).startsWith('select pg_notify')) return answer;
      asked.push(`${++running} at once`);
      const done = () => {
        running--;
      };
      answer.then(done, done);
      return answer;
    } as typeof query;
    try {
      const fax = 'fax_00000000000000000000000000' as FaxId;
      const { rows } = await postgres
        .pool()
        .query<{ pid: number }>(`select pid from pg_stat_activity where query like 'listen sealfax_notices%'`);
      for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
      records.notices.tell({ about: 'cancel', fax });
      while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      records.notices.tell({ about: 'wiped', fax });
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const { pid } of rows) process.kill(pid, 'SIGCONT');
      await last.promise;
      assert.deepEqual(asked, ['1 at once', '1 at once']);
    } finally {
      pg.Client.prototype.query = query;
      stop();
    }
  });

  test('a change of a user tells every process that there is something to look at', async () => {
    const [a, b] = [open(), open()];
    const up = Promise.withResolvers<void>();
    const told = Promise.withResolvers<Notice>();
    b.notices.hear(told.resolve, up.resolve);
    await up.promise;
    const actor = { who: 'local', address: null };
    const account = await a.accounts.createAccount({ name: 'x', title: '', policy: {}, cidrs: [] }, actor, 1);
    await a.accounts.updateAccount(account.id, { disabled: true }, actor, 1);
    assert.deepEqual(await told.promise, { about: 'access' });
  });

  test('the first of several keys of one name stays', async () => {
    const { keys } = open();
    const [one, two] = [new Uint8Array([1]), new Uint8Array([2])];
    const [first, second] = await Promise.all([keys.addKey('k', one, 1), keys.addKey('k', two, 1)]);
    assert.deepEqual(first, second);
    const stands = await keys.sealedKey('k');
    assert.deepEqual(stands, first);
    assert.equal(await keys.replaceKey('k', new Uint8Array([9]), two, 2), false);
    assert.equal(await keys.replaceKey('k', first, new Uint8Array([3]), 2), true);
    assert.deepEqual([...((await keys.sealedKey('k')) ?? [])], [3]);
    assert.deepEqual(await keys.keyNames(), ['k']);
  });

  test('a schema with other migrations under our numbers is refused', async () => {
    const pool = postgres.pool();
    const { rows } = await pool.query('select name from schema_versions where version = 2');
    await pool.query(`update schema_versions set name = 'other' where version = 2`);
    await assert.rejects(
      open().check(),
      refused('schema_foreign', /version 2 .* is "other", this release's is "totp"/),
    );
    await pool.query('update schema_versions set name = $1 where version = 2', [rows[0].name]);
    assert.deepEqual((await open().schema()).pending, []);
  });
});
