import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { runCli } from '../../ops/cli/index.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { rememberingIo } from '../unit/cli/console.ts';

const PASSWORD = 'a long enough password';

test('administrators of a gateway with a listener for them come in there, by the command line too', async (t) => {
  const { path, remove } = await benchDirectory();
  const config = {
    ...{ SEALFAX_DATA_DIR: path, SEALFAX_PORT: '0', SEALFAX_LOG_LEVEL: 'silent', SEALFAX_LOOPBACK_SPEED: 'instant' },
    ...{ SEALFAX_ADMIN_LISTEN: '127.0.0.1:0', SEALFAX_ADMIN_CIDRS: '127.0.0.0/8,::1/128' },
  };
  const gateway = await startGateway(readConfig(config));
  t.after(async () => {
    await gateway.stop();
    await Promise.all([remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
  });
  assert.ok(gateway.firstStart !== null && gateway.door !== null);
  const { adminUrl, url } = gateway.door;
  assert.notEqual(adminUrl, url);
  const { admin: owner, api } = gateway.firstStart;
  assert.ok(owner.connection.includes(`:${new URL(adminUrl).port}`), 'the owner is told the right door');

  const client = connect(api.connection, api.secret);
  assert.ok(await client.numbers());
  await client.close();
  const lost = connectAdmin(gateway.connection('main', 'owner').replace('//main', '//admin'), owner.password);
  await assert.rejects(lost.me(), { code: 'realm_forbidden' });
  await lost.close();

  const run = async (argv: readonly string[], input = '') => {
    const { io, shown } = rememberingIo({ input });
    const environment = { SEALFAX_ADMIN_CONNECTION: owner.connection, SEALFAX_ADMIN_SECRET: owner.password };
    const status = await runCli(argv, environment, io);
    return { status, text: shown.out + shown.err };
  };
  // Connection strings as they were at the first start, each with the port of its realm.
  assert.equal((await run(['user', 'connection', 'main', 'app'])).text, `${api.connection}\n`);
  assert.equal((await run(['user', 'connection', 'admin', 'owner'])).text, `${owner.connection}\n`);

  const added = await run(['admin', 'user', 'add', 'eve', '--role', 'auditor', '--account', 'main'], PASSWORD);
  assert.equal(added.status, 0, added.text);
  assert.match((await run(['admin', 'user', 'list'])).text, /eve .* auditor +main .*\n/);
  const eve = connectAdmin(gateway.connection('admin', 'eve'), PASSWORD);
  t.after(() => eve.close());
  assert.partialDeepStrictEqual(await eve.me(), { name: 'eve', role: 'auditor', scope: { name: 'main' } });
  await assert.rejects(eve.administrators(), { code: 'role_forbidden' });
  assert.match((await run(['admin', 'user', 'role', 'eve', '--role', 'operator'])).text, /eve operator all accounts/);
  assert.match((await run(['admin', 'user', 'disable', 'eve'])).text, /eve disabled/);
  const owners = await run(['admin', 'user', 'disable', 'owner']);
  assert.match(owners.text, /last_owner/);
  assert.notEqual(owners.status, 0);
  assert.equal((await run(['user', 'create', 'admin', 'mallory'])).status, 2);
});
