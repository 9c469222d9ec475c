import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type StatementFile, verifyKeyStatement } from '../../../crypto/index.ts';
import { extraServer, type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';

describe('keys of the gateway', () => {
  let rig: Rig;
  let owner: SealedClient;

  before(async () => {
    rig = await startRig();
    await rig.gateway.access.createPasswordUser('admin', null, 'owner', PASSWORD, [], 'local');
    owner = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'owner', secret: PASSWORD });
  });
  after(() => rig.stop());

  const keys = async (): Promise<Row[]> => (await owner.json('GET', '/v1/admin/keys')).json().items as Row[];
  const rotate = async (key: string) => owner.json('POST', '/v1/admin/keys/rotate', { key });
  const inUse = async (use: string) => (await keys()).find((key) => key.use === use && key.state === 'current')?.kid;

  test('are listed with what each does, and no private part of any', async () => {
    const all = await keys();
    const current = all.map(({ use, state, rotates }) => [use, state, rotates]);
    assert.deepEqual(current, [
      ...[
        ['root', 'current', true],
        ['handshake', 'current', true],
        ['receipt', 'current', true],
      ],
      ...[
        ['webhook', 'current', true],
        ['api-secrets', 'current', false],
        ['record-seal', 'current', false],
      ],
    ]);
    for (const key of all) {
      assert.deepEqual(Object.keys(key).sort(), [
        'about',
        'algorithm',
        'kid',
        'rotates',
        'since',
        'state',
        'until',
        'use',
      ]);
      assert.ok(typeof key.about === 'string' && key.about.length > 10);
    }
    assert.equal(all[0]?.kid, rig.pin);
  });

  test('each is replaced while sessions go on, and the audit log names both', async () => {
    const account = await rig.account('acme');
    const { secret } = await rig.apiUser(account, 'app');
    const customer = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'app', secret });
    for (const key of ['handshake', 'receipt', 'webhook', 'next-root', 'root']) {
      const before = key === 'next-root' ? null : await inUse(key);
      const answer = await rotate(key);
      assert.equal(answer.status, 200, `${key}: ${answer.body}`);
      assert.equal((await customer.json('GET', '/v1/numbers')).status, 200, key);
      const { rows } = await rig.sql(
        `select actor, object, detail from audit where action = 'key.rotate' order by id desc limit 1`,
      );
      const [entry] = rows;
      const detail = entry?.detail as Row | undefined;
      assert.equal(detail?.key, key);
      if (key !== 'next-root') {
        assert.equal(detail?.before, before);
        assert.equal(entry?.object, await inUse(key));
        assert.notEqual(entry?.object, before);
      }
    }
    // The pin of before and the one of now both lead in.
    for (const pin of [rig.pin, String(await inUse('root'))])
      await SealedClient.login(rig.origin, pin, { account: 'acme', user: 'app', secret });
  });

  test('their statement is genuine for whoever has the first pin', async () => {
    const file = (await owner.json('GET', '/v1/admin/keys/statement')).json() as unknown as StatementFile;
    const { pins, statement } = await verifyKeyStatement(file);
    assert.equal(pins[0], rig.pin);
    assert.deepEqual(statement.hosts, ['localhost']);
    assert.equal(statement.keys.filter(({ until }) => until === null).length, 3);
  });

  test('connection strings are issued anew, with the pin of the next root, and no server invents an address', async () => {
    const account = await rig.account('beta');
    const { user } = await rig.apiUser(account, 'app');
    const path = `/v1/admin/users/${user.id}/connection`;
    const pin = await inUse('root');
    const ask = async () => (await owner.json('GET', path)).json();
    assert.deepEqual(await ask(), { connection: 'sealfax://beta:app@localhost', pins: [pin] });
    await rotate('next-root');
    assert.deepEqual((await ask()).pins, [pin, (await keys()).find(({ use }) => use === 'next-root')?.kid]);
    const server = await extraServer(rig, { settings: { connection: null } });
    try {
      const login = { realm: 'admin', user: 'owner', secret: PASSWORD };
      const there = await SealedClient.login(server.origin, rig.pin, login);
      assert.equal((await there.json('GET', path)).status, 404);
    } finally {
      await server.stop();
    }
    await rotate('root');
  });

  test('what is none, and a root that nobody announced, are refused', async () => {
    for (const body of [{}, { key: 'record-seal' }, { key: 'root', also: 1 }]) {
      const answer = await owner.json('POST', '/v1/admin/keys/rotate', body);
      assert.equal(answer.json().code, 'request_invalid', JSON.stringify(body));
    }
    const answer = await rotate('root');
    assert.deepEqual([answer.status, answer.json().code], [409, 'no_next_root']);
  });
});
