import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccountId, UserId } from '../../gateway/fax/ids.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import type { CdrQuery, FaxQuery } from '../../gateway/ports/fax-records.ts';
import type { WebhookRecords } from '../../gateway/ports/webhook-records.ts';
import { readInTurn } from '../../gateway/records/cdr-records.ts';
import { summary } from '../../gateway/records/cdr-summary.ts';
import { type Database, openDatabase } from '../../gateway/records/database.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { listCdrs, listFaxes } from '../../gateway/records/lists.ts';
import { createWebhookRecords } from '../../gateway/records/webhook-records.ts';
import { silentLog, type TestPostgres, testDatabases } from '../postgres.ts';
import { freshNumber } from './fax-records-world.ts';

/** Enough that a list which reads an account to its end stands out; nearly half of them are the first account's. */
const FAXES = 8_000;
const LIMIT = 50;
/** Of reports: each has a sum for every month, country and result. */
const ACCOUNTS = 100;
const MONTHS = 24;
/** Rows that a page of 50 may read, of all months and sides of a number together. */
const MOST_READ = 600;

const OWN = 'acc_00000000000000000000000001' as AccountId;
const USER = 'usr_0000000000000000000000000a' as UserId;
const NOBODY = 'usr_0000000000000000000000000b' as UserId;

/**
 * A fax and a CDR every minute. Two accounts have the most; neither has ever failed or received, which others have. One in
 * eight bears a tag that many have, each another one of its own.
 */
const FILL = `
insert into accounts (id, name, title, policy, cidrs, created_at)
select 'acc_' || lpad(k::text, 26, '0'), 'a' || k, '', '{}', '{}', 0 from generate_series(1, 20) k;
insert into faxes (id, account, user_id, direction, state, to_number, pages, retries, retry_interval, priority, options, policy,
  line, tags, documents, created_at, updated_at, finished_at, image_exists)
select 'fax_' || lpad(n::text, 26, '0'), 'acc_' || lpad(k::text, 26, '0'), case when n % 100 = 0 then '${USER}' else 'usr_' || k end,
  case when k > 2 and n % 3 = 0 then 'inbound' else 'outbound' end, case when k > 2 and n % 7 = 0 then 'failed' else 'delivered' end,
  '+4930' || lpad((n % 1000)::text, 7, '0'), 1, 3, 120, 5, '{}', '{}', '{}',
  jsonb_build_object('case', 'A-' || n) || case when n % 8 = 0 then '{"dept":"radiology"}' else '{}' end::jsonb, 1, at, at, at, false
from (select n, case n % 10 when 0 then 3 + n / 10 % 18 when 1 then 3 + n / 10 % 18 else 1 + n % 2 end as k, n * 60000::bigint as at
  from generate_series(1, ${FAXES}) n) drawn;
insert into cdrs (id, account, user_id, fax, call, direction, to_number, carrier, reference, attempt, started_at, ended_at,
  duration, pages, pages_sent, result, cause, detail, billable, fax_state, tags)
select 'cdr_' || substr(id, 5), account, user_id, id, 'call_' || substr(id, 5), direction, to_number, 'loop', '', 1, created_at,
  created_at, 0, 1, 1, case state when 'delivered' then 'ok' else 'failed' end, case state when 'delivered' then 'ok' else 'busy' end,
  '', true, state, tags from faxes;
insert into endpoints (id, account, url, types, sealed_secrets, disabled, created_at)
select 'we_' || substr(id, 5), id, 'https://127.0.0.1/', '{}', '', false, 0 from accounts;
insert into deliveries (id, account, endpoint, event, seq, type, state, created_at)
select 'dlv_' || substr(id, 5), account, 'we_' || substr(account, 5), id, 1, '', case state when 'delivered' then state else 'given_up' end,
  created_at from faxes;
insert into cdr_sums (account, unit, slot, direction, carrier, cause, result, country, cdrs, calls, pages, billable_calls, billable_seconds)
select 'acc_' || lpad(k::text, 26, '0'), 'month', extract(epoch from timestamp '1970-01-01' + n * interval '1 month') * 1000, 'outbound',
  'carrier-' || n % 2, case result when 'ok' then 'ok' else 'busy' end, result, country, 1, 1, 1, 1, 1
from generate_series(1, ${ACCOUNTS}) k, generate_series(0, ${MONTHS} - 1) n, unnest(array['AT', 'CH', 'DE']) country,
  unnest(array['ok', 'failed', 'partial', 'canceled']) result;
analyze cdr_sums; analyze accounts; analyze faxes; analyze cdrs; analyze endpoints; analyze deliveries`;

/** A node of a plan that has run (PostgreSQL, EXPLAIN). */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows that a plan took from tables, those that it threw away included. */
function rowsRead(node: PlanNode): number {
  const all =
    node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const here = node['Relation Name'] === undefined ? 0 : all * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, one) => sum + rowsRead(one), here);
}

