import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { AuditReader, certifyReceiptKey, generateSigningKey, openObject, pinOf } from '../../../crypto/index.ts';
import { createAuditSealer } from '../../../gateway/audit/index.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const itemsOf = (answer: Opened) => answer.json().items as Row[];

describe('administration', () => {
  let rig: Rig;
  let admin: SealedClient;
  const password = 'a long enough password';

  before(async () => {
    rig = await startRig();
    await rig.gateway.access.createPasswordUser('admin', null, 'root', password, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: password });
  });
  after(() => rig.stop());

  const ok = async (status: number, method: string, path: string, body?: unknown): Promise<Opened> => {
    const answer = await admin.json(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    return answer;
  };

  test('makes an account, a user and a number with which a fax can be sent', async () => {
    const account = (await ok(201, 'POST', '/v1/admin/accounts', { name: 'acme', policy: { retries: 1 } })).json();
    assert.equal((account.policy as Row).retries, 1);
    const user = (await ok(201, 'POST', '/v1/admin/accounts/acme/users', { name: 'desk' })).json();
    assert.match(String(user.secret), /^sfk_/);
    await ok(201, 'POST', `/v1/admin/accounts/${account.id}/numbers`, { number: '+49 30 1111111', label: 'main' });
    const client = await SealedClient.login(rig.origin, rig.pin, {
      account: 'acme',
      user: 'desk',
      secret: user.secret,
    });
    const numbers = itemsOf(await client.json('GET', '/v1/numbers'));
    assert.deepEqual([numbers[0]?.number, numbers[0]?.label], ['+49301111111', 'main']);
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'a' };
    const sent = await client.send('POST', '/v1/faxes?to=%2B49302222222', headers, [Buffer.from('a letter')]);
    assert.deepEqual([sent.status, sent.json().from, sent.json().retries], [202, '+49301111111', 1]);
    assert.deepEqual(sent.json().channels, { used: 0, limit: 30 });
    await rig.intake.settled();
  });

  test('changes secrets, passwords and rules, which ends the sessions that rest on them', async () => {
    const made = (await ok(201, 'POST', '/v1/admin/accounts/acme/users', { name: 'clerk', password })).json();
    assert.equal(made.secret, null);
    const login = (secret: unknown) =>
      SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'clerk', secret });
    const path = `/v1/admin/users/${made.id}`;
    const changes: readonly (() => Promise<Opened>)[] = [
      () => ok(204, 'PUT', `${path}/password`, { password: `${password}!` }),
      () => ok(200, 'PATCH', path, { cidrs: ['127.0.0.0/8'] }),
      () => ok(200, 'POST', `${path}/secret`, { overlap: 0 }),
      () => ok(200, 'PATCH', '/v1/admin/accounts/acme', { cidrs: ['127.0.0.1'] }),
      () => ok(200, 'PATCH', path, { disabled: true }),
    ];
    let secret: unknown = password;
    for (const change of changes) {
      const client = await login(secret);
      const answer = await change();
      secret = answer.status === 204 ? `${password}!` : secret;
      await assert.rejects(client.json('GET', '/v1/session'), { code: 'session_unknown' });
    }
    await assert.rejects(login(secret), /401/);
  });

  test('pauses and resumes a carrier and an account, with a reason', async () => {
    const carriers = '/v1/admin/carriers';
    const [idle] = itemsOf(await ok(200, 'GET', carriers));
    assert.partialDeepStrictEqual(idle, { name: 'trunk', kind: 'loopback', calls: 0, maxCalls: null, paused: null });
    await ok(400, 'POST', `${carriers}/trunk/pause`, { reason: ' ' });
    const paused = (await ok(200, 'POST', `${carriers}/trunk/pause`, { reason: 'maintenance' })).json();
    assert.equal((paused.paused as Row).reason, 'maintenance');
    assert.equal((await ok(200, 'POST', `${carriers}/trunk/resume`)).json().paused, null);
    const account = '/v1/admin/accounts/acme';
    const stopped = (await ok(200, 'POST', `${account}/pause`, { reason: 'unpaid' })).json();
    assert.deepEqual([stopped.paused, stopped.pausedReason], [true, 'unpaid']);
    const going = (await ok(200, 'POST', `${account}/resume`)).json();
    assert.deepEqual([going.paused, going.pausedReason], [false, null]);
  });

  test('lists accounts, users, numbers, audit entries and call detail records', async () => {
    assert.deepEqual(
      itemsOf(await ok(200, 'GET', '/v1/admin/accounts')).map((row) => row.name),
      ['acme'],
    );
    const users = itemsOf(await ok(200, 'GET', '/v1/admin/accounts/acme/users'));
    assert.deepEqual(users.map((row) => row.name).toSorted(), ['clerk', 'desk']);
    for (const user of users) assert.ok(!('verifiers' in user) && !('secret' in user));
    assert.equal(itemsOf(await ok(200, 'GET', '/v1/admin/users')).length, 1);
    const audit = itemsOf(await ok(200, 'GET', '/v1/admin/audit?limit=500'));
    assert.ok(audit.length > 10);
    assert.ok(!JSON.stringify(audit).includes(password));
    const account = await rig.records.accounts.account({ name: 'acme' });
    assert.ok(account);
    await receiveFax(rig, account, '+49301111111');
    const cdrs = itemsOf(await ok(200, 'GET', `/v1/admin/cdrs?account=${account.id}`));
    assert.deepEqual([cdrs.length, cdrs[0]?.direction, cdrs[0]?.result], [1, 'inbound', 'ok']);
    const sums = itemsOf(await ok(200, 'GET', '/v1/admin/cdrs/summary?group=day&by=account&timeZone=Asia/Kathmandu'));
    assert.partialDeepStrictEqual(sums, [{ account: account.id, cdrs: 1, calls: 1, pages: 1 }]);
    await ok(204, 'DELETE', '/v1/admin/accounts/acme/numbers/+49301111111');
    assert.deepEqual(itemsOf(await ok(200, 'GET', '/v1/admin/accounts/acme/numbers')), []);
  });

  test('hands out the audit log so that anybody can verify it', async () => {
    const root = await generateSigningKey();
    const sealer = createAuditSealer({
      ...{ records: rig.records.audit, exclusion: rig.records.exclusion, clock: rig.gateway.clock },
      ...{ log: rig.gateway.log, metrics: rig.gateway.metrics },
      key: await certifyReceiptKey(await generateSigningKey(), root, rig.gateway.clock.now()),
    });
    await sealer.sealOnce();
    const { body, headers } = await ok(200, 'GET', '/v1/admin/audit.jsonl');
    assert.equal(headers['content-type'], 'application/jsonl');
    const reader = new AuditReader();
    for (const line of String(body).trimEnd().split('\n')) await reader.read(line);
    const { entries, faults, pins } = reader.findings();
    assert.deepEqual([faults, pins], [[], [await pinOf(root.publicJwk)]]);
    assert.ok(entries > 5, `${entries} entries`);
    assert.match(String(body), /"action":"account\.create"/);
  });
});

