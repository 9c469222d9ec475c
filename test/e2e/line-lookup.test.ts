import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory } from '../../ops/bench/service.ts';
import { readConfig } from '../../ops/config.ts';
import { startGateway } from '../../ops/gateway.ts';
import { startTwilioLookup } from '../emulators/twilio/emulator.ts';

const KEY = `SK${'0'.repeat(32)}`;
const LANDLINE = '+15550100001';
const MOBILE = '+15550100002';

test('a gateway that asks Twilio calls no mobile of an account that does not want to, and asks once for each number', async (t) => {
  const { path, remove } = await benchDirectory();
  const lookup = await startTwilioLookup(KEY, 'secret');
  const gateway = await startGateway(
    readConfig({
      SEALFAX_DATA_DIR: path,
      SEALFAX_PORT: '0',
      SEALFAX_LOG_LEVEL: 'silent',
      SEALFAX_LOOPBACK_SPEED: 'instant',
      SEALFAX_LINE_LOOKUP: JSON.stringify({ kind: 'twilio', key: KEY, secret: 'secret', baseUrl: lookup.url }),
    }),
  );
  t.after(async () => {
    await gateway.stop();
    await Promise.all([lookup.close(), remove(), rm(`${path}-keys`, { recursive: true, force: true })]);
  });
  assert.ok(gateway.firstStart !== null);
  const admin = connectAdmin(gateway.firstStart.admin.connection, gateway.firstStart.admin.password);
  t.after(() => admin.close());
  const account = await admin.createAccount({ name: 'acme', title: 'Acme', policy: { neverDial: ['mobile'] } });
  const { secret } = await admin.createUser(account.id, { name: 'app' });
  const client = connect(gateway.connection('acme', 'app'), secret ?? '');
  t.after(() => client.close());

  const documents = [await sampleLetter()];
  const send = async (to: string) => client.faxes.wait((await client.faxes.send({ to, documents, retries: 0 })).id);
  const mobile = await send(MOBILE);
  assert.deepEqual([mobile.state, mobile.cause], ['failed', 'destination_denied']);
  assert.notEqual((await send(LANDLINE)).cause, 'destination_denied');
  assert.equal((await send(MOBILE)).cause, 'destination_denied');
  assert.deepEqual(
    lookup.requests,
    [MOBILE, LANDLINE].map((number) => `GET /v2/PhoneNumbers/${encodeURIComponent(number)}`),
  );
});
