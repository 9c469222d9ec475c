import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { randomId } from '../../crypto/index.ts';
import { type AccountId, newId } from '../../gateway/fax/ids.ts';
import { type Database, openDatabase } from '../../gateway/records/database.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { migrate } from '../../gateway/records/migrations/index.ts';
import { ACCOUNT_GRANTS, ACCOUNT_ROLE } from '../../gateway/records/wall.ts';
import { silentLog, startTestPostgres, type TestPostgres, testDatabases } from '../postgres.ts';

/**
 * Tables in which nothing is anybody's. Every other one has row-level security: a new table is here for a reason, or has
 * `enable row level security` in its migration, and a policy if statements of one account may see of it.
 */
const NOBODYS: Readonly<Record<string, string>> = {
  audit_chain: 'links of the whole log, which say nothing of entries',
  audit_heads: 'signatures over the whole log',
  carrier_breakers: 'carriers are the gateway’s',
  carrier_breaks: 'carriers are the gateway’s',
  carriers: 'carriers are the gateway’s',
  cdr_rolled: 'days',
  cdr_rolls: 'sums of all accounts together, granted to nobody',
  epochs: 'numbers of keys that wrap those of all accounts',
  lasting_keys: 'keys of the gateway, sealed',
  learned_destinations: 'what calls of all accounts have taught about numbers',
  line_types: 'what a directory says about numbers',
  login_sources: 'HMACs of who was named, known to nobody else',
  login_tries: 'HMACs of who was named, known to nobody else',
  mail_read: 'one number',
  schema_versions: 'the schema',
  settings: 'of the gateway',
  told_alerts: 'names of alerts of the gateway',
};

/** Views that an account lists from, and their tables. */
const VIEWS: Readonly<Record<string, string>> = { own_cdrs: 'cdrs', own_faxes: 'faxes' };

/** Columns that name something of an account, in whatever table they stand. */
const OWNING = ['account', 'call', 'endpoint', 'fax', 'holder', 'owner', 'scope', 'user_id'];

/** What the generic row of a table would not be allowed. */
const SPECIAL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  account_places: { decision: 'approved' },
  budget_marks: { kind: 'account', span: 'day', level: 'warned' },
  calls: { direction: 'outbound', state: 'ended' },
  carrier_purges: { outcome: 'none' },
  cdr_sums: { unit: 'day' },
  deliveries: { state: 'delivered' },
  faxes: { direction: 'outbound', state: 'delivered' },
  idempotency_keys: { state: 'running' },
  mail_outbox: { state: 'sent', ended_at: 1 },
  media_links: { format: 'tiff' },
  sending_counts: { unit: 'hour' },
  subaddresses: { subaddress: '1' },
  users: { realm: 'api' },
  vault_keys: { state: 'live' },
};

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The table and column that it refers to. */
  readonly parent: { readonly table: string; readonly column: string } | null;
}

interface Table {
  readonly name: string;
  readonly secured: boolean;
  readonly policies: number;
  readonly columns: readonly Column[];
}

const TABLES = `
  select c.relname as name, c.relrowsecurity as secured,
    (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null),
        'required', a.attnotnull and not a.atthasdef and a.attidentity = '',
        'parent', (select jsonb_build_object('table', r.relname, 'column', ra.attname)
          from pg_constraint k join pg_class r on r.oid = k.confrelid
            join pg_attribute ra on ra.attrelid = r.oid
              and ra.attnum = k.confkey[array_position(k.conkey, a.attnum)]
          where k.contype = 'f' and k.conrelid = c.oid and a.attnum = any(k.conkey) limit 1)) order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_class c
  where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  order by c.relname`;

type Row = Readonly<Record<string, unknown>>;

/** What `account` has in each table. */
type Holding = Map<string, Row>;

