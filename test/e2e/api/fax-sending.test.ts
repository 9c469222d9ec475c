import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId, UserId } from '../../../gateway/fax/ids.ts';
import type { Rank } from '../../../gateway/fax/role.ts';
import { type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';
const BERLIN = '+49302222222';
const PARIS = '+33142345678';

let rig: Rig;
let acme: Account;
let operator: SealedClient;
let bound: SealedClient;
let auditor: SealedClient;
const ids = new Map<string, UserId>();
let keys = 0;

const administrator = async (name: string, rank: Rank) => {
  const user = await rig.gateway.access.createPasswordUser('admin', null, name, PASSWORD, [], 'local', rank);
  ids.set(name, user.id);
  return SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: name, secret: PASSWORD });
};
const to = (number: string) => `to=${encodeURIComponent(number)}`;

before(async () => {
  rig = await startRig({ destinations: { watched: true, holds: true } });
  acme = await rig.account('acme', {}, ['+49301111111']);
  await rig.account('other', {}, ['+49301111112']);
  // One owner has to be left when others are disabled.
  await administrator('owner', { role: 'owner', scope: null });
  operator = await administrator('operator', { role: 'operator', scope: null });
  bound = await administrator('bound', { role: 'operator', scope: acme.id });
  auditor = await administrator('auditor', { role: 'auditor', scope: null });
});
after(() => rig.stop());