describe('an account’s own matters', () => {
  let rig: Rig;
  let client: SealedClient;
  let listener: Server;
  const posted: { headers: IncomingHttpHeaders; body: string }[] = [];

  before(async () => {
    rig = await startRig();
    const account = await rig.account('acme', {}, ['+49301111111']);
    const { secret } = await rig.apiUser(account, 'desk');
    client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    listener = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        posted.push({ headers: request.headers, body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    listener.closeAllConnections();
    listener.close();
    await rig.stop();
  });

  test('webhooks: add, test, rotate, change, look at deliveries, replay, remove', async () => {
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/hook`;
    const made = await client.json('POST', '/v1/webhooks', { url, types: ['fax.received'] });
    assert.equal(made.status, 201, made.body.toString());
    const { id, secret } = made.json();
    const delivery = (await client.json('POST', `/v1/webhooks/${id}/test`)).json();
    assert.equal(delivery.state, 'delivered', JSON.stringify(delivery));
    const [first] = posted;
    assert.ok(first);
    new Webhook(String(secret)).verify(first.body, first.headers as Record<string, string>);
    const rotated = (await client.json('POST', `/v1/webhooks/${id}/rotate`)).json();
    assert.notEqual(rotated.secret, secret);
    const changed = (
      await client.json('PATCH', `/v1/webhooks/${id}`, { types: ['fax.failed'], disabled: true })
    ).json();
    assert.deepEqual([changed.types, changed.disabled, 'secret' in changed], [['fax.failed'], true, false]);
    const deliveries = itemsOf(await client.json('GET', `/v1/webhooks/deliveries?endpoint=${id}&state=delivered`));
    assert.deepEqual(
      deliveries.map((row) => row.id),
      [delivery.id],
    );
    assert.equal((await client.json('PATCH', `/v1/webhooks/${id}`, { disabled: false })).status, 200);
    const replay = await client.json('POST', `/v1/webhooks/${id}/replay`, { after: 0 });
    assert.equal(typeof replay.json().events, 'number', replay.body.toString());
    assert.match(String((await client.json('GET', '/v1/webhooks/key')).json().publicKey), /^whpk_/);
    assert.equal((await client.json('DELETE', `/v1/webhooks/${id}`)).status, 204);
    assert.deepEqual(itemsOf(await client.json('GET', '/v1/webhooks')), []);
  });

  test('a received page goes out as ciphertext that only the fax’s key opens', async () => {
    const account = await rig.records.accounts.account({ name: 'acme' });
    assert.ok(account);
    const id = await receiveFax(rig, account, '+49301111111', 'sealed words');
    const { body } = await client.send('GET', `/v1/inbound/${id}/sealed/1`);
    assert.ok(!body.includes('sealed words'));
    await rig.vault.withKey(id, async (dek) => {
      const parts: Buffer[] = [];
      for await (const chunk of openObject(dek, { fax: id, object: 'page/1' }, [body])) parts.push(Buffer.from(chunk));
      assert.equal(Buffer.concat(parts).toString(), 'sealed words');
    });
  });

  test('lists go on where their cursor points, and filters hold', async () => {
    for (let fax = 0; fax < 5; fax++) {
      const headers = { 'content-type': 'text/plain', 'idempotency-key': `list-${fax}` };
      const path = `/v1/faxes?to=%2B4930222222${fax}&tag.half=${fax % 2}`;
      assert.equal((await client.send('POST', path, headers, [Buffer.from('x')])).status, 202);
    }
    await rig.intake.settled();
    const seen: unknown[] = [];
    let path = '/v1/faxes?direction=outbound&limit=2';
    for (;;) {
      const page = await client.json('GET', path);
      seen.push(...itemsOf(page).map((row) => row.to));
      const { next } = page.json();
      if (next === null) break;
      path = `/v1/faxes?direction=outbound&limit=2&cursor=${encodeURIComponent(String(next))}`;
    }
    assert.deepEqual(
      seen,
      [4, 3, 2, 1, 0].map((fax) => `+4930222222${fax}`),
    );
    assert.equal(itemsOf(await client.json('GET', '/v1/faxes?tag=half:1')).length, 2);
    assert.equal(itemsOf(await client.json('GET', '/v1/faxes?number=%2B49302222223')).length, 1);
    assert.equal(itemsOf(await client.json('GET', '/v1/faxes?state=queued&state=failed')).length, 5);
    assert.equal(itemsOf(await client.json('GET', '/v1/faxes?since=2100-01-01T00:00:00Z')).length, 0);
    assert.equal(itemsOf(await client.json('GET', '/v1/inbound')).length, 1);
  });
});
