import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import { problemOf } from '../../../api/errors.ts';
import { openDatabase } from '../../../gateway/records/database.ts';
import { RecordsError } from '../../../gateway/records/index.ts';
import { silentLog } from '../../postgres.ts';

test('a database without room is told apart from one that does not answer, and answered with 507', async () => {
  const noRoom = Object.assign(new Error('could not extend file "base/1/2": No space left on device'), {
    code: '53100',
  });
  const pool = { on: () => pool, query: () => Promise.reject(noRoom) };
  const database = openDatabase(pool as unknown as pg.Pool, silentLog);
  await assert.rejects(database.change('insert'), (error) => {
    assert.ok(error instanceof RecordsError && error.code === 'full' && error.cause === noRoom);
    const { status, body } = problemOf(error);
    assert.deepEqual([status, body.code], [507, 'storage_full']);
    assert.doesNotMatch(JSON.stringify(body), /base.1/);
    return true;
  });
});
