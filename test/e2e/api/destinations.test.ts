import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccountPolicy } from '../../../gateway/fax/policy.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const itemsOf = (answer: Opened) => answer.json().items as Row[];

const HERE = '+49301111111';
const BERLIN = '+49302222222';
const PARIS = '+33142345678';
const VIENNA = '+4312345678';
const PREMIUM = '+499001234567';

describe('the guard against toll fraud, from outside', () => {
  let rig: Rig;
  let admin: SealedClient;

  before(async () => {
    rig = await startRig({ destinations: { watched: true, holds: true } });
    const password = 'a long enough password';
    await rig.gateway.access.createPasswordUser('admin', null, 'root', password, [], 'local');
    admin = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'root', secret: password });
  });
  after(() => rig.stop());

  const customer = async (name: string, policy: Partial<AccountPolicy> = {}) => {
    const account = await rig.account(name, policy, []);
    await admin.json('POST', `/v1/admin/accounts/${name}/numbers`, { number: `${HERE}${numbers++}` });
    const { secret } = await rig.apiUser(account, 'desk');
    return SealedClient.login(rig.origin, rig.pin, { account: name, user: 'desk', secret });
  };
  let numbers = 0;
  let keys = 0;
  const send = (client: SealedClient, to: string) => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': `key-${keys++}` };
    return client.send('POST', `/v1/faxes?to=${encodeURIComponent(to)}`, headers, [Buffer.from('a letter')]);
  };
  const settled = async (client: SealedClient, to: string): Promise<string> => {
    const answer = await send(client, to);
    assert.equal(answer.status, 202, answer.body.toString());
    await rig.intake.settled();
    return String(answer.json().id);
  };
  const faxOf = async (client: SealedClient, id: string): Promise<Row> =>
    (await client.json('GET', `/v1/faxes/${id}`)).json();
  const typesOf = async (client: SealedClient, id: string) =>
    itemsOf(await client.json('GET', '/v1/events'))
      .filter(({ fax }) => fax === id)
      .map(({ type }) => type);

  test('a refused request may come again with its key when the rules have changed', async () => {
    const client = await customer('again', { destinations: ['FR'] });
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'the-same' };
    const path = `/v1/faxes?to=${encodeURIComponent(BERLIN)}`;
    const refused = await client.send('POST', path, headers, [Buffer.from('a letter')]);
    assert.deepEqual([refused.status, refused.json().reason], [422, 'account']);
    await admin.json('PATCH', '/v1/admin/accounts/again', { policy: { destinations: ['DE'] } });
    assert.equal((await client.send('POST', path, headers, [Buffer.from('a letter')])).status, 202);
    await rig.intake.settled();
  });

  test('a fax to the account’s own country is queued', async () => {
    const client = await customer('home');
    const id = await settled(client, BERLIN);
    assert.partialDeepStrictEqual(await faxOf(client, id), { state: 'queued', held: null });
  });

  test('a premium-rate number is refused with its rule, and nothing of the fax is kept', async () => {
    const client = await customer('premium');
    const files = (await rig.files()).length;
    const answer = await send(client, PREMIUM);
    assert.equal(answer.status, 422);
    assert.partialDeepStrictEqual(answer.json(), {
      code: 'destination_denied',
      reason: 'premium',
      detail: 'the gateway does not call premium-rate numbers',
      errors: [{ pointer: '/to' }],
    });
    assert.ok(!answer.body.toString().includes('900'), 'no digit of the number is repeated');
    assert.deepEqual(itemsOf(await client.json('GET', '/v1/faxes')), []);
    assert.equal((await rig.files()).length, files);
  });

  test('the first fax to another country is held, seen, and goes on when it is approved', async () => {
    const client = await customer('abroad');
    const id = await settled(client, PARIS);
    const fax = await faxOf(client, id);
    assert.equal(fax.state, 'held');
    assert.equal((fax.held as Row).place, 'FR');
    assert.ok(Date.parse(String((fax.held as Row).until)) > Date.now());
    assert.deepEqual(await typesOf(client, id), ['fax.accepted', 'fax.held']);
    assert.equal(itemsOf(await client.json('GET', '/v1/faxes?state=held')).length, 1);

    const waiting = itemsOf(await admin.json('GET', '/v1/admin/destinations'));
    assert.ok(waiting.some(({ place, faxes }) => place === 'FR' && faxes === 1));
    const path = '/v1/admin/accounts/abroad/destinations';
    assert.deepEqual(
      itemsOf(await admin.json('GET', path)).map(({ place, state, waiting: held }) => [place, state, held]),
      [
        ['DE', 'home', 0],
        ['FR', 'waiting', 1],
      ],
    );

    const approved = await admin.json('PUT', `${path}/FR`, { decision: 'approved' });
    assert.equal(approved.status, 200);
    assert.partialDeepStrictEqual(approved.json(), { place: 'FR', state: 'approved', waiting: 0 });
    assert.partialDeepStrictEqual(await faxOf(client, id), { state: 'queued', held: null });
    assert.deepEqual(await typesOf(client, id), ['fax.accepted', 'fax.held', 'fax.queued']);
    assert.equal((await faxOf(client, await settled(client, PARIS))).state, 'queued', 'the next one goes by itself');
  });

  test('a denied country ends what is held with its cause, and refuses what follows', async () => {
    const client = await customer('denied');
    const id = await settled(client, VIENNA);
    const path = '/v1/admin/accounts/denied/destinations/at';
    assert.equal((await admin.json('PUT', path, { decision: 'denied' })).status, 200);
    assert.partialDeepStrictEqual(await faxOf(client, id), {
      state: 'failed',
      cause: 'not_approved',
      detail: 'an administrator has denied AT',
      imageExists: false,
    });
    const refused = await send(client, VIENNA);
    assert.deepEqual([refused.status, refused.json().reason], [422, 'country_denied']);
    assert.partialDeepStrictEqual((await admin.json('DELETE', path)).json(), { place: 'AT', state: 'waiting' });
    assert.equal((await faxOf(client, await settled(client, VIENNA))).state, 'held');
  });

  test('what nobody approves fails when its time is up, and its image is wiped', async () => {
    const client = await customer('late');
    const id = await settled(client, PARIS);
    await rig.sql('update faxes set held_until = $1 where id = $2', [Date.now() - 1, id]);
    await rig.approvals.sweep();
    assert.partialDeepStrictEqual(await faxOf(client, id), {
      ...{ state: 'failed', cause: 'not_approved', detail: 'nobody approved FR in time', imageExists: false },
    });
  });

  test('a cap is a 429 that says when it ends', async () => {
    const client = await customer('capped', { faxesPerHour: 1 });
    await settled(client, BERLIN);
    const answer = await send(client, BERLIN);
    assert.equal(answer.status, 429);
    assert.partialDeepStrictEqual(answer.json(), { code: 'cap_reached', reason: 'hour' });
    const wait = Number(answer.headers['retry-after']);
    assert.ok(wait >= 1 && wait <= 3_600, String(wait));
  });

  test('only a place that there is can be decided about', async () => {
    const path = '/v1/admin/accounts/home/destinations';
    for (const place of ['XX', 'Germany', '+999', '+4930']) {
      const answer = await admin.json('PUT', `${path}/${encodeURIComponent(place)}`, { decision: 'approved' });
      assert.deepEqual([answer.status, answer.json().code], [404, 'place_unknown'], place);
    }
    assert.equal((await admin.json('PUT', `${path}/%2B870`, { decision: 'approved' })).status, 200);
    assert.equal((await admin.json('PUT', `${path}/DE`, { decision: 'perhaps' })).status, 400);
  });

  test('an administrator sees beforehand what would be said to a fax, and why', async () => {
    await customer('looked');
    const look = async (number: string, account?: string) => {
      const query = new URLSearchParams({ number, ...(account === undefined ? {} : { account }) });
      return (await admin.json('GET', `/v1/admin/destinations/look?${query}`)).json();
    };
    assert.deepEqual(await look('+33 1 42 34 56 78', 'looked'), {
      ...{ number: '+33142345678', place: 'FR', class: null, line: 'landline', refusal: null, held: true },
    });
    assert.partialDeepStrictEqual(await look(BERLIN, 'looked'), { place: 'DE', refusal: null, held: false });
    assert.partialDeepStrictEqual(await look(PREMIUM), {
      class: 'premium',
      refusal: { reason: 'premium' },
      held: null,
    });
    await admin.json('PUT', '/v1/admin/accounts/looked/destinations/FR', { decision: 'denied' });
    assert.partialDeepStrictEqual(await look(PARIS, 'looked'), { refusal: { reason: 'country_denied' }, held: false });
    assert.partialDeepStrictEqual(await look(PARIS), { refusal: null, held: null });
    assert.equal((await look('0301234567')).code, 'number_invalid');
    assert.equal((await look(PARIS, 'nobody')).code, 'account_unknown');
    assert.equal(itemsOf(await admin.json('GET', '/v1/admin/accounts/looked/destinations'))[1]?.waiting, 0);
  });

  test('a customer decides nothing', async () => {
    const client = await customer('curious');
    for (const [method, path] of [
      ['GET', '/v1/admin/destinations'],
      ['PUT', '/v1/admin/accounts/curious/destinations/FR'],
    ] as const) {
      const body = method === 'PUT' ? { decision: 'approved' } : undefined;
      assert.equal((await client.json(method, path, body)).status, 403);
    }
  });

  test('the policy takes countries, prefixes and kinds of lines, and nothing else', async () => {
    await customer('policy');
    const change = (policy: Row) => admin.json('PATCH', '/v1/admin/accounts/policy', { policy });
    const wanted = { destinations: ['DE', '+431'], neverDial: ['mobile'], abroadPerDay: null, faxesPerHour: 0 };
    const changed = await change(wanted);
    assert.equal(changed.status, 200, changed.body.toString());
    assert.partialDeepStrictEqual(changed.json().policy, wanted);
    for (const bad of [
      { destinations: ['de'] },
      { destinations: ['0049'] },
      { neverDial: ['satellite'] },
      { faxesPerHour: -1 },
      { unknownLine: 'ask' },
    ]) {
      assert.equal((await change(bad)).status, 400, JSON.stringify(bad));
    }
  });
});
