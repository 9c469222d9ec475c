import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verifyPassword } from '../../crypto/index.ts';
import type { User } from '../../gateway/fax/account.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../postgres.ts';

const MAIN = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));
const HOST = { who: 'local', address: null };

describe('sealfax rescue', () => {
  let postgres: TestPostgres;
  let records: Records;
  let owner: User;
  const scratch = join(tmpdir(), `sealfax-rescue-${process.pid}`);

  before(async () => {
    postgres = await startTestPostgres();
    records = createRecords({ pool: postgres.pool(), log: silentLog });
    await records.migrate();
    const verifiers = { passwordHash: '$argon2id$lost', secretMac: null };
    const rank = { role: 'owner', scope: null } as const;
    const wish = { realm: 'admin', account: null, name: 'owner', verifiers, cidrs: ['192.0.2.1/32'], rank } as const;
    owner = await records.accounts.createUser(wish, HOST, Date.now());
    const secret = new Uint8Array(49);
    await records.accounts.updateUser(owner.id, { totpPending: secret }, HOST, Date.now());
    await records.accounts.confirmTotp(owner.id, secret, 1, null, HOST, Date.now());
    await records.accounts.putRecoveryCodes(owner.id, [new Uint8Array(32)], HOST, Date.now());
  });
  after(async () => {
    await records?.close();
    await postgres.stop();
    for (const path of [scratch, `${scratch}-keys`]) await rm(path, { recursive: true, force: true });
  });

  const run = (...args: string[]) => {
    const { host = '', port, user, database } = postgres.config;
    const url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
    const env = { PATH: process.env.PATH, DATABASE_URL: url, SEALFAX_DATA_DIR: scratch };
    return spawnSync(process.execPath, [MAIN, 'rescue', ...args], { env, encoding: 'utf8', timeout: 60_000 });
  };

  test('gives an administrator a password that opens alone and from anywhere', async () => {
    const { stdout, stderr, status } = run('owner');
    assert.equal(status, 0, stderr);
    const password = /^owner logs in .*\n {2}(\S+)\n$/.exec(stdout)?.[1] ?? '';
    const row = await records.accounts.accessById(owner.id);
    assert.equal(await verifyPassword(row?.verifiers.passwordHash ?? '', password), true);
    assert.deepEqual([row?.totp, row?.user.cidrs, row?.user.role], [null, [], 'owner']);
    assert.equal((await records.accounts.secondSteps(owner.id))?.recoveryCodes, 0);
    const done = (await records.accounts.auditLog({ limit: 3 })).map(({ actor, action }) => `${actor} ${action}`);
    assert.deepEqual(done, ['local user.update', 'local totp.remove', 'local user.password']);
  });

  test('names the administrators when there is none of that name', () => {
    const { stderr, status } = run('ovner');
    assert.equal(status, 1);
    assert.match(stderr, /finds no administrator "ovner"; there are: owner/);
  });
});
