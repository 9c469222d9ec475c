import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { randomId } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type FaxId, newId } from '../../../gateway/fax/ids.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import type { Wishes } from '../../../gateway/gateway.ts';
import { createClosings, NUMBERS_REST } from '../../../gateway/retention/index.ts';
import { type Rig, realClock, receiveFax, silentMetrics, startRig } from './rig.ts';
import { SealedClient } from './sealed-client.ts';

type Row = Record<string, unknown>;
const PASSWORD = 'a long enough password';
const DAY = 86_400_000;
const ACTOR = { who: 'local', address: null };

describe('the end of an account', () => {
  let rig: Rig;
  let owner: SealedClient;
  let later = 0;
  let numbers = 0;

  before(async () => {
    rig = await startRig();
    await rig.gateway.access.createPasswordUser('admin', null, 'owner', PASSWORD, [], 'local');
    owner = await SealedClient.login(rig.origin, rig.pin, { realm: 'admin', user: 'owner', secret: PASSWORD });
  });
  after(() => rig.stop());

  /** As `dispatch` does it. */
  const cancel: Wishes['cancel'] = async (fax, account, actor) => {
    const answer = await rig.gateway.wishes.cancel(fax, account, actor);
    if (answer === 'ended') await rig.vault.wipe(fax, 'transmission_ended');
    return answer;
  };
  /** What the worker does within half a minute, at a time of our choice. */
  const look = () =>
    createClosings({
      ...{
        closing: rig.records.closing,
        records: rig.records.vault,
        vault: rig.vault,
        exclusion: rig.records.exclusion,
      },
      ...{ cancel, log: rig.log, metrics: silentMetrics },
      clock: { ...realClock, now: () => Date.now() + later },
    }).runOnce();
  const post = async (path: string, body?: unknown): Promise<Row> => {
    const answer = await owner.json('POST', `/v1/admin/accounts/${path}`, body);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json();
  };
  const refusal = async (path: string, body?: unknown, method = 'POST') =>
    (await owner.json(method, `/v1/admin/accounts/${path}`, body)).json().code;
  const actions = async (account: Account): Promise<string[]> =>
    (await rig.records.accounts.auditLog({ account: account.id, limit: 500 })).map(({ action }) => action);

  /** An account with a user who is logged in, a fax that waits, one that was received, a webhook, and a number. */
  async function busy(name: string) {
    const number = `+4930111112${String(numbers++).padStart(2, '0')}` as E164;
    const account = await rig.account(name, { senderName: 'Clinic', csid: '+49 30 1' }, [number]);
    const { user, secret } = await rig.apiUser(account, 'app');
    const login = { account: name, user: 'app', secret };
    const client = await SealedClient.login(rig.origin, rig.pin, login);
    const headers = { 'content-type': 'text/plain', 'idempotency-key': 'once' };
    const sent = await client.send('POST', '/v1/faxes?to=%2B49302222222', headers, [Buffer.from('pages:1')]);
    assert.equal(sent.status, 202, String(sent.body));
    const received = await receiveFax(rig, account, number);
    await rig.gateway.webhooks.create(account.id, { url: 'http://127.0.0.1:9/hook', types: [] });
    return { account, number, user, login, client, waits: sent.json().id as FaxId, received };
  }
  const state = async (fax: FaxId) => {
    const found = await rig.records.faxes.fax(fax);
    return [found?.state, found?.imageExists];
  };

  test('ends what is under way, wipes what is there, and lets nobody in', async () => {
    const { account, login, client, waits, received, number } = await busy('acme');
    const closed = await post('acme/close', { days: 30 });
    assert.equal(closed.disabled, true);
    assert.equal(Date.parse(String(closed.eraseAt)) - Date.parse(String(closed.closedAt)), 30 * DAY);
    await assert.rejects(client.json('GET', '/v1/numbers'), 'its sessions have ended');
    await assert.rejects(SealedClient.login(rig.origin, rig.pin, login), /log-in answered 401/);
    await look();
    assert.deepEqual(await state(waits), ['canceled', false]);
    assert.deepEqual(await state(received), ['wiped', false]);
    assert.ok((await rig.records.vault.receipt(received))?.jws, 'with a receipt');
    const [webhook] = await rig.gateway.webhooks.list(account.id);
    assert.deepEqual([webhook?.disabled, webhook?.disabledReason], [true, 'the account was closed']);
    assert.equal((await rig.records.accounts.ownerOf(number))?.account.id, account.id, 'its number rests');
    assert.ok((await actions(account)).includes('account.close'));
  });

  test('is not the end yet: it is opened again as it was, but for its webhooks', async () => {
    assert.equal(await refusal('acme/close', { days: 1 }), 'account_closed');
    assert.equal(await refusal('acme', { disabled: false }, 'PATCH'), 'account_closed');
    const opened = await post('acme/reopen');
    assert.deepEqual([opened.disabled, opened.closedAt, opened.eraseAt, opened.erasedAt], [false, null, null, null]);
    const account = (await rig.records.accounts.account({ name: 'acme' })) as Account;
    const [user] = await rig.records.accounts.users('api', account.id);
    assert.ok(user);
    const secret = await rig.gateway.access.rotateSecret(user.id, 'local');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'app', secret });
    assert.equal((await client.json('GET', '/v1/numbers')).status, 200);
    assert.equal((await rig.gateway.webhooks.list(account.id))[0]?.disabled, true);
    later = 400 * DAY;
    await look();
    assert.equal((await post('acme/reopen')).erasedAt, null, 'nothing happens to an account that is open');
    later = 0;
  });

  test('is one when its days are over: nothing is left that opens a door, records stay, numbers are free', async () => {
    const { account, user, number, waits } = await busy('beta');
    const rank = { role: 'admin', scope: account.id } as const;
    const boundUser = await rig.gateway.access.createPasswordUser(
      'admin',
      null,
      'beta-admin',
      PASSWORD,
      [],
      'local',
      rank,
    );
    const settings = { addresses: ['beta@example.org'], topics: [] };
    for (const one of [account.id, boundUser.id])
      await rig.records.mail.setSettings(one, account.id, settings, ACTOR, Date.now());
    const mail = { kind: 'alert', to: 'beta@example.org', account: account.id, sealed: new Uint8Array(1) } as const;
    await rig.records.mail.put([{ ...mail, id: newId('mail', (prefix) => randomId(prefix)) }], Date.now());
    await post('beta/close', { days: 10 });
    await look();
    later = 10 * DAY - 60_000;
    await look();
    assert.equal((await rig.records.accounts.account(account.id))?.erasedAt, null);
    later = 10 * DAY + 60_000;
    await look();
    const row = await rig.records.accounts.account(account.id);
    assert.ok(row?.erasedAt);
    assert.deepEqual([row.policy.senderName, row.policy.csid, row.disabled], ['', '', true]);
    const access = await rig.records.accounts.accessById(user.id);
    assert.deepEqual(access?.verifiers.secretMac, null);
    assert.equal(access?.user.disabled, true);
    const bound = await rig.records.accounts.access('admin', null, 'beta-admin');
    assert.deepEqual([bound?.user.disabled, bound?.verifiers.passwordHash], [true, null]);
    assert.deepEqual(await rig.gateway.webhooks.list(account.id), []);
    for (const one of [account.id, boundUser.id])
      assert.deepEqual((await rig.records.mail.settings(one)).addresses, []);
    assert.deepEqual(await rig.records.mail.outbox({ account: account.id, limit: 10 }), []);
    const kept = await rig.sql('select (select count(*) from cdrs where account = $1)::int as cdrs', [account.id]);
    assert.ok(Number(kept.rows[0]?.cdrs) > 0, 'CDRs stay');
    assert.deepEqual(await state(waits), ['canceled', false], 'and so does what became of its faxes');
    assert.equal(await refusal('beta/reopen'), 'account_erased');
    assert.equal(await refusal('beta', { disabled: false }, 'PATCH'), 'account_closed');
    assert.ok((await actions(account)).includes('account.erased'));
    assert.equal((await rig.records.accounts.ownerOf(number))?.account.id, account.id, 'its number rests still');
    later = NUMBERS_REST + 60_000;
    await look();
    assert.equal(await rig.records.accounts.ownerOf(number), undefined);
    const other = await rig.account('gamma');
    await rig.records.accounts.addNumber(number, other.id, '', ACTOR, Date.now());
    later = 0;
  });

  test('waits for a live call, whose image is wiped when it has ended', async () => {
    const { account, waits } = await busy('delta');
    await rig.sql(`update faxes set state = 'sending', live_to = to_number where id = $1`, [waits]);
    await post('delta/close', { days: 0 });
    await look();
    later = DAY;
    await look();
    assert.equal((await rig.records.accounts.account(account.id))?.erasedAt, null, 'its call goes on');
    const { rows } = await rig.sql('select cancel_asked from faxes where id = $1', [waits]);
    assert.equal(rows[0]?.cancel_asked, true);
    await rig.sql(`update faxes set state = 'canceled', live_to = null, finished_at = 1 where id = $1`, [waits]);
    await look();
    assert.deepEqual(await state(waits), ['canceled', false]);
    assert.ok((await rig.records.accounts.account(account.id))?.erasedAt, 'in the same look');
    later = 0;
  });

  test('needs its days said, and an account that is there', async () => {
    for (const body of [{}, { days: -1 }, { days: 366 }, { days: 1.5 }, { days: '1' }, { days: 1, more: 1 }])
      assert.equal(await refusal('acme/close', body), 'request_invalid', JSON.stringify(body));
    assert.equal(await refusal('nobody/close', { days: 1 }), 'account_unknown');
    assert.equal(await refusal('nobody/reopen'), 'account_unknown');
  });
});
