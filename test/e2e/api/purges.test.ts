import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { PurgeReport } from '../../../gateway/ports/carrier-adapter.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const NUMBER = '+49301111111';

describe('copies at carriers', () => {
  let rig: Rig;
  let admin: SealedClient;
  let desk: SealedClient;
  let acme: Account;

  before(async () => {
    rig = await startRig();
    const secret = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', secret, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret });
    acme = await rig.account('acme', {}, [NUMBER]);
    const user = await rig.apiUser(acme, 'desk');
    desk = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret: user.secret });
  });
  after(() => rig.stop());

  const get = async (path: string, client = admin): Promise<Row> => {
    const answer = await client.json('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
  };
  const items = async (path: string) => (await get(path)).items as Row[];
  const kept = () => receiveFax(rig, acme, NUMBER, 'a page', true);
  /** What the carrier answers to the one order that is due. */
  const answered = async (report: PurgeReport, nextAt: number | null) => {
    const now = rig.gateway.clock.now();
    const [order] = await rig.records.purges.claimPurges(['test'], 60_000, 1, now);
    assert.ok(order);
    assert.ok(await rig.records.purges.purgeAnswered(order, report, nextAt, now));
  };
  const cdrOf = async (fax: FaxId): Promise<Row> => {
    const [cdr] = (await get(`/v1/cdrs?fax=${fax}`, desk)).items as Row[];
    assert.ok(cdr);
    return cdr;
  };

  test('are listed until they are gone, and the CDR has their mark', async () => {
    const fax = await kept();
    const { call, purge } = await cdrOf(fax);
    assert.equal(purge, 'pending');
    const [listed, ...others] = await items('/v1/admin/purges');
    assert.equal(others.length, 0);
    const { since, nextAt, ...facts } = listed ?? {};
    assert.deepEqual(facts, {
      ...{ call, fax, account: acme.id, carrier: 'test', outcome: 'pending' },
      ...{ detail: null, answeredAt: null, tries: 0 },
    });
    assert.equal(since, nextAt);
    assert.deepEqual(await items('/v1/admin/purges?carrier=another'), []);
    await answered({ outcome: 'kept', detail: 'HTTP 500' }, null);
    assert.equal((await cdrOf(fax)).purge, 'kept');
    assert.deepEqual(
      (await items('/v1/admin/purges')).map(({ outcome, detail, tries, nextAt }) => [outcome, detail, tries, nextAt]),
      [['kept', 'HTTP 500', 1, null]],
    );
    const events = (await get('/v1/events', desk)).items as Row[];
    assert.ok(events.some(({ type }) => type === 'fax.carrier_purge_failed'));
  });

  test('are asked for again by hand, which the audit log tells', async () => {
    const [given] = await items('/v1/admin/purges');
    const path = `/v1/admin/purges/${given?.call}/retry`;
    const again = (await admin.json('POST', path)).json();
    assert.ok(again.outcome === 'kept' && again.nextAt !== null && again.tries === 0);
    await answered({ outcome: 'purged', detail: 'deleted' }, null);
    assert.deepEqual(await items('/v1/admin/purges'), []);
    assert.equal((await items('/v1/admin/purges?all=true'))[0]?.outcome, 'purged');
    const gone = (await admin.json('POST', path)).json();
    assert.deepEqual([gone.outcome, gone.nextAt], ['purged', null]);
    const entries = await items('/v1/admin/audit');
    assert.equal(entries.filter(({ action }) => action === 'carrier.purge_retry').length, 1);
  });

  test('have receipts of their own where the first one was too early', async () => {
    const fax = await kept();
    await rig.vault.wipe(fax, 'acknowledged');
    const receipt = () => get(`/v1/faxes/${fax}/receipt`, desk);
    assert.deepEqual((await receipt()).carrierReceipts, []);
    await answered({ outcome: 'purged', detail: 'deleted' }, null);
    const [purge] = await rig.records.purges.unattestedPurges(10);
    assert.ok(purge && (await rig.records.purges.attestPurge(purge, 'further')));
    assert.deepEqual((await receipt()).carrierReceipts, ['further']);
    assert.equal((await cdrOf(fax)).purgeReceipt, 'further');
  });

  test('are for administrators, and a call that nobody knows is not found', async () => {
    assert.equal((await desk.json('GET', '/v1/admin/purges')).status, 403);
    assert.equal((await desk.json('POST', '/v1/admin/purges/call_1/retry')).status, 403);
    for (const call of ['call_1', `call_${'0'.repeat(26)}`, 'fax_1']) {
      const answer = await admin.json('POST', `/v1/admin/purges/${call}/retry`);
      assert.deepEqual([answer.status, answer.json().code], [404, 'call_not_found']);
    }
    assert.equal((await admin.json('GET', '/v1/admin/purges?all=perhaps')).status, 400);
  });
});
