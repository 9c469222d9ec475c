import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseE164 } from '../../../gateway/fax/number.ts';
import type { CarrierNumbers } from '../../../gateway/ports/carrier-adapter.ts';
import { extraServer, type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const SHARED = '+49301000000';

describe('numbers over all accounts', () => {
  let rig: Rig;
  let server: Awaited<ReturnType<typeof extraServer>>;
  let admin: SealedClient;
  let ids: Record<string, string>;
  let listed: CarrierNumbers | 'unknown' | 'unlisted';

  before(async () => {
    rig = await startRig();
    const numbers = async (name: string) => (name === 'telnyx' ? listed : 'unknown');
    server = await extraServer(rig, { gateway: { carriers: { ...rig.gateway.carriers, numbers } } });
    const secret = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', secret, [], 'local');
    admin = await SealedClient.login(server.origin, rig.pin, { realm: 'admin', user: 'root', secret });
    ids = {};
    for (const name of ['clinic', 'ward']) {
      ids[name] = String((await ok(201, 'POST', '/v1/admin/accounts', { name })).json().id);
    }
    await ok(201, 'POST', '/v1/admin/accounts/clinic/numbers', { number: SHARED, label: 'front' });
  });
  after(async () => {
    await server.stop();
    await rig.stop();
  });

  const ok = async (status: number, method: string, path: string, body?: unknown): Promise<Opened> => {
    const answer = await admin.json(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    return answer;
  };
  const refused = async (code: string, method: string, path: string, body?: unknown): Promise<void> => {
    assert.equal((await admin.json(method, path, body)).json().code, code);
  };
  const held = async (number: string) => {
    const { items } = (await ok(200, 'GET', '/v1/admin/numbers')).json() as { items: Row[] };
    return items.find((one) => one.number === number);
  };

  test('a subaddress of a number is given to an account, seen by both, and taken again', async () => {
    const at = `/v1/admin/numbers/${encodeURIComponent(SHARED)}/subaddresses/42`;
    const made = (await ok(201, 'PUT', at, { account: 'ward', label: 'ward 4' })).json();
    assert.deepEqual([made.number, made.subaddress, made.label], [SHARED, '42', 'ward 4']);
    const shown = await held(SHARED);
    assert.deepEqual([shown?.account, shown?.subaddressOnly], [ids.clinic, false]);
    const [subaddress] = (shown?.subaddresses ?? []) as Row[];
    assert.deepEqual([subaddress?.subaddress, subaddress?.account], ['42', ids.ward]);
    const user = (await ok(201, 'POST', '/v1/admin/accounts/ward/users', { name: 'desk' })).json();
    const login = { account: 'ward', user: 'desk', secret: user.secret };
    const client = await SealedClient.login(rig.origin, rig.pin, login);
    const own = (await client.json('GET', '/v1/numbers')).json().items as Row[];
    assert.deepEqual([own.length, own[0]?.number, own[0]?.subaddress], [1, SHARED, '42']);
    await refused('subaddress_taken', 'PUT', at, { account: 'clinic' });
    await refused('number_shared', 'DELETE', `/v1/admin/accounts/clinic/numbers/${encodeURIComponent(SHARED)}`);
    await ok(204, 'DELETE', at);
    await refused('subaddress_not_found', 'DELETE', at);
  });

  test('a number may be there for its subaddresses alone', async () => {
    const at = `/v1/admin/numbers/${encodeURIComponent(SHARED)}`;
    assert.equal((await ok(200, 'PATCH', at, { subaddressOnly: true })).json().subaddressOnly, true);
    assert.equal((await ok(200, 'PATCH', at, { subaddressOnly: false })).json().subaddressOnly, false);
    await refused('number_not_found', 'PATCH', '/v1/admin/numbers/%2B49301999999', { subaddressOnly: true });
  });

  for (const [what, path, body, code] of [
    ['no subaddress', 'subaddresses/4%2A2', { account: 'ward' }, 'number_invalid'],
    ['no account', 'subaddresses/7', { account: 'nobody' }, 'account_unknown'],
    ['no label', 'subaddresses/7', { account: 'ward', label: 'x'.repeat(101) }, 'request_invalid'],
  ] as const) {
    test(`${what} is refused`, () =>
      refused(code, 'PUT', `/v1/admin/numbers/${encodeURIComponent(SHARED)}/${path}`, body));
  }

  test('a subaddress of a number that nobody has is refused', () =>
    refused('number_not_found', 'PUT', '/v1/admin/numbers/%2B49301999999/subaddresses/7', { account: 'ward' }));

  test('all numbers are read page by page', async () => {
    const found: unknown[] = [];
    let after = '';
    for (;;) {
      const page = (await ok(200, 'GET', `/v1/admin/numbers?limit=1${after}`)).json();
      found.push(...(page.items as Row[]).map(({ number }) => number));
      if (page.next === null) break;
      after = `&after=${encodeURIComponent(String(page.next))}`;
    }
    assert.deepEqual(found, found.toSorted());
    assert.ok(found.includes(SHARED));
  });

  test('numbers at a carrier are shown with who has them, and those that nobody has are given to an account', async () => {
    const number = (text: string, label = '') => ({ number: parseE164(text), label });
    listed = { ok: true, numbers: [number(SHARED), number('+49301000001', 'Berlin'), number('+49301000002')] };
    const shown = (await ok(200, 'GET', '/v1/admin/carriers/telnyx/numbers')).json().items as Row[];
    assert.deepEqual(
      shown.map(({ account }) => account),
      [ids.clinic, null, null],
    );
    const one = { account: 'ward', numbers: [SHARED, '+49 30 1000001'] };
    const first = (await ok(200, 'POST', '/v1/admin/carriers/telnyx/numbers', one)).json();
    assert.deepEqual(
      (first.added as Row[]).map((added) => [added.number, added.label]),
      [['+49301000001', 'Berlin']],
    );
    assert.deepEqual(first.kept, [{ number: SHARED, label: '', account: ids.clinic }]);
    const rest = (await ok(200, 'POST', '/v1/admin/carriers/telnyx/numbers', { account: 'clinic' })).json();
    assert.deepEqual([(rest.added as Row[]).length, (rest.kept as Row[]).length], [1, 2]);
    assert.deepEqual([(await held(SHARED))?.account, (await held('+49301000001'))?.account], [ids.clinic, ids.ward]);
    const stranger = { account: 'ward', numbers: ['+49301000009'] };
    await refused('number_not_found', 'POST', '/v1/admin/carriers/telnyx/numbers', stranger);
    await refused('account_unknown', 'POST', '/v1/admin/carriers/telnyx/numbers', { account: 'nobody' });
  });

  test('a carrier that lists none, does not answer, or is not there is told apart', async () => {
    listed = 'unlisted';
    await refused('numbers_unlisted', 'GET', '/v1/admin/carriers/telnyx/numbers');
    listed = { ok: false, detail: 'Telnyx: HTTP 401' };
    const answer = await admin.json('POST', '/v1/admin/carriers/telnyx/numbers', { account: 'ward' });
    assert.deepEqual(
      [answer.status, answer.json().code, answer.json().detail],
      [502, 'carrier_failed', 'Telnyx: HTTP 401'],
    );
    await refused('carrier_unknown', 'GET', '/v1/admin/carriers/other/numbers');
  });

  test('every act is in the audit log', async () => {
    const entries = (await ok(200, 'GET', `/v1/admin/audit?account=${ids.ward}`)).json().items as Row[];
    const actions = entries.map(({ action }) => action);
    for (const action of ['subaddress.add', 'subaddress.remove', 'number.add']) assert.ok(actions.includes(action));
  });
});
