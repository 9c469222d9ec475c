import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEntry } from '../../../api/client/index.ts';
import { readAudit } from '../../../api/console/audit-reading.ts';

/** A log of so many entries at each moment, newest first, that answers as the gateway does. */
function logOf(moments: readonly (readonly [at: string, entries: number])[]) {
  const entries = moments.flatMap(([at, many]) =>
    Array.from({ length: many }, (_, place): AuditEntry => {
      const object = `${at} ${place}`;
      return { at, actor: 'local', address: null, account: null, action: 'fax.accept', object, detail: {} };
    }),
  );
  const asked: unknown[] = [];
  const audit = async (query: { account?: string; before?: string; limit?: number } = {}) => {
    asked.push(query);
    const { before, limit = 0 } = query;
    return entries.filter(({ at }) => before === undefined || at < before).slice(0, limit);
  };
  return { entries, asked, log: { audit } };
}

async function readAll(log: ReturnType<typeof logOf>['log'], before?: string): Promise<AuditEntry[]> {
  const read: AuditEntry[] = [];
  for (let cursor: string | null | undefined = ''; typeof cursor === 'string'; ) {
    const { items, next } = await readAudit(log, { account: '', before }, cursor);
    read.push(...items);
    cursor = next;
  }
  return read;
}

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 8, 0, second)).toISOString();

describe('the audit log in the console', () => {
  test('is read to its end, each entry once, when a reading ends amid entries of one moment', async () => {
    const { entries, log } = logOf([
      [at(9), 60],
      [at(8), 130],
      [at(7), 99],
      [at(6), 1],
      [at(5), 12],
    ]);
    assert.deepEqual(await readAll(log), entries);
  });

  test('is read at once when it is short, and an empty one has an end', async () => {
    const { entries, log, asked } = logOf([[at(9), 99]]);
    assert.deepEqual(await readAll(log), entries);
    assert.deepEqual(asked, [{ limit: 100 }]);
    assert.deepEqual(await readAll(logOf([]).log), []);
  });

  test('begins before a moment, and is that of one account', async () => {
    const { entries, log, asked } = logOf([
      [at(9), 3],
      [at(8), 2],
    ]);
    assert.deepEqual(await readAll(log, at(9)), entries.slice(3));
    await readAudit(log, { account: 'acc_1' });
    assert.deepEqual(asked.at(-1), { account: 'acc_1', limit: 100 });
  });
});