/** A row for each table that has row-level security, parents first. */
function holdingOf(tables: readonly Table[], account: AccountId, place: number): Holding {
  const rows: Holding = new Map();
  const rowOf = (table: Table): Row => {
    const known = rows.get(table.name);
    if (known !== undefined) return known;
    const special = SPECIAL[table.name] ?? {};
    const wanted = table.columns.filter(
      ({ name, required }) => required || name in special || (name === 'account' && table.name !== 'audit_chain'),
    );
    const row = Object.fromEntries(wanted.map((column) => [column.name, fieldOf(column, table, special)]));
    rows.set(table.name, row);
    return row;
  };
  const fieldOf = ({ name, type, parent }: Column, table: Table, special: Row): unknown => {
    if (name in special) return special[name];
    const up = parent === null ? undefined : tables.find((one) => one.name === parent.table);
    if (parent !== null && up?.secured === true) return rowOf(up)[parent.column];
    if (parent !== null) return 1;
    if (name === 'account' || name === 'owner' || (table.name === 'accounts' && name === 'id')) return account;
    if (table.name === 'budget_marks' && name === 'name') return account;
    if (name === 'fax') return rowOf(tables.find((one) => one.name === 'faxes') as Table).id;
    return plainValue(type, `${table.name} of ${account}`, place);
  };
  for (const table of tables) if (table.secured) rowOf(table);
  return rows;
}

function plainValue(type: string, text: string, place: number): unknown {
  if (type === 'bigint' || type === 'integer') return place;
  if (type === 'boolean') return false;
  if (type === 'jsonb') return '{}';
  if (type === 'bytea') return Buffer.from(text);
  return type.endsWith('[]') ? [] : text;
}

async function insert(sql: Pick<Database, 'change'>, table: string, row: Row): Promise<number> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  return sql.change(`insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`, Object.values(row));
}

/** The rows of a table that say `row`. */
function matching(row: Row): { readonly where: string; readonly values: readonly unknown[] } {
  const texts = Object.entries(row).filter(([, value]) => typeof value === 'string' && value !== '{}');
  return {
    where: texts.map(([name], index) => `"${name}" = $${index + 1}`).join(' and '),
    values: texts.map(([, value]) => value),
  };
}

const accountId = (): AccountId => newId('acc', (prefix) => randomId(prefix));
const refused = { code: '42501' };