/** `database`, which counts what each of its reading statements reads. */
function counting(database: Database): Database & { read: () => number } {
  let read = 0;
  const rows: Database['rows'] = async (text, values) => {
    const [first] = await database.rows<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, timing off, format json) ${text}`,
      values,
    );
    assert.ok(first);
    read += rowsRead(first['QUERY PLAN'][0].Plan);
    return database.rows(text, values);
  };
  const own: Database & { read: () => number } = { ...database, rows, forAccount: () => own, read: () => read };
  return own;
}

for (const { name, start } of await testDatabases()) {
  describe(`lists of an account behind the wall on ${name}`, () => {
    let postgres: TestPostgres;
    let records: Records;
    let database: Database;
    before(async () => {
      postgres = await start();
      records = createRecords({ pool: postgres.pool(), log: silentLog });
      await records.migrate();
      const pool = postgres.pool({ max: 2 });
      await pool.query(FILL);
      database = openDatabase(pool, silentLog);
      assert.deepEqual(await database.raiseWall(), { stands: true });
    });
    after(async () => {
      await records.close();
      await postgres.stop();
    });

    /** What a page of `list` holds, read through as few rows as it should be. */
    async function few(what: string, list: (own: Database) => Promise<{ items: readonly { account: string }[] }>) {
      const own = counting(database.forAccount(OWN));
      const { items } = await list(own);
      assert.ok(own.read() <= MOST_READ, `${what}: ${own.read()} rows read for ${items.length}`);
      assert.ok(items.every(({ account }) => account === OWN));
      return items.length;
    }

    const number = parseE164(`+4930${'42'.padStart(7, '0')}`);
    const nobody = freshNumber();

    test('faxes are found by everything that can be asked for without reading the account to its end', async () => {
      const filters: readonly (readonly [Partial<FaxQuery>, number])[] = [
        [{}, LIMIT],
        [{ user: USER }, 0],
        [{ user: NOBODY }, 0],
        [{ tag: { name: 'case', value: 'A-8' } }, 1],
        [{ tag: { name: 'case', value: 'A-0' } }, 0],
        [{ tag: { name: 'dept', value: 'radiology' } }, LIMIT],
        [{ direction: 'inbound' }, 0],
        [{ direction: 'inbound', states: ['handed_over'] }, 0],
        ...(['failed', 'partial', 'uncertain', 'canceled', 'queued', 'received', 'handed_over', 'wiped'] as const).map(
          (state) => [{ states: [state] }, 0] as const,
        ),
        [{ number }, 8],
        [{ number: nobody }, 0],
        [{ since: 60_000, until: 120_000 }, 0],
      ];
      for (const [filter, found] of filters) {
        const what = JSON.stringify(filter);
        assert.equal(await few(what, (own) => listFaxes(own, { account: OWN, limit: LIMIT, ...filter })), found, what);
      }
    });

    test('so are CDRs', async () => {
      const filters: readonly (readonly [Partial<CdrQuery>, number])[] = [
        [{}, LIMIT],
        [{ user: NOBODY }, 0],
        [{ tag: { name: 'case', value: 'A-8' } }, 1],
        [{ tag: { name: 'case', value: 'A-0' } }, 0],
        [{ tag: { name: 'dept', value: 'radiology' } }, LIMIT],
        [{ direction: 'inbound' }, 0],
        [{ result: 'uncertain' }, 0],
        [{ cause: 'line_lost' }, 0],
        [{ carrier: 'none' }, 0],
        [{ country: '+1' }, 0],
        [{ number }, 8],
        [{ number: nobody }, 0],
      ];
      for (const [filter, found] of filters) {
        const what = JSON.stringify(filter);
        assert.equal(await few(what, (own) => listCdrs(own, { account: OWN, limit: LIMIT, ...filter })), found, what);
      }
    });

    test('a report by account of what failed reads the sums of that alone, and of what else is asked for each sum once', async () => {
      const report = {
        from: '1970-01-01',
        to: '1972-01-01',
        timeZone: 'UTC',
        group: 'month',
        by: ['account'],
      } as const;
      for (const [filter, lines, read] of [
        [{ result: 'failed' }, ACCOUNTS * MONTHS, 3 * ACCOUNTS * MONTHS],
        [{ result: 'failed', carrier: 'carrier-1' }, (ACCOUNTS * MONTHS) / 2, 3 * ACCOUNTS * MONTHS],
        [{ country: 'AT' }, ACCOUNTS * MONTHS, 12 * ACCOUNTS * MONTHS],
      ] as const) {
        const all = counting(database);
        const { sums } = await summary(all, readInTurn(), { ...report, filter }, true);
        assert.deepEqual([sums.length, all.read()], [lines, read], JSON.stringify(filter));
      }
    });

    test('so are deliveries of webhooks', async () => {
      const filters: readonly (readonly [Partial<Parameters<WebhookRecords['deliveries']>[1]>, number])[] = [
        [{}, LIMIT],
        [{ state: 'pending' }, 0],
        [{ state: 'given_up' }, 0],
      ];
      for (const [filter, found] of filters) {
        const list = (own: Database) => createWebhookRecords(own).deliveries(OWN, { limit: LIMIT, ...filter });
        assert.equal(await few(JSON.stringify(filter), list), found);
      }
    });
  });
}
