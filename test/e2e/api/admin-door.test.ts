import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createHandshakeServer } from '../../../crypto/index.ts';
import { extraServer, type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const ADMIN = { realm: 'admin', user: 'root', secret: PASSWORD };

type Door = Awaited<ReturnType<typeof extraServer>>;

describe('a listener of its own for administrators', () => {
  let rig: Rig;
  let open: Door;
  let admin: Door;
  let user: Record<string, unknown>;

  before(async () => {
    rig = await startRig({ adminCidrs: ['127.0.0.0/8', '192.0.2.0/24'] });
    await rig.gateway.access.createPasswordUser('admin', null, 'root', PASSWORD, [], 'local');
    const account = await rig.account('acme', {}, ['+49301111111']);
    user = { account: 'acme', user: 'desk', secret: (await rig.apiUser(account, 'desk')).secret };
    const handshake = createHandshakeServer(rig.identity);
    const settings = { trustedProxies: ['127.0.0.1/32'] };
    open = await extraServer(rig, { handshake, settings: { ...settings, realms: ['api'] } });
    admin = await extraServer(rig, { handshake, settings: { ...settings, realms: ['admin'] } });
  });
  after(async () => {
    await open.stop();
    await admin.stop();
    await rig.stop();
  });

  const send = async (client: SealedClient, method: string, path: string, body?: unknown, address = '127.0.0.1') => {
    const octets = body === undefined ? [] : [Buffer.from(JSON.stringify(body))];
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    return client.send(method, path, headers, octets, { 'x-forwarded-for': address });
  };
  const logIn = async (door: Door, who: Record<string, unknown>, address?: string): Promise<[SealedClient, Opened]> => {
    const client = await SealedClient.open(door.origin, rig.pin);
    return [client, await send(client, 'POST', '/v1/session', who, address)];
  };

  test('lets administrators in, who do not come in elsewhere', async () => {
    const [client, answer] = await logIn(admin, ADMIN);
    assert.equal(answer.status, 200);
    assert.equal((await send(client, 'GET', '/v1/admin/me')).status, 200);
    const [refused, refusal] = await logIn(open, ADMIN);
    assert.deepEqual([refusal.status, refusal.json().code], [403, 'realm_forbidden']);
    await assert.rejects(send(refused, 'POST', '/v1/session', ADMIN), { code: 'session_unknown' });
  });

  test('lets nobody else in, who comes in where everybody does', async () => {
    const [, refusal] = await logIn(admin, user);
    assert.deepEqual([refusal.status, refusal.json().code], [403, 'realm_forbidden']);
    const [client, answer] = await logIn(open, user);
    assert.equal(answer.status, 200);
    assert.equal((await send(client, 'GET', '/v1/faxes')).status, 200);
  });

  test('is where a session of it stays', async () => {
    const [client] = await logIn(admin, ADMIN);
    const elsewhere = new SealedClient(open.origin, client.session);
    // Numbers of messages go on where the session has been.
    elsewhere.nextSeq();
    for (const path of ['/v1/admin/me', '/v1/session', '/v1/faxes']) {
      const answer = await send(elsewhere, 'GET', path);
      assert.deepEqual([answer.status, answer.json().code], [403, 'realm_forbidden'], path);
    }
  });

  test('has the console, and neither links to faxes nor callbacks of carriers', async () => {
    const status = async (door: Door, path: string, method = 'GET') =>
      (await fetch(door.origin + path, { method })).status;
    assert.equal(await status(open, '/console'), 404);
    assert.notEqual(await status(admin, '/console'), 404);
    assert.equal(await status(admin, '/carriers/nobody/x', 'POST'), 404);
    assert.equal(await status(admin, `/media/${'a'.repeat(43)}/fax.tiff`), 404);
    for (const door of [open, admin]) assert.equal(await status(door, '/healthz'), 200);
  });

  test('asks administrators, and nobody else, from where they come: at the log-in and at every request', async () => {
    const [client, answer] = await logIn(admin, ADMIN, '192.0.2.7');
    assert.equal(answer.status, 200);
    assert.equal((await send(client, 'GET', '/v1/admin/me', undefined, '192.0.2.8')).json().address, '192.0.2.8');
    const moved = await send(client, 'GET', '/v1/admin/me', undefined, '198.51.100.7');
    assert.deepEqual([moved.status, moved.json().code], [401, 'access_denied']);
    const [, refusal] = await logIn(admin, ADMIN, '198.51.100.7');
    assert.deepEqual([refusal.status, refusal.json().code], [401, 'access_denied']);
    const [, anywhere] = await logIn(open, user, '198.51.100.7');
    assert.equal(anywhere.status, 200);
  });
});
