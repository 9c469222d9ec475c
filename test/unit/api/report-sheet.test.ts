import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reportSheet } from '../../../api/report-sheet.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { FaxError } from '../../../gateway/fax/errors.ts';
import type { AccountId } from '../../../gateway/fax/ids.ts';
import type { CdrSum, CdrSummaryQuery } from '../../../gateway/ports/cdr-records.ts';

const CLINIC = 'acc_00000000000000000000000001' as AccountId;
/** Eight in the evening of a Sunday in Berlin, and already Monday in Auckland. */
const AT = Date.UTC(2026, 10, 22, 19);
const SUM: CdrSum = {
  ...{ start: Date.UTC(2026, 10, 21, 23), account: null, user: null, direction: null, number: null, country: null },
  ...{ carrier: null, result: null, cause: null, cdrs: 4, calls: 4, delivered: 3, pages: 9, billableCalls: 3 },
  ...{ billableSeconds: 190, cost: 1_250_000, unpricedCalls: 0, connect: null, open: null },
};

/** The sheet of a saved question, and what the records were asked. */
async function sheet(
  query: Record<string, unknown>,
  sums: readonly CdrSum[],
  more: { owner?: AccountId; masked?: boolean; timeZone?: string } = {},
) {
  const asked: CdrSummaryQuery[] = [];
  const parts = {
    cdrs: {
      summary: async (one: CdrSummaryQuery) => {
        asked.push(one);
        return { source: 'sums' as const, sums };
      },
    },
    account: async (id: AccountId) => (id === CLINIC ? ({ id, name: 'clinic' } as Account) : undefined),
    currency: 'EUR',
  };
  const report = { name: 'x', title: '', query, changedBy: 'local', changedAt: 0 };
  const { owner = null, masked = false, timeZone = 'Europe/Berlin' } = more;
  return { sheet: await reportSheet(parts, { report, owner, timeZone, at: AT, masked }), asked };
}

describe('a saved report as a sheet', () => {
  test('asks for the days of its moment, in the time zone of the schedule where it has none', async () => {
    const yesterday = { period: 'yesterday', group: 'total' };
    const { asked } = await sheet(yesterday, []);
    assert.deepEqual([asked[0]?.from, asked[0]?.to, asked[0]?.timeZone], ['2026-11-21', '2026-11-22', 'Europe/Berlin']);
    const far = await sheet(yesterday, [], { timeZone: 'Pacific/Auckland' });
    assert.deepEqual([far.asked[0]?.from, far.asked[0]?.to], ['2026-11-22', '2026-11-23']);
    const own = await sheet({ ...yesterday, timeZone: 'UTC' }, []);
    assert.equal(own.asked[0]?.timeZone, 'UTC');
  });

  test('is of the account that has it, and of nobody else', async () => {
    const other = 'acc_00000000000000000000000002';
    assert.equal((await sheet({ account: other }, [], { owner: CLINIC })).asked[0]?.account, CLINIC);
    assert.equal((await sheet({ account: other }, [])).asked[0]?.account, other);
    assert.equal((await sheet({}, [])).asked[0]?.account, undefined);
  });

  test('has a line for each sum, with accounts by their names', async () => {
    const found = await sheet({ group: 'day', by: ['account', 'cause'] }, [{ ...SUM, account: CLINIC, cause: 'busy' }]);
    assert.deepEqual(found.sheet.head, [
      ...['day', 'account', 'cause', 'records', 'calls', 'delivered', '%', 'pages', 'billable', 'seconds', 'EUR'],
    ]);
    assert.deepEqual(found.sheet.rows, [
      ['2026-11-22', 'clinic', 'busy', '4', '4', '3', '75.0', '9', '3', '190', '1.25'],
    ]);
    const hour = await sheet({ group: 'hour' }, [{ ...SUM, start: AT }]);
    assert.equal(hour.sheet.rows[0]?.[0], '2026-11-22 20:00');
  });

  test('has times where they were asked for', async () => {
    const timed = { ...SUM, connect: { p50: 4_200, p95: 9_000 }, open: null };
    const found = await sheet({ group: 'total', percentiles: true }, [timed, SUM]);
    assert.deepEqual(found.sheet.head.slice(-4), ['connect 50 %', 'connect 95 %', 'open 50 %', 'open 95 %']);
    assert.deepEqual(
      found.sheet.rows.map((row) => row.slice(-4)),
      [
        ['4.2', '9.0', '-', '-'],
        ['-', '-', '-', '-'],
      ],
    );
  });

  test('shows the ends of numbers alone to those who see no more', async () => {
    const query = { group: 'total', by: ['number'] };
    const sums = [{ ...SUM, number: '+49301234567' }];
    assert.equal((await sheet(query, sums)).sheet.rows[0]?.[0], '+49301234567');
    assert.equal((await sheet(query, sums, { masked: true })).sheet.rows[0]?.[0], '+•••••••4567');
  });

  test('of a question of an earlier release that nobody can read any more is a fault to be told', async () => {
    await assert.rejects(
      sheet({ group: 'decade' }, []),
      (error) => error instanceof FaxError && error.code === 'option_invalid',
    );
  });
});
