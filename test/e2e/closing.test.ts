import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { runCli } from '../../ops/cli/index.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { rememberingIo } from '../unit/cli/console.ts';

/** Until `done` answers something. */
async function until<T>(what: string, done: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await done();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(what);
}

test('an account is closed in the middle of a call: the call ends, its pages are wiped, and the account is erased', async (t) => {
  const { path, remove } = await benchDirectory();
  const gateway = await startGateway(
    readConfig({
      SEALFAX_DATA_DIR: path,
      SEALFAX_PORT: '0',
      SEALFAX_LOG_LEVEL: 'silent',
      SEALFAX_LOOPBACK_SPEED: '2400',
    }),
  );
  t.after(async () => {
    await gateway.stop();
    await Promise.all([remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
  });
  assert.ok(gateway.firstStart !== null);
  const { admin: owner, api } = gateway.firstStart;
  const admin = connectAdmin(owner.connection, owner.password);
  const client = connect(api.connection, api.secret);
  t.after(() => Promise.all([admin.close(), client.close()]));
  const main = (await admin.accounts()).find(({ name }) => name === 'main');
  assert.ok(main);
  const { id } = await client.faxes.send({ to: '+15550100001', documents: [await sampleLetter()] });
  const stateOf = async () => (await admin.faxes.get(id)).state;
  await until('the call began', async () => ((await stateOf()) === 'sending' ? true : undefined));

  const { io, shown } = rememberingIo();
  const environment = { SEALFAX_ADMIN_CONNECTION: owner.connection, SEALFAX_ADMIN_SECRET: owner.password };
  assert.equal(await runCli(['account', 'close', 'main', '--days', '0'], environment, io), 0, shown.err);
  await assert.rejects(client.numbers());
  const erased = await until('the account was erased', async () => {
    const { erasedAt, disabled } = await admin.account(main.id);
    return erasedAt === null ? undefined : disabled;
  });
  assert.equal(erased, true);
  const fax = await admin.faxes.get(id);
  assert.equal(fax.imageExists, false);
  assert.ok(['canceled', 'partial', 'uncertain'].includes(fax.state), fax.state);
  const [cdr] = (await admin.cdrs({ account: main.id })).items;
  assert.equal(cdr?.fax, id, 'its record stays');
  const { receipt } = await admin.faxes.receipt(id);
  assert.ok(receipt.length > 100);
});
