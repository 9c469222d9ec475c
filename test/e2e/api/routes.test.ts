import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { carrierPolicySchema, routesSchema } from '../../../gateway/routing/config.ts';
import { plainTerms } from '../../../gateway/routing/plan.ts';
import { type Rig, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const ADMIN = { who: 'local', address: null };
const OWN = '+4930555001';

describe('routes, for administrators', () => {
  let rig: Rig;
  let admin: SealedClient;

  before(async () => {
    const policy = carrierPolicySchema.parse({ safe: { tags: ['hipaa'], callerId: { only: [OWN] } } });
    const carriers = ['first', 'second', 'safe'].map((name) => ({ ...plainTerms(name), ...policy[name] }));
    const windows = [{ days: ['sat', 'sun'], zone: 'Europe/Berlin' }];
    const routes = routesSchema.parse([
      { name: 'weekend', prefix: '+49', carriers: ['second'], windows },
      { prefix: '+49', carriers: ['first', 'second', 'safe'] },
      { prefix: '+1', tags: ['hipaa'] },
    ]);
    rig = await startRig({ routing: { routes, carriers } });
    const secret = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', secret, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret });
    await rig.account('clinic', { carrierTags: ['hipaa'] });
    await rig.account('acme', {});
  });
  after(() => rig.stop());

  const explain = async (query: Record<string, string>): Promise<Row> => {
    const answer = await admin.json('GET', `/v1/admin/routes/explain?${new URLSearchParams(query)}`);
    assert.equal(answer.status, 200, String(answer.body));
    return answer.json();
  };
  const names = (rows: unknown) => (rows as Row[]).map(({ name }) => name);

  test('the list shows rules as they are written, and what may go over carriers', async () => {
    const { items, carriers } = (await admin.json('GET', '/v1/admin/routes')).json() as {
      items: Row[];
      carriers: Row[];
    };
    assert.deepEqual(names(items), ['weekend', '+49', '+1']);
    assert.deepEqual(items[0]?.windows, [{ days: ['sat', 'sun'], from: '00:00', to: '24:00', zone: 'Europe/Berlin' }]);
    assert.deepEqual(carriers.at(-1), {
      name: 'safe',
      tags: ['hipaa'],
      callerId: { rule: 'only', shows: null, numbers: [OWN] },
    });
  });

  test('an explanation names the rule, the order, and why each other is left out', async () => {
    const told = await explain({
      number: '+49 30 1234567',
      account: 'acme',
      from: '+4930555009',
      at: '2026-11-25T09:30:00Z',
    });
    assert.deepEqual([told.rule, told.to, told.account, told.waitFor], ['+49', '+49301234567', 'acme', null]);
    assert.deepEqual(names(told.carriers), ['first', 'second']);
    const [safe] = told.leftOut as Row[];
    assert.deepEqual([safe?.name, safe?.why, safe?.passing], ['safe', 'caller_id', false]);
  });

  test('another time may have another rule', async () => {
    const told = await explain({ number: '+49301234567', at: '2026-11-28T09:30:00Z' });
    assert.deepEqual([told.rule, told.account, names(told.carriers)], ['weekend', null, ['second']]);
  });

  test('an account gets only carriers with the tags that it asks for', async () => {
    const told = await explain({ number: '+49301234567', account: 'clinic', from: OWN, at: '2026-11-25T09:30:00Z' });
    assert.deepEqual(names(told.carriers), ['safe']);
    assert.deepEqual(
      (told.leftOut as Row[]).map(({ why }) => why),
      ['tag_missing', 'tag_missing'],
    );
    const nobody = await explain({ number: '+49301234567', account: 'clinic', from: '+4930555009' });
    assert.deepEqual([nobody.carriers, nobody.waitFor], [[], null]);
  });

  test('a pause is told with its reason', async () => {
    await rig.gateway.carriers.pause('first', 'maintenance', ADMIN);
    const told = await explain({ number: '+49301234567', at: '2026-11-25T09:30:00Z' });
    assert.deepEqual(names(told.carriers), ['second', 'safe']);
    const [first] = told.leftOut as Row[];
    assert.deepEqual([first?.why, first?.sentence, first?.passing], ['paused', 'is paused: maintenance', true]);
    await rig.gateway.carriers.resume('first', ADMIN);
  });

  for (const [what, query, status, code] of [
    ['a number that is none', 'number=030', 422, 'number_invalid'],
    ['a sender that is none', 'number=%2B49301234567&from=030', 422, 'number_invalid'],
    ['an account that there is not', 'number=%2B49301234567&account=nobody', 404, 'account_unknown'],
    ['a time that is none', 'number=%2B49301234567&at=tomorrow', 400, 'request_invalid'],
    ['no number', '', 400, 'request_invalid'],
  ] as const) {
    test(`${what} is refused as ${code}`, async () => {
      const answer = await admin.json('GET', `/v1/admin/routes/explain?${query}`);
      assert.deepEqual([answer.status, (answer.json() as Row).code], [status, code]);
    });
  }

  test('a tag that no carrier has is refused in a policy', async () => {
    const change = (carrierTags: string[]) =>
      admin.json('PATCH', '/v1/admin/accounts/acme', { policy: { carrierTags } });
    const refused = await change(['hipaa', 'secret']);
    assert.deepEqual([refused.status, refused.json().code], [422, 'policy_invalid']);
    assert.equal(refused.json().detail, 'no carrier has the tags hipaa, secret');
    assert.equal((await change(['hipaa'])).status, 200);
    assert.equal((await change([])).status, 200);
    const policy = { carrierTags: ['secret'] };
    const made = await admin.json('POST', '/v1/admin/accounts', { name: 'new', title: '', policy, cidrs: [] });
    assert.deepEqual([made.status, made.json().code], [422, 'policy_invalid']);
  });

  test('a tag that is none is refused in a policy', async () => {
    const answer = await admin.json('PATCH', '/v1/admin/accounts/acme', { policy: { carrierTags: ['two words'] } });
    assert.equal(answer.status, 400);
  });
});