describe('faxes that administrators send for an account', () => {
  const send = (
    query: string,
    { by = operator, account = 'acme', body = 'pages:2 of a letter', key = `key-${keys++}` } = {},
  ): Promise<Opened> => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': key };
    return by.send('POST', `/v1/admin/accounts/${account}/faxes?${query}`, headers, [Buffer.from(body)]);
  };
  const sent = async (query: string): Promise<FaxId> => {
    const answer = await send(query);
    assert.equal(answer.status, 202, String(answer.body));
    await rig.intake.settled();
    return answer.json().id as FaxId;
  };
  const get = async (path: string): Promise<Row> => (await operator.json('GET', path)).json();
  const post = (path: string, by = operator) => by.json('POST', path);
  const audited = async (action: string, object: string) =>
    (await rig.records.accounts.auditLog({ limit: 500 })).find((one) => one.action === action && one.object === object);

  test('go their way, and name who has sent them, in the fax and in the audit log', async () => {
    const answer = await send(`${to(BERLIN)}&tag.case=7&priority=8`, { by: bound });
    assert.equal(answer.status, 202, String(answer.body));
    const { id, account, user, pages, tags, priority } = answer.json();
    assert.equal(answer.headers.location, `/v1/admin/faxes/${id}`);
    assert.deepEqual(
      { account, user, pages, tags, priority },
      { account: acme.id, user: ids.get('bound'), pages: 2, tags: { case: '7' }, priority: 8 },
    );
    await rig.intake.settled();
    assert.partialDeepStrictEqual(await get(`/v1/admin/faxes/${id}`), { state: 'queued', reviewUntil: null });
    const { actor, address } = (await audited('fax.accept', String(id))) ?? {};
    assert.deepEqual([actor, address], [ids.get('bound'), '127.0.0.1']);
    const found = (await get(`/v1/admin/faxes?user=${ids.get('bound')}`)).items as Row[];
    assert.deepEqual(
      found.map((fax) => fax.id),
      [id],
    );
  });

  test('answer the same key with the same fax, and never with one of the account’s own', async () => {
    const key = 'the-same';
    const first = await send(to(BERLIN), { key });
    const again = await send(to(BERLIN), { key });
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.json().id, first.json().id);
    const { secret } = await rig.apiUser(acme, 'desk');
    const desk = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'desk', secret });
    const headers = { 'content-type': 'text/plain', 'idempotency-key': key };
    const own = await desk.send('POST', `/v1/faxes?${to(BERLIN)}`, headers, [Buffer.from('pages:2 of a letter')]);
    assert.equal(own.status, 202);
    assert.notEqual(own.json().id, first.json().id);
    const elsewhere = await send(to(BERLIN), { key, by: bound });
    assert.notEqual(elsewhere.json().id, first.json().id, 'nor with one of another administrator');
  });

  test('are refused where the account sends nothing, and leave nothing behind', async () => {
    const codes: unknown[] = [];
    await rig.intake.settled();
    const files = await rig.files();
    const change = (what: Row) =>
      rig.sql(`update accounts set ${Object.keys(what)[0]} = $1 where name = 'acme'`, [Object.values(what)[0]]);
    for (const what of [{ disabled: true }, { paused: true }]) {
      await change(what);
      codes.push((await send(to(BERLIN))).json().code);
      await change(Object.fromEntries(Object.keys(what).map((name) => [name, false])));
    }
    codes.push((await send(to(BERLIN), { account: 'nobody' })).json().code);
    codes.push((await send(to(BERLIN), { account: 'other', by: bound })).json().code);
    codes.push((await send(`${to(BERLIN)}&review=perhaps`)).json().code);
    codes.push((await send(`${to(BERLIN)}&unheard=of`)).json().code);
    codes.push((await send(to(BERLIN), { body: 'reject:encrypted' })).json().code);
    assert.deepEqual(codes, [
      ...['state_conflict', 'account_paused', 'account_unknown', 'account_unknown'],
      ...['request_invalid', 'request_invalid', 'document_rejected'],
    ]);
    assert.deepEqual(await rig.files(), files);
  });

  test('stay with an account that is disabled while they come in', async () => {
    const before = await rig.files();
    async function* slowly() {
      yield Buffer.from('pages:1 of');
      await rig.sql(`update accounts set disabled = true where name = 'acme'`);
      yield Buffer.from(' a letter');
    }
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'slow' };
    const answer = await operator.send('POST', `/v1/admin/accounts/acme/faxes?${to(BERLIN)}`, headers, slowly());
    await rig.sql(`update accounts set disabled = false where name = 'acme'`);
    assert.equal(answer.json().code, 'state_conflict');
    assert.deepEqual(await rig.files(), before);
  });

  test('wait with `review` until somebody has seen the very pages that go out', async () => {
    const id = await sent(`${to(BERLIN)}&review=true`);
    const waiting = await get(`/v1/admin/faxes/${id}`);
    assert.deepEqual([waiting.state, waiting.held], ['held', null]);
    assert.ok(Date.parse(String(waiting.reviewUntil)) > Date.now());
    const rung = () => rig.queue.rung.filter((bell) => bell.id === id).length;
    const before = rung();
    assert.match(String((await get(`/v1/admin/faxes/${id}/why`)).summary), /until its pages have been looked at/);
    assert.deepEqual((await get('/v1/admin/destinations')).items, [], 'it waits for no country');
    const image = () => operator.send('GET', `/v1/admin/faxes/${id}/preview/2`);
    const seen = (await image()).body;
    const { items } = (await get(`/v1/admin/faxes/${id}/pages`)) as { items: Row[] };
    const released = await post(`/v1/admin/faxes/${id}/release`, bound);
    assert.deepEqual([released.json().state, released.json().reviewUntil], ['queued', null]);
    assert.deepEqual((await image()).body, seen);
    assert.deepEqual((await get(`/v1/admin/faxes/${id}/pages`)).items, items);
    assert.equal(rung(), before + 1);
    assert.equal((await audited('fax.release', id))?.actor, ids.get('bound'));
    assert.equal((await post(`/v1/admin/faxes/${id}/release`)).json().code, 'state_conflict');
  });

  test('may be released before their pages are made, and are only once', async () => {
    const id = await sent(`${to(BERLIN)}&review=true`);
    await rig.sql(`update faxes set state = 'rendering' where id = $1`, [id]);
    const answer = await post(`/v1/admin/faxes/${id}/release`);
    assert.deepEqual([answer.json().state, answer.json().reviewUntil], ['rendering', null]);
    assert.equal((await post(`/v1/admin/faxes/${id}/release`)).json().code, 'state_conflict');
  });

  test('wait for their country once they are released', async () => {
    const id = await sent(`${to(PARIS)}&review=true`);
    const released = (await post(`/v1/admin/faxes/${id}/release`)).json();
    assert.equal(released.state, 'held');
    assert.equal((released.held as Row).place, 'FR');
    const types = (await rig.records.events.read(acme.id, 0, 500))
      .filter(({ fax }) => fax === id)
      .map(({ type, data }) => [type, data.place ?? data.review]);
    assert.deepEqual(types.slice(-2), [
      ['fax.held', true],
      ['fax.held', 'FR'],
    ]);
    const denied = await sent(`${to('+43123456789')}&review=true`);
    assert.equal(await rig.approvals.decide(acme.id, 'AT' as never, 'denied', { who: 'test', address: null }), true);
    assert.equal((await post(`/v1/admin/faxes/${denied}/release`)).json().code, 'destination_denied');
    assert.equal((await get(`/v1/admin/faxes/${denied}`)).state, 'held', 'it can still be canceled');
  });

  test('are canceled and erased when nobody releases them, and when somebody throws them away', async () => {
    const id = await sent(`${to(BERLIN)}&review=true`);
    await rig.approvals.sweep();
    assert.equal((await get(`/v1/admin/faxes/${id}`)).state, 'held');
    await rig.sql('update faxes set held_until = 1 where id = $1', [id]);
    await rig.approvals.sweep();
    const ended = await get(`/v1/admin/faxes/${id}`);
    assert.deepEqual(
      [ended.state, ended.detail, ended.reviewUntil, ended.imageExists],
      ['canceled', 'its pages were not released in time', null, false],
    );
    const other = await sent(`${to(BERLIN)}&review=true`);
    assert.deepEqual((await post(`/v1/admin/faxes/${other}/cancel`)).json(), { result: 'ended' });
    assert.equal((await post(`/v1/admin/faxes/${other}/release`)).json().code, 'state_conflict');
  });
});

