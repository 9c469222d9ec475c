import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

describe('a sealed session', () => {
  let rig: Rig;
  let account: Account;
  let secret: string;

  before(async () => {
    rig = await startRig();
    account = await rig.account('acme', {}, ['+49301111111']);
    secret = (await rig.apiUser(account, 'desk')).secret;
  });
  after(() => rig.stop());

  const login = () => SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });

  test('sends a fax from a raw body and sees it queued', async () => {
    const client = await login();
    const body = Buffer.from('pages:2 of a letter');
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'one' };
    const answer = await client.send('POST', '/v1/faxes?to=%2B49302222222&tag.case=7', headers, [body]);
    assert.equal(answer.status, 202, answer.body.toString());
    const fax = answer.json();
    assert.equal(fax.pages, 2);
    assert.deepEqual(fax.tags, { case: '7' });
    await rig.intake.settled();
    const found = (await client.json('GET', `/v1/faxes/${fax.id}`)).json();
    assert.equal(found.state, 'queued');
    assert.deepEqual(
      rig.queue.rung.filter(({ id }) => id === fax.id).map(({ bell }) => bell),
      ['dial'],
    );
    const preview = await client.send('GET', `/v1/faxes/${fax.id}/preview/2`);
    assert.equal(preview.headers['content-type'], 'image/png');
    assert.equal(preview.body.toString(), 'png:page 2 to +49302222222 of pages:2 of a letter');
  });

  test('answers the same key and request with the same fax, and refuses another request under it', async () => {
    const client = await login();
    const send = (text: string) =>
      client.send('POST', '/v1/faxes?to=%2B49302222223', { 'content-type': 'text/plain', 'idempotency-key': 'two' }, [
        Buffer.from(text),
      ]);
    const first = await send('hello');
    const again = await send('hello');
    assert.equal(again.status, 202);
    assert.equal(again.json().id, first.json().id);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    const other = await send('another');
    assert.equal(other.json().code, 'idempotency_mismatch');
  });

  test('leases, fetches and acknowledges a received fax, which is wiped then', async () => {
    const id = await receiveFax(rig, account, '+49301111111', 'the received page');
    const client = await login();
    const leased = await client.json('POST', '/v1/inbound/next', {});
    assert.equal(leased.status, 200, leased.body.toString());
    assert.equal(leased.json().id, id);
    assert.equal((await client.json('POST', '/v1/inbound/next', {})).status, 204);
    const document = await client.send('GET', `/v1/inbound/${id}/document?format=tiff`);
    assert.equal(document.body.toString(), 'tiff:the received page');
    const done = await client.json('POST', `/v1/inbound/${id}/acknowledge`);
    assert.equal(done.json().state, 'wiped', done.body.toString());
    const receipt = (await client.json('GET', `/v1/faxes/${id}/receipt`)).json();
    assert.match(String(receipt.receipt), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal((await client.send('GET', `/v1/inbound/${id}/document`)).json().code, 'image_wiped');
    const cdrs = (await client.json('GET', `/v1/cdrs?fax=${id}`)).json();
    assert.equal((cdrs.items as unknown[]).length, 1);
    const csv = await client.send('GET', `/v1/cdrs.csv?fax=${id}`);
    assert.equal(csv.body.toString().split('\r\n').length, 3);
    const { items, timeZone } = (await client.json('GET', '/v1/cdrs/summary?by=direction,result')).json();
    assert.equal(timeZone, 'UTC');
    assert.partialDeepStrictEqual(items, [
      { account: null, direction: 'inbound', result: 'ok', cdrs: 1, delivered: 1 },
    ]);
  });

  test('waits for an event and gets it as soon as it happens', async () => {
    const client = await login();
    const head = await rig.records.events.head(account.id);
    const waiting = client.json('GET', `/v1/events?after=${head}&wait=20`);
    await rig.records.events.append(account.id, 'webhook.test', null, { hello: 1 }, Date.now());
    const page = (await waiting).json();
    assert.equal(page.next, head + 1);
  });

  test('answers the head of the ledger at once, without reading it', async () => {
    const client = await login();
    const head = await rig.records.events.head(account.id);
    assert.ok(head > 0);
    for (const query of ['after=latest', 'after=latest&wait=25&limit=1']) {
      assert.deepEqual((await client.json('GET', `/v1/events?${query}`)).json(), { items: [], next: head });
    }
    const fresh = await rig.account('fresh');
    const { secret } = await rig.apiUser(fresh, 'desk');
    const other = await SealedClient.login(rig.origin, rig.pin, { account: 'fresh', user: 'desk', secret });
    assert.deepEqual((await other.json('GET', '/v1/events?after=latest')).json(), { items: [], next: 0 });
  });

  test('logs out, and its keys open nothing any more', async () => {
    const client = await login();
    assert.equal((await client.json('DELETE', '/v1/session')).status, 204);
    await assert.rejects(client.json('GET', '/v1/session'), { status: 401, code: 'session_unknown' });
  });
});