for (const { name, start } of await testDatabases()) {
  describe(`the wall between accounts on ${name}`, () => {
    let postgres: TestPostgres;
    let records: Records;
    let database: Database;
    let tables: Table[];
    const [own, foreign] = [accountId(), accountId()];
    let [mine, theirs]: Holding[] = [];

    before(async () => {
      postgres = await start();
      records = createRecords({ pool: postgres.pool(), log: silentLog });
      await records.migrate();
      database = openDatabase(postgres.pool({ max: 2 }), silentLog);
      assert.deepEqual(await database.raiseWall(), { stands: true });
      tables = (await database.rows<Table>(TABLES)).map((table) => table);
      await database.change(`insert into epochs (number, state, opened_at) values (1, 'open', 1)`);
      mine = holdingOf(tables, own, 1);
      theirs = holdingOf(tables, foreign, 2);
      for (const rows of [mine, theirs]) for (const [table, row] of rows) await insert(database, table, row);
    });
    after(async () => {
      await records.close();
      await postgres.stop();
    });

    test('stands in every table in which something is somebody’s', () => {
      const open = tables.filter(({ secured }) => !secured).map((table) => table.name);
      assert.deepEqual(open, Object.keys(NOBODYS), 'a new table: see the comment above NOBODYS');
      const owning = tables.filter((table) => table.columns.some((column) => OWNING.includes(column.name)));
      assert.deepEqual(
        owning.filter(({ secured }) => !secured).map((table) => table.name),
        [],
      );
      assert.ok(owning.length >= 30, `${owning.length} tables`);
    });

    test('grants what statements of an account need, and nothing of other tables, partitions and sequences', async () => {
      const granted = await database.rows<{ name: string; privileges: string[] }>(
        `select c.relname as name, array_agg(p order by p) as privileges
         from pg_class c, unnest(array['delete', 'insert', 'references', 'select', 'trigger', 'truncate', 'update']) as p
         where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v')
           and has_table_privilege($1, c.oid, p) group by c.relname order by c.relname`,
        [ACCOUNT_ROLE],
      );
      const wanted = Object.entries(ACCOUNT_GRANTS).map(([table, privileges]) => [table, [...privileges].sort()]);
      assert.deepEqual(
        granted.map((one) => [one.name, one.privileges]),
        wanted.toSorted(),
      );
      const sequences = await database.rows(
        `select relname from pg_class where relnamespace = current_schema()::regnamespace
           and case relkind when 'S' then has_sequence_privilege($1, oid, 'usage, select, update') end`,
        [ACCOUNT_ROLE],
      );
      assert.deepEqual(sequences, []);
      for (const table of Object.keys(NOBODYS)) {
        await assert.rejects(database.forAccount(own).rows(`select * from ${table}`), refused, table);
      }
      for (const table of Object.keys(ACCOUNT_GRANTS)) {
        const { policies } = tables.find((one) => one.name === (VIEWS[table] ?? table)) ?? {};
        assert.equal(policies, 1, `${table} has its policy`);
      }
    });

    test('shows each account its own rows of every table it may read', async () => {
      for (const table of Object.keys(ACCOUNT_GRANTS)) {
        for (const [account, holding] of [
          [own, mine],
          [foreign, theirs],
        ] as const) {
          const { where, values } = matching(holding?.get(VIEWS[table] ?? table) ?? {});
          const found = await database.forAccount(account).rows(`select 1 from ${table} where ${where}`, values);
          const all = await database.forAccount(account).rows(`select 1 from ${table}`);
          assert.deepEqual([found.length, all.length], [1, 1], table);
        }
      }
    });

    test('lets nothing foreign be seen, changed, removed or made, even with every right to the tables', async () => {
      const walled = tables.filter(({ secured }) => secured);
      for (const { name: table, policies, columns } of walled) {
        const trial = database.transaction(async (tx) => {
          // Rolled back with all that follows it: here the policies stand alone.
          await tx.change(`grant all on ${table} to ${ACCOUNT_ROLE}`);
          await tx.change(`set local role ${ACCOUNT_ROLE}; set local sealfax.account = '${own}'`);
          const { where, values } = matching(theirs?.get(table) ?? {});
          assert.deepEqual(await tx.rows(`select 1 from ${table} where ${where}`, values), [], `${table}: read`);
          const column = columns[0]?.name ?? '';
          if (table !== 'audit') {
            // Nothing of the audit log is ever changed, by a trigger of its own.
            const changed = await tx.change(`update ${table} set ${column} = ${column} where ${where}`, values);
            assert.equal(changed, 0, `${table}: changed`);
            assert.equal(await tx.change(`delete from ${table} where ${where}`, values), 0, `${table}: removed`);
          }
          assert.equal((await tx.rows(`select 1 from ${table}`)).length, policies, `${table}: without a where`);
          await tx.change(`savepoint foreign_row`);
          const row = { ...theirs?.get(table), ...freshOf(table) };
          await assert.rejects(insert(tx, table, row), refused, `${table}: made`);
          await tx.change('rollback to foreign_row');
          throw new Done();
        });
        await assert.rejects(trial, Done, table);
      }
      assert.ok(walled.length >= 30);
    });

    test('the views that an account lists from show all columns of their tables, and nobody without a name anything', async () => {
      for (const [view, table] of Object.entries(VIEWS)) {
        const columns = await database.rows<{ relation: string; names: string[] }>(
          `select attrelid::regclass::text as relation, array_agg(attname::text order by attname) as names from pg_attribute
           where attrelid in ($1::regclass, $2::regclass) and attnum > 0 and not attisdropped group by 1 order by 1`,
          [view, table],
        );
        assert.deepEqual(columns[0]?.names, columns[1]?.names, `a later migration makes ${view} anew`);
        assert.deepEqual(await database.rows(`select 1 from ${view}`), []);
        assert.equal((await database.forAccount(own).rows(`select 1 from ${view}`)).length, 1);
        await assert.rejects(database.forAccount(own).change(`update ${view} set account = account`), refused);
        await assert.rejects(database.forAccount(own).change(`delete from ${view}`), refused);
      }
    });

    test('holds for a statement that forgets its where', async () => {
      const scoped = database.forAccount(own);
      const ids = await scoped.rows<{ account: string }>('select account from faxes');
      assert.deepEqual(ids, [{ account: own }]);
      assert.equal((await database.rows('select account from faxes')).length, 2, 'the gateway itself sees both');
      const [fax] = await database.rows<{ id: string }>('select id from faxes where account = $1', [foreign]);
      const changed = await scoped.change(`update faxes set state = 'failed'`);
      assert.equal(changed, 1);
      const kept = await database.row<{ state: string }>('select state from faxes where id = $1', [fax?.id]);
      assert.equal(kept?.state, 'delivered');
      await assert.rejects(scoped.change('update faxes set account = $1', [foreign]), refused);
    });

    test('names an account for one transaction only, and gives the connection back as it was', async () => {
      const single = openDatabase(postgres.pool({ max: 1 }), silentLog);
      await single.raiseWall();
      const standing = `select current_user::text as who, current_setting('sealfax.account', true) as account`;
      const [first] = await single.rows<{ who: string }>(standing);
      assert.deepEqual(await single.forAccount(own).rows(standing), [{ who: ACCOUNT_ROLE, account: own }]);
      const [afterwards] = await single.rows<{ who: string; account: string | null }>(standing);
      assert.deepEqual([afterwards?.who, afterwards?.account], [first?.who, '']);
      await assert.rejects(single.forAccount(own).transaction((tx) => tx.rows('select 1 / 0')));
      assert.equal((await single.row<{ who: string }>(standing))?.who, first?.who);
      // Somebody who takes the role and names nobody is nobody.
      const none = single.transaction(
        (tx) => tx.rows('select id from accounts'),
        `begin; set local role ${ACCOUNT_ROLE}`,
      );
      assert.deepEqual(await none, []);
    });

    test('is of one account: what names no account, or another one, is our fault', () => {
      assert.throws(() => database.forAccount(`acc_x'; reset role --` as AccountId), { code: 'usage' });
      assert.throws(() => database.forAccount('' as AccountId), { code: 'usage' });
      assert.throws(() => database.forAccount(own).forAccount(foreign), { code: 'usage' });
      assert.equal(typeof database.forAccount(own).forAccount(own).rows, 'function');
    });

    test('a view shows its account alone, whatever it is asked for', async () => {
      const [fax] = await database.rows<{ id: never }>('select id from faxes where account = $1', [foreign]);
      const id = fax?.id as never;
      const view = records.view(own);
      assert.equal(await view.faxes.fax(id), undefined);
      assert.deepEqual([await view.faxes.pages(id), await view.faxes.calls(id)], [[], []]);
      assert.deepEqual(await view.faxes.callRecords(id), []);
      const { items } = await view.faxes.faxes({ limit: 10 });
      assert.deepEqual(
        items.map(({ account }) => account),
        [own],
      );
      assert.deepEqual((await view.faxes.cdrs({ account: foreign, limit: 10 })).items, []);
      assert.deepEqual(await view.events.read(foreign, 0, 10), []);
      assert.deepEqual(await view.accounts.users('api', foreign), []);
      assert.deepEqual(await view.accounts.numbers(foreign), []);
      assert.equal(await view.vault.receipt(id), undefined);
      assert.deepEqual(await view.purges.purgesOf(id), []);
      const all = await records.view(null).faxes.faxes({ limit: 10 });
      assert.equal(all.items.length, 2);
      assert.equal(records.view(own), view, 'made once');
    });
  });
}

