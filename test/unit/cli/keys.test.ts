import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { GatewayKey } from '../../../api/client/index.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { jsonBody, type Opened, startSmallGateway } from '../client/small-gateway.ts';
import { administer, json } from './administrator.ts';
import { rememberingIo } from './console.ts';

const ABOUT = 'signs receipts of erased faxes';
const KEYS: GatewayKey[] = [
  {
    ...{ use: 'receipt', kid: 'new', algorithm: 'ES512', state: 'current' },
    ...{ since: '2026-01-15T12:00:00.000Z', until: null, about: ABOUT, rotates: true },
  },
  {
    ...{ use: 'receipt', kid: 'old', algorithm: 'ES512', state: 'retired' },
    ...{ since: '2025-01-15T12:00:00.000Z', until: '2026-01-15T12:00:00.000Z', about: ABOUT, rotates: false },
  },
  {
    ...{ use: 'record-seal', kid: null, algorithm: 'A256GCM', state: 'current' },
    ...{ since: null, until: null, about: 'seals codes', rotates: false },
  },
];

describe('sealfax keys', () => {
  const run = (argv: readonly string[], value: unknown) => administer(() => json(value), argv);

  test('lists what signs, since when, and what it is for', async () => {
    const { status, out, requests } = await run(['keys', 'list'], { items: KEYS });
    assert.deepEqual([status, requests], [0, ['GET /v1/admin/keys']]);
    const rows = out.trim().split('\n');
    assert.match(rows[0] ?? '', /^key +id +state +since +until +what it does$/);
    assert.match(rows[1] ?? '', new RegExp(`^receipt +new +current +2026-.* +– +${ABOUT}$`));
    assert.match(rows[3] ?? '', /^record-seal +– +current +– +– +seals codes$/);
    const json = await run(['keys', 'list', '--json'], { items: KEYS });
    assert.deepEqual(
      json.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      KEYS,
    );
  });

  test('rotates the key that is named, and shows what is in use then', async () => {
    const { status, out, requests } = await run(['keys', 'rotate', 'receipt'], { items: KEYS });
    assert.deepEqual([status, requests], [0, ['POST /v1/admin/keys/rotate {"key":"receipt"}']]);
    assert.match(out, /new/);
    assert.doesNotMatch(out, /old/);
    const wrong = await run(['keys', 'rotate', 'record-seal'], {});
    assert.deepEqual([wrong.status, wrong.requests], [2, []]);
    assert.match(wrong.err, /one of handshake, receipt, webhook, next-root, root/);
  });

  test('writes the statement to a file that was not there', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'sealfax-statement-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const value = { sealfax: 'keys', v: 1, statement: 'a.b.c', roots: [] };
    const file = join(folder, 'keys.json');
    assert.equal((await run(['keys', 'statement', '--out', file], value)).status, 0);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), value);
    assert.notEqual((await run(['keys', 'statement', '--out', file], value)).status, 0);
    assert.deepEqual(JSON.parse((await run(['keys', 'statement'], value)).out), value);
  });

  test('users are listed with what they may do, and until when an old secret goes on', async () => {
    const requests: string[] = [];
    const account = { id: 'acc_1', name: 'acme' };
    const user = {
      ...{ id: 'usr_1', realm: 'api', account: 'acc_1', name: 'printer', disabled: false, cidrs: [], clientKey: null },
      ...{ totp: false, role: null, scope: null, scopes: ['send'], oldSecretUntil: '2026-01-16T12:00:00.000Z' },
    };
    const answer = ({ head, body }: Opened) => {
      if (head.p !== '/v1/session') requests.push(`${head.m} ${head.p} ${body.toString()}`.trim());
      if (head.p.endsWith('/secret'))
        return { status: 200, body: jsonBody({ secret: 'sfk_new', oldSecretUntil: null }) };
      if (head.p.endsWith('/secret/old')) return { status: 200, body: jsonBody(user) };
      return { status: 200, body: jsonBody({ items: [head.p.endsWith('/users') ? user : account], ...account }) };
    };
    const gateway = await startSmallGateway({ answer });
    const environment = { SEALFAX_ADMIN_CONNECTION: gateway.connection, SEALFAX_ADMIN_SECRET: 'owner' };
    const tell = async (...argv: string[]) => {
      const { io, shown } = rememberingIo();
      return { status: await runCli(argv, environment, io), ...shown };
    };
    try {
      assert.match(
        (await tell('user', 'list', 'acme')).out,
        /^printer +usr_1 +enabled, old secret until 2026-.* +send +anywhere$/m,
      );
      assert.equal((await tell('user', 'secret', 'acme', 'printer', '--overlap', '72')).out, 'sfk_new\n');
      assert.equal((await tell('user', 'secret', 'acme', 'printer', '--end-old')).status, 0);
      assert.equal((await tell('user', 'secret', 'acme', 'printer', '--overlap', '721')).status, 2);
      assert.equal((await tell('user', 'change', 'acme', 'printer', '--scope', 'fly')).status, 2);
      const [rotated, ended] = requests.filter((request) => request.includes('/secret'));
      assert.equal(rotated, 'POST /v1/admin/users/usr_1/secret {"overlap":259200}');
      assert.equal(ended, 'DELETE /v1/admin/users/usr_1/secret/old');
    } finally {
      await gateway.close();
    }
  });
});
