import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Passkey } from '../../../api/client/index.ts';
import type { Bends } from '../client/small-gateway.ts';
import { administer, json } from './administrator.ts';

const AT = '2026-01-15T12:00:00.000Z';
const PASSKEY: Passkey = {
  ...{ id: 'pky_1', user: 'usr_1', name: 'Key\u001b[31m', host: 'fax.example.org', synced: false },
  ...{ createdAt: AT, usedAt: null },
};
const USERS = { items: [{ id: 'usr_1', name: 'anna' }] };

describe('sealfax admin passkey', () => {
  const answer: Bends['answer'] = ({ head }) => {
    if (head.m === 'DELETE') return { status: 204, body: [] };
    return json(head.p === '/v1/admin/users' ? USERS : { items: [PASSKEY] });
  };
  const run = (...argv: string[]) => administer(answer, argv);

  test('lists those of an administrator, without what would steer a terminal', async () => {
    const done = await run('admin', 'passkey', 'list', 'anna');
    assert.equal(done.status, 0, done.err);
    assert.deepEqual(done.requests, ['GET /v1/admin/users', 'GET /v1/admin/users/usr_1/passkeys']);
    assert.match(done.out, /pky_1 +Key.* +fax\.example\.org +one device +2026-01-15T12:00:00\.000Z +never/);
    assert.ok(!done.out.includes('\u001b'));
  });

  test('removes one, and knows whose it is', async () => {
    const done = await run('admin', 'passkey', 'remove', 'anna', 'pky_1');
    assert.deepEqual(done.requests, ['GET /v1/admin/users', 'DELETE /v1/admin/users/usr_1/passkeys/pky_1']);
    assert.equal(done.out, 'pky_1 is removed\n');
    const nobody = await run('admin', 'passkey', 'remove', 'ben', 'pky_1');
    assert.notEqual(nobody.status, 0);
    assert.deepEqual(nobody.requests, ['GET /v1/admin/users']);
  });
});