class Done extends Error {}

/** Another key, so that nothing but the policy stands against a second row. */
function freshOf(table: string): Row {
  const id = { id: randomId('row') };
  if (['accounts'].includes(table)) return { ...id, name: randomId('acc') };
  return {};
}

describe('where no role may be made', () => {
  let postgres: TestPostgres;
  let admin: pg.Pool;
  before(async () => {
    postgres = await startTestPostgres();
    admin = postgres.pool({ user: 'postgres' });
    await admin.query(`drop role ${ACCOUNT_ROLE}`);
  });
  after(() => postgres.stop());

  test('the gateway goes on without the wall, and says what is to be done', async () => {
    const database = openDatabase(postgres.pool(), silentLog);
    await migrate(database);
    const state = await database.raiseWall();
    assert.deepEqual(state, {
      stands: false,
      why: 'as a superuser run: create role sealfax_account nologin; grant sealfax_account to "sealfax"; then start again',
    });
    assert.equal(database.forAccount(accountId()), database);
  });

  test('it stands after the next start when that was done, and one that falls later is not passed by', async () => {
    await admin.query(`create role ${ACCOUNT_ROLE} nologin; grant ${ACCOUNT_ROLE} to sealfax`);
    const database = openDatabase(postgres.pool(), silentLog);
    assert.deepEqual(await database.raiseWall(), { stands: true });
    const account = accountId();
    assert.deepEqual(await database.forAccount(account).rows('select id from accounts'), []);
    await admin.query(`revoke ${ACCOUNT_ROLE} from sealfax`);
    await assert.rejects(database.forAccount(account).rows('select id from accounts'), refused);
  });
});
