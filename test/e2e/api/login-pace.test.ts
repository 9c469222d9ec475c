import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

const PASSWORD = 'a long enough password';
const HOME = '192.0.2.1';
const STRANGER = '203.0.113.1';

describe('guessing at a password', () => {
  let rig: Rig;

  before(async () => {
    rig = await startRig({ settings: { trustedProxies: ['127.0.0.1/32'], hello: { burst: 100, perMinute: 100 } } });
    await rig.gateway.access.createPasswordUser('admin', null, 'root', PASSWORD, [], 'local');
  });
  after(() => rig.stop());

  const logIn = async (address: string, secret: string, user = 'root'): Promise<string> => {
    const from = { 'x-forwarded-for': address };
    const client = await SealedClient.open(rig.origin, rig.pin, from);
    const body = [Buffer.from(JSON.stringify({ realm: 'admin', user, secret }))];
    const answer = await client.send('POST', '/v1/session', { 'content-type': 'application/json' }, body, from);
    return answer.status === 200 ? 'in' : `${answer.status} ${answer.json().code}`;
  };
  const denials = async () =>
    (await rig.records.accounts.auditLog({ limit: 50 })).filter(({ action }) => action === 'login.denied');

  test('from unknown places is slowed down, and keeps nobody out who logged in before', async () => {
    assert.equal(await logIn(HOME, PASSWORD), 'in');
    for (const guess of ['password one', 'password two']) {
      assert.equal(await logIn(STRANGER, guess), '401 access_denied');
    }
    const counted = await rig.sql('update login_tries set tries = 20 where not known returning known');
    assert.equal(counted.rows.length, 1);
    assert.equal(await logIn('203.0.113.200', PASSWORD), '401 access_denied', 'right, and too soon');
    assert.equal((await denials()).filter(({ detail }) => detail.tooSoon === true).length, 1);
    assert.equal(await logIn(HOME, PASSWORD), 'in');
    const sources = await rig.sql('select encode(source, $1) as source from login_sources', ['escape']);
    assert.equal(sources.rows.length, 1);
    assert.doesNotMatch(JSON.stringify(sources.rows), /192\.0\.2/);
  });

  test('is slowed for names that nobody has as well', async () => {
    assert.equal(await logIn(STRANGER, PASSWORD, 'nobody'), '401 access_denied');
    await rig.sql('update login_tries set tries = 20');
    const before = (await denials()).length;
    assert.equal(await logIn(STRANGER, PASSWORD, 'nobody'), '401 access_denied');
    const [last] = await denials();
    assert.deepEqual([(await denials()).length, last?.actor, last?.detail.tooSoon], [before + 1, 'unknown', true]);
  });
});