describe('what goes on, told as it changes', () => {
  let id: FaxId;

  before(async () => {
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'watched' };
    const path = `/v1/admin/accounts/acme/faxes?to=${encodeURIComponent(BERLIN)}&review=true`;
    id = (await operator.send('POST', path, headers, [Buffer.from('a letter')])).json().id as FaxId;
    await rig.intake.settled();
  });
  const progress = async (query = '', by = operator) =>
    (await by.json('GET', `/v1/admin/faxes/${id}/progress${query}`)).json();

  test('a fax answers at once, and after that when it has changed', async () => {
    const first = await progress('?wait=25');
    assert.equal((first.fax as Row).state, 'held');
    assert.deepEqual(first.calls, []);
    const again = await progress(`?seen=${first.tag}`);
    assert.equal(again.tag, first.tag, 'without a wait the answer is the same');
    const waiting = progress(`?wait=25&seen=${first.tag}`);
    await operator.json('POST', `/v1/admin/faxes/${id}/release`);
    const changed = await waiting;
    assert.equal((changed.fax as Row).state, 'queued');
    assert.notEqual(changed.tag, first.tag);
  });

  test('the live view of all accounts, and of one, hears what any of them does', async () => {
    for (const query of ['', `&account=${acme.id}`]) {
      const first = (await operator.json('GET', `/v1/admin/calls/live?limit=5${query}`)).json();
      const waiting = operator.json('GET', `/v1/admin/calls/live?limit=5&wait=25&seen=${first.tag}${query}`);
      const headers = { 'content-type': 'text/plain', 'idempotency-key': `another${query.length}` };
      const path = `/v1/admin/accounts/acme/faxes?to=${encodeURIComponent(BERLIN)}`;
      assert.equal((await operator.send('POST', path, headers, [Buffer.from('a letter')])).status, 202);
      const changed = (await waiting).json();
      assert.notEqual(changed.tag, first.tag);
      assert.notDeepEqual(changed.faxes, first.faxes);
    }
  });

  test('a tag tells an auditor nothing of the numbers that it may not see', async () => {
    const [all, masked] = await Promise.all([progress(), progress('', auditor)]);
    assert.equal((masked.fax as Row).to, '+•••••••2222');
    assert.notEqual(all.tag, masked.tag);
  });

  test('whoever loses the right to look is told nothing any more', async () => {
    const { tag } = await progress('', auditor);
    const waiting = auditor.json('GET', `/v1/admin/faxes/${id}/progress?wait=25&seen=${tag}`);
    const user = ids.get('auditor');
    assert.ok(user);
    await rig.gateway.access.changeUser(user, { disabled: true }, 'local');
    const cut = await waiting.then(
      ({ status }) => status,
      () => 'broken off',
    );
    assert.ok(cut === 'broken off' || cut === 401 || cut === 403, String(cut));
  });
});
