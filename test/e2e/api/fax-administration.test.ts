import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type FaxId, newId } from '../../../gateway/fax/ids.ts';
import type { Rank } from '../../../gateway/fax/role.ts';
import { type Rig, receiveFax, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';
const NUMBER = '+49301111111';
const OTHER = '+49301111112';

describe('faxes and calls, for administrators', () => {
  let rig: Rig;
  let acme: Account;
  let other: Account;
  let operator: SealedClient;
  let auditor: SealedClient;
  let bound: SealedClient;
  let own: FaxId;
  let foreign: FaxId;

  const administrator = async (name: string, rank: Rank) => {
    await rig.gateway.access.createPasswordUser('admin', null, name, PASSWORD, [], 'local', rank);
    return SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: name, secret: PASSWORD });
  };
  const get = async (path: string, client = operator): Promise<Row> => {
    const answer = await client.json('GET', path);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
  };
  const items = async (path: string, client = operator) => (await get(path, client)).items as Row[];
  const refused = async (client: SealedClient, method: string, path: string, body?: unknown) => {
    const answer = await client.json(method, path, body);
    assert.ok(answer.status >= 400, `${method} ${path} was not refused`);
    return answer.json().code;
  };
  const audited = async (action: string) =>
    (await rig.records.accounts.auditLog({ limit: 500 })).filter((entry) => entry.action === action);
  /** A fax of `account` with as many pages. */
  const sent = async (account: Account, pages: number): Promise<FaxId> => {
    const { user, secret } = await rig.apiUser(account, 'sender');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: account.name, user: user.name, secret });
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'once' };
    const query = '?to=%2B49302222222&tag.ward=call%20%2B49%2030%207654321';
    const answer = await client.send('POST', `/v1/faxes${query}`, headers, [Buffer.from(`pages:${pages}`)]);
    assert.equal(answer.status, 202, String(answer.body));
    return answer.json().id as FaxId;
  };

  before(async () => {
    rig = await startRig();
    acme = await rig.account('acme', {}, [NUMBER]);
    other = await rig.account('other', {}, [OTHER]);
    operator = await administrator('operator', { role: 'operator', scope: null });
    auditor = await administrator('auditor', { role: 'auditor', scope: null });
    bound = await administrator('bound', { role: 'operator', scope: acme.id });
    own = await receiveFax(rig, acme, NUMBER);
    foreign = await receiveFax(rig, other, OTHER);
  });
  after(() => rig.stop());

  test('are listed over all accounts with whose they are, and filtered', async () => {
    const all = await items('/v1/admin/faxes');
    assert.deepEqual(
      all.map(({ id, account }) => [id, account]),
      [
        [foreign, other.id],
        [own, acme.id],
      ],
    );
    assert.deepEqual(await items(`/v1/admin/faxes?account=${acme.id}`), [all[1]]);
    assert.deepEqual(await items('/v1/admin/faxes?state=failed&state=queued'), []);
    assert.deepEqual(await items(`/v1/admin/faxes?number=${encodeURIComponent(OTHER)}`), [all[0]]);
    const first = await get('/v1/admin/faxes?limit=1');
    const second = await items(`/v1/admin/faxes?limit=1&cursor=${first.next}`);
    assert.deepEqual([...(first.items as Row[]), ...second], all);
    assert.equal(await refused(operator, 'GET', '/v1/admin/faxes?cursor=bogus'), 'option_invalid');
  });

  test('are read one by one, with pages, calls and ladder', async () => {
    const fax = await get(`/v1/admin/faxes/${foreign}`);
    assert.deepEqual([fax.account, fax.state, fax.to], [other.id, 'received', OTHER]);
    const [page] = await items(`/v1/admin/faxes/${foreign}/pages`);
    assert.equal(page?.number, 1);
    const [call] = await items(`/v1/admin/faxes/${foreign}/calls`);
    const ended = await get(`/v1/admin/calls/${call?.id}`);
    assert.deepEqual([ended.fax, ended.account, ended.result, ended.ladder], [foreign, other.id, 'ok', null]);
    assert.equal(await refused(operator, 'GET', `/v1/admin/faxes/${foreign}/receipt`), 'receipt_not_found');
    await rig.vault.wipe(foreign, 'acknowledged');
    assert.equal((await get(`/v1/admin/faxes/${foreign}/receipt`)).fax, foreign);
  });

  test('to an administrator of one account another account’s are unknown', async () => {
    assert.deepEqual(
      (await items('/v1/admin/faxes', bound)).map(({ id }) => id),
      [own],
    );
    const [call] = await items(`/v1/admin/faxes/${foreign}/calls`);
    assert.equal(await refused(bound, 'GET', `/v1/admin/calls/${call?.id}`), 'call_not_found');
    for (const path of ['', '/pages', '/preview/1', '/calls', '/receipt'])
      assert.equal(await refused(bound, 'GET', `/v1/admin/faxes/${foreign}${path}`), 'fax_not_found', path);
    assert.equal(await refused(bound, 'POST', `/v1/admin/faxes/${foreign}/cancel`), 'fax_not_found');
    assert.equal(await refused(bound, 'POST', `/v1/admin/faxes/${foreign}/resend`, { mode: 'all' }), 'fax_not_found');
    assert.deepEqual((await get('/v1/admin/calls/live', bound)).calls, []);
    assert.equal(await refused(bound, 'GET', `/v1/admin/calls/live?account=${other.id}`), 'account_unknown');
  });

  test('a page is shown to an operator and to no auditor, and the audit log names who has looked', async () => {
    const path = `/v1/admin/faxes/${own}/preview/1`;
    const answer = await operator.json('GET', path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'image/png');
    const looks = await audited('fax.preview');
    assert.equal(looks.length, 1);
    assert.deepEqual([looks[0]?.account, looks[0]?.object, looks[0]?.detail], [acme.id, own, { page: 1 }]);
    assert.equal(await refused(auditor, 'GET', path), 'role_forbidden');
    assert.equal(await refused(auditor, 'GET', `/v1/admin/faxes/${own}/pages`), 'role_forbidden');
    assert.equal(await refused(operator, 'GET', `/v1/admin/faxes/${own}/preview/7`), 'page_not_found');
    assert.equal((await audited('fax.preview')).length, 2, 'the try as well');
  });

  test('cancel ends a fax that waits in the name of the administrator; one that has ended stays', async () => {
    const fax = await sent(acme, 2);
    assert.equal((await operator.json('POST', `/v1/admin/faxes/${fax}/cancel`)).json().result, 'ended');
    assert.equal((await get(`/v1/admin/faxes/${fax}`)).state, 'canceled');
    const [entry] = await audited('fax.canceled');
    assert.deepEqual([entry?.object, entry?.address], [fax, '127.0.0.1']);
    assert.match(entry?.actor ?? '', /^usr_/);
    assert.equal(await refused(operator, 'POST', `/v1/admin/faxes/${fax}/cancel`), 'state_conflict');
    assert.equal(await refused(auditor, 'POST', `/v1/admin/faxes/${fax}/cancel`), 'role_forbidden');
    assert.equal(await refused(operator, 'POST', `/v1/admin/faxes/${fax}/resend`, { mode: 'all' }), 'state_conflict');
    assert.equal(await refused(operator, 'POST', '/v1/admin/faxes/fax_1/cancel'), 'fax_not_found');
  });

  test('auditors read the last four digits of every number', async () => {
    for (const row of await items('/v1/admin/faxes', auditor)) {
      assert.doesNotMatch(JSON.stringify(row), /301111|302222|30 7654/);
      assert.match(String(row.to), /^\+•+\d{4}$/);
    }
    assert.doesNotMatch(JSON.stringify(await get(`/v1/admin/faxes/${own}`, auditor)), /301111/);
    const [call] = await items(`/v1/admin/faxes/${own}/calls`, auditor);
    assert.doesNotMatch(JSON.stringify(await get(`/v1/admin/calls/${call?.id}`, auditor)), /301111/);
  });

  test('live: calls in progress and the faxes that wait', async () => {
    const before = await get('/v1/admin/calls/live');
    assert.deepEqual([before.calls, before.liveCalls], [[], 0]);
    const fax = await sent(other, 3);
    await rig.intake.render(fax);
    await rig.intake.settled();
    const now = rig.gateway.clock.now();
    const request = {
      worker: 'test',
      lease: 60_000,
      limit: 1,
      carriers: [{ name: 'trunk', maxCalls: null, callsPerSecond: null }],
    };
    const carriers = [{ name: 'trunk', place: 1, shows: null, trial: false, price: null, reasons: [] }];
    const { claims } = await rig.records.faxes.claimCalls(
      { ...request, plan: () => ({ carriers, waitFor: null }) },
      now + 1_000,
    );
    const [claim] = claims;
    assert.ok(claim);
    const call = newId('call', randomId);
    const intent = { id: call, carrier: 'trunk', reference: 'r', firstPage: 1 };
    assert.ok(await rig.records.faxes.intend(claim.fax.id, claim.fence, intent, now));
    const live = await get('/v1/admin/calls/live');
    assert.equal(live.liveCalls, 1);
    assert.partialDeepStrictEqual((live.calls as Row[])[0], {
      ...{ id: call, fax, account: other.id, state: 'dialing', to: '+49302222222', answeredAt: null, line: null },
      ...{ firstPage: 1, pageStarted: 0, pagesConfirmed: 0, cancelAsked: false },
    });
    assert.equal((live.faxes as Row).dialing, 1);
    const masked = (await get('/v1/admin/calls/live', auditor)).calls as Row[];
    assert.equal(masked[0]?.to, '+•••••••2222');
    assert.equal((await operator.json('POST', `/v1/admin/faxes/${fax}/cancel`)).json().result, 'asked');
    assert.equal(((await get('/v1/admin/calls/live')).calls as Row[])[0]?.cancelAsked, true);
    assert.equal(await refused(operator, 'GET', '/v1/admin/calls/live?limit=0'), 'request_invalid');
  });
});
