import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, type Client, connect, connectAdmin } from '../../api/client/index.ts';
import { sampleLetter } from '../../gateway/imaging/index.ts';
import { benchDirectory, type Service, startService } from '../../ops/bench/service.ts';

/** Longest wait for a state, ms. */
const PATIENCE = 60_000;

describe('a gateway that holds the first faxes to a country', () => {
  let service: Service;
  let client: Client;
  let admin: Admin;
  let account: string;
  let remove: () => Promise<void>;

  before(async () => {
    const place = await benchDirectory();
    ({ remove } = place);
    service = await startService(place.path, {
      SEALFAX_LOOPBACK_SPEED: 'instant',
      SEALFAX_HOLD_COUNTRIES: 'on',
      SEALFAX_COUNTRY: 'DE',
      SEALFAX_DESTINATIONS: '{"deny":["+4915"]}',
      SEALFAX_LOG_LEVEL: 'error',
    });
    client = connect(service.api.connection, service.api.secret);
    admin = connectAdmin(service.admin.connection, service.admin.password);
    account = (await admin.accounts())[0]?.id ?? '';
  });
  after(async () => {
    await client.close();
    await admin.close();
    await service.stop();
    await remove();
  });

  const send = async (to: string) => (await client.faxes.send({ to, documents: [await sampleLetter()] })).id;
  const reached = async (id: string, state: string) => {
    for (const deadline = performance.now() + PATIENCE; ; await pause(100)) {
      const fax = await client.faxes.get(id);
      if (fax.state === state) return fax;
      assert.ok(performance.now() < deadline, `${fax.state} ${fax.cause}, wanted ${state}`);
    }
  };

  test('calls its home country at once', async () => {
    assert.equal((await client.faxes.wait(await send('+4930123456'))).state, 'delivered');
  });

  test('holds a fax to another one, and calls it as soon as it is approved', async () => {
    const id = await send('+33142345678');
    const held = await reached(id, 'held');
    assert.equal(held.held?.place, 'FR');
    assert.equal(held.attempts, 0);
    assert.deepEqual(
      (await admin.waitingDestinations()).map(({ place, faxes }) => [place, faxes]),
      [['FR', 1]],
    );
    const decided = await admin.decideDestination(account, 'FR', 'approved');
    assert.equal(decided.state, 'approved');
    const done = await client.faxes.wait(id);
    assert.deepEqual([done.state, done.held], ['delivered', null]);
  });

  test('ends a fax whose country is denied, and keeps nothing of it', async () => {
    const id = await send('+4312345678');
    await reached(id, 'held');
    await admin.decideDestination(account, 'AT', 'denied');
    const done = await client.faxes.wait(id);
    assert.deepEqual([done.state, done.cause, done.attempts], ['failed', 'not_approved', 0]);
    const fax = await client.faxes.get(id);
    assert.equal(fax.imageExists, false);
    await assert.rejects(send('+4312345678'), { code: 'destination_denied', reason: 'country_denied' });
  });

  test('does not call what its rules deny, whatever country it is', async () => {
    await assert.rejects(send('+4915112345678'), { code: 'destination_denied', reason: 'denied' });
    await assert.rejects(send('+881612345678'), { code: 'destination_denied', reason: 'satellite' });
  });

  test('asks again before the call: a rule that came after the acceptance holds', async () => {
    await admin.pauseCarrier('loopback', 'so that the rule is there before the call');
    const id = await send('+4930123457');
    await admin.changeAccount(account, { policy: { destinations: ['FR'] } });
    await admin.resumeCarrier('loopback');
    const done = await client.faxes.wait(id);
    assert.deepEqual([done.state, done.cause, done.attempts], ['failed', 'destination_denied', 0]);
  });
});
