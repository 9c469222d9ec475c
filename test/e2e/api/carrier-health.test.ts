import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Breaker } from '../../../gateway/ports/carrier-health.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const GATEWAY = { who: 'gateway', address: null };
const NUMBER = '+49301234567';

describe('the health of carriers', () => {
  let rig: Rig;
  let admin: SealedClient;

  before(async () => {
    rig = await startRig();
    const password = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', password, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: password });
  });
  after(() => rig.stop());

  const ok = async (status: number, method: string, path: string, body?: unknown): Promise<Opened> => {
    const answer = await admin.json(method, path, body);
    assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    return answer;
  };
  const breaker = async (): Promise<Breaker> => {
    const [found] = await rig.records.health.breakers(['trunk']);
    assert.ok(found);
    return found;
  };

  test('an idle carrier is closed and has no rates', async () => {
    const [trunk] = (await ok(200, 'GET', '/v1/admin/carriers/health')).json().items as Row[];
    assert.deepEqual(
      [trunk?.name, trunk?.pausedSince, trunk?.breaker],
      ['trunk', null, { phase: 'closed', since: null, until: null, reason: '' }],
    );
    assert.deepEqual(trunk?.rates, { delivered: null, answered: null, faults: null, unfit: null });
  });

  test('a pause stands beside the breaker, and neither changes the other', async () => {
    await ok(200, 'POST', '/v1/admin/carriers/trunk/pause', { reason: 'maintenance' });
    const paused = (await ok(200, 'GET', '/v1/admin/carriers/trunk/health')).json();
    assert.equal(typeof paused.pausedSince, 'string');
    assert.equal((paused.breaker as Row).phase, 'closed');
    await ok(200, 'POST', '/v1/admin/carriers/trunk/reset', { reason: 'to be sure' });
    assert.equal(typeof (await ok(200, 'GET', '/v1/admin/carriers/trunk/health')).json().pausedSince, 'string');
    await ok(200, 'POST', '/v1/admin/carriers/trunk/resume');
  });

  test('an open breaker is shown with its history, and closed by hand in the name of who did it', async () => {
    const now = Date.now();
    const open = { phase: 'open', until: now + 60_000, rest: 60_000, reason: 'five refused', figures: null } as const;
    assert.ok(await rig.records.health.changeBreaker(await breaker(), open, GATEWAY, now));
    const shown = (await ok(200, 'GET', '/v1/admin/carriers/trunk/health')).json();
    assert.deepEqual(shown.breaker, {
      phase: 'open',
      since: new Date(now).toISOString(),
      until: new Date(now + 60_000).toISOString(),
      reason: 'five refused',
    });
    const reset = (await ok(200, 'POST', '/v1/admin/carriers/trunk/reset', { reason: 'a new cable' })).json();
    assert.equal((reset.breaker as Row).phase, 'closed');
    const [last, first] = reset.changes as Row[];
    assert.deepEqual(
      [first?.phase, first?.by, last?.phase, last?.reason],
      ['open', 'gateway', 'closed', 'a new cable'],
    );
    assert.match(String(last?.by), /^usr_/);
    const audit = (await ok(200, 'GET', '/v1/admin/audit?limit=20')).json().items as Row[];
    assert.ok(audit.some(({ action, object }) => action === 'carrier.mend' && object === 'trunk'));
  });

  test('a reset without a reason, and a carrier that there is not, are refused', async () => {
    await ok(400, 'POST', '/v1/admin/carriers/trunk/reset', { reason: ' ' });
    await ok(404, 'POST', '/v1/admin/carriers/nobody/reset', { reason: 'x' });
    await ok(404, 'GET', '/v1/admin/carriers/nobody/health');
  });

  test('what calls have taught about a number is told and forgotten', async () => {
    const account = await rig.account('taught');
    const now = Date.now();
    const lesson = { since: now, confirmedAt: now };
    const options = { known: false, account: account.id, days: 0 };
    await rig.records.learned.learn(NUMBER, () => ({ noEcm: lesson }), options, now);
    const at = `/v1/admin/lessons/${encodeURIComponent(NUMBER)}`;
    const told = (await ok(200, 'GET', at)).json();
    assert.equal(told.number, NUMBER);
    assert.match(String((told.lessons as string[])[0]), /^calls get through without error correction/);
    await ok(204, 'DELETE', at);
    await ok(204, 'DELETE', at);
    assert.deepEqual((await ok(200, 'GET', at)).json(), { number: NUMBER, lessons: [], expiresAt: null });
    await ok(422, 'GET', '/v1/admin/lessons/none');
  });

  test('nobody but an administrator is told', async () => {
    const account = await rig.account('clinic');
    const { secret } = await rig.apiUser(account, 'desk');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: 'clinic', user: 'desk', secret });
    for (const path of ['/v1/admin/carriers/health', '/v1/admin/carriers/trunk/health', '/v1/admin/lessons/1']) {
      assert.equal((await client.json('GET', path)).status, 403);
    }
  });
});
