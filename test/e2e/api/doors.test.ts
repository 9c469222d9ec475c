import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { base64url, generateSigningKey, signTranscript } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import { type Rig, startRig } from './rig.ts';
import { post, SealedClient } from './sealed-client.ts';

const TO = '/v1/faxes?to=%2B49302222222';

describe('the doors', () => {
  let rig: Rig;
  let account: Account;
  let secret: string;

  before(async () => {
    rig = await startRig({ settings: { trustedProxies: ['127.0.0.1/32'] } });
    account = await rig.account('acme', {}, ['+49301111111']);
    secret = (await rig.apiUser(account, 'desk', ['192.0.2.0/24', '2001:db8::/32'])).secret;
  });
  after(() => rig.stop());

  /** As a proxy that the gateway trusts would forward it. */
  const from = (address: string) => ({ 'x-forwarded-for': address });

  const attempt = async (body: Record<string, unknown>, address = '192.0.2.7') => {
    const client = await SealedClient.open(rig.origin, rig.pin, from(address));
    const text = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json' };
    const answer = await client.send('POST', '/v1/session', headers, [text], from(address));
    return { client, answer };
  };

  test('give one answer to a wrong account, user, secret, realm, form and address', async () => {
    const right = { account: 'acme', user: 'desk', secret };
    const wrong: readonly [Record<string, unknown>, string][] = [
      [{ ...right, account: 'other' }, '192.0.2.7'],
      [{ ...right, user: 'other' }, '192.0.2.7'],
      [{ ...right, secret: `sfk_${'0'.repeat(32)}` }, '192.0.2.7'],
      [{ ...right, secret: 'a password that is not one' }, '192.0.2.7'],
      [{ ...right, secret: null, signature: 'AAAA' }, '192.0.2.7'],
      [{ ...right, realm: 'admin' }, '192.0.2.7'],
      [{ ...right, realm: 'admin', account: null }, '192.0.2.7'],
      [right, '198.51.100.1'],
      [right, '2001:db9::1'],
    ];
    const answers = new Set<string>();
    for (const [body, address] of wrong) {
      const { client, answer } = await attempt(body, address);
      answers.add(`${answer.status} ${answer.body}`);
      await assert.rejects(client.send('GET', '/v1/session', {}, [], from(address)), { code: 'session_unknown' });
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.match([...answers].join(), /^401 .*access_denied/);
  });

  test('let in by IPv4, by IPv4 written as IPv6, and by IPv6', async () => {
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8:1::9']) {
      const { answer } = await attempt({ account: 'acme', user: 'desk', secret }, address);
      assert.equal(answer.status, 200, address);
    }
  });

  test('are checked again at every request', async () => {
    const { client } = await attempt({ account: 'acme', user: 'desk', secret });
    const elsewhere = await client.send('GET', '/v1/session', {}, [], from('198.51.100.1'));
    assert.equal(elsewhere.json().code, 'access_denied');
    const inside = await client.send('GET', '/v1/session', {}, [], from('192.0.2.99'));
    assert.equal(inside.status, 200);
  });

  test('believe no address that the sealed request itself claims', async () => {
    const { client } = await attempt({ account: 'acme', user: 'desk', secret });
    const claim = { 'x-forwarded-for': '192.0.2.7', forwarded: 'for=192.0.2.7' };
    const answer = await client.send('GET', '/v1/session', claim, [], from('198.51.100.1'));
    assert.equal(answer.json().code, 'access_denied');
  });

  test('allow one log-in per session, and nothing but it before', async () => {
    const { client } = await attempt({ account: 'acme', user: 'desk', secret });
    const again = await client.send(
      'POST',
      '/v1/session',
      { 'content-type': 'application/json' },
      [Buffer.from(JSON.stringify({ account: 'acme', user: 'desk', secret }))],
      from('192.0.2.7'),
    );
    assert.equal(again.status, 401);
    const fresh = await SealedClient.open(rig.origin, rig.pin, from('192.0.2.7'));
    for (const path of ['/v1/faxes', '/healthz', '/v1/nothing']) {
      const early = await fresh.send('GET', path, {}, [], from('192.0.2.7'));
      assert.equal(early.json().code, 'login_required', path);
    }
  });

  test('open to a registered client key that signs this session’s transcript, and to no other', async () => {
    const key = await generateSigningKey();
    const { user } = await rig.apiUser(account, 'signer');
    await rig.gateway.access.changeUser(user.id, { clientKey: base64url(key.publicSpki) }, 'local');
    const login = async (th: Uint8Array, client: SealedClient) => {
      const signature = base64url(await signTranscript(th, key));
      return client.json('POST', '/v1/session', { account: 'acme', user: 'signer', signature });
    };
    const client = await SealedClient.open(rig.origin, rig.pin);
    const other = await SealedClient.open(rig.origin, rig.pin);
    assert.equal((await login(client.session.th, client)).status, 200);
    assert.equal((await login(client.session.th, other)).json().code, 'access_denied');
  });

  test('close for every session of a user whose rules, secret or account change, long-polls included', async () => {
    const { user, secret: own } = await rig.apiUser(account, 'mover');
    const client = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'mover', secret: own });
    const head = await rig.records.events.head(account.id);
    const polling = client.json('GET', `/v1/events?after=${head}&wait=25`);
    await client.json('GET', '/v1/session');
    await rig.gateway.access.changeUser(user.id, { cidrs: ['10.0.0.0/8'] }, 'local');
    assert.equal((await polling).json().code, 'session_ended');
    await assert.rejects(client.json('GET', '/v1/session'), { code: 'session_unknown' });
  });

  test('write every log-in to the audit log, without what was typed', async () => {
    const { items } = { items: await rig.records.accounts.auditLog({ limit: 500 }) };
    const actions = new Set(items.map((entry) => entry.action));
    assert.ok(actions.has('login') && actions.has('login.denied'));
    const text = JSON.stringify(items);
    for (const typed of [secret, 'a password that is not one', `sfk_${'0'.repeat(32)}`])
      assert.ok(!text.includes(typed));
  });
});

describe('plain HTTPS', () => {
  let rig: Rig;
  let secret: string;
  let bearer: Record<string, string>;

  before(async () => {
    rig = await startRig();
    const account = await rig.account('open', { sealed: 'optional' }, ['+49301111111']);
    secret = (await rig.apiUser(account, 'desk')).secret;
    bearer = { authorization: `Bearer ${secret}` };
  });
  after(() => rig.stop());

  const call = async (method: string, path: string, extra: Record<string, string> = {}, type = '', body = '') => {
    const answer = await post(
      rig.origin,
      path,
      type,
      body === '' ? [] : [Buffer.from(body)],
      { ...bearer, ...extra },
      method,
    );
    return { ...answer, json: () => JSON.parse(answer.body.toString()) as Record<string, unknown> };
  };

  test('takes an API key as Bearer or Basic, and nothing else', async () => {
    assert.equal((await call('GET', '/v1/faxes')).status, 200);
    const basic = (user: string, word: string) => ({
      authorization: `Basic ${Buffer.from(`${user}:${word}`).toString('base64')}`,
    });
    assert.equal((await call('GET', '/v1/faxes', basic('open/desk', secret))).status, 200);
    assert.equal((await call('GET', '/v1/faxes', basic('open/other', secret))).status, 401);
    assert.equal((await call('GET', '/v1/faxes', basic('open/desk', 'password'))).status, 401);
    assert.equal((await call('GET', '/v1/faxes', { authorization: 'Bearer nonsense' })).status, 401);
    assert.equal((await call('GET', '/v1/admin/accounts')).json().code, 'sealed_required');
  });

  test('takes documents as multipart, raw and inside JSON', async () => {
    const form = [
      '--b\r\ncontent-disposition: form-data; name="to"\r\n\r\n+49 30 2222222\r\n',
      '--b\r\ncontent-disposition: form-data; name="tag.case"\r\n\r\n7\r\n',
      '--b\r\ncontent-disposition: form-data; name="document"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\npages:2\r\n',
      '--b\r\ncontent-disposition: form-data; name="document"; filename="b.txt"\r\ncontent-type: text/plain\r\n\r\nmore\r\n--b--\r\n',
    ].join('');
    const multipart = await call(
      'POST',
      '/v1/faxes',
      { 'idempotency-key': 'm' },
      'multipart/form-data; boundary=b',
      form,
    );
    assert.equal(multipart.status, 202, multipart.body.toString());
    assert.deepEqual([multipart.json().documents, multipart.json().pages, multipart.json().to], [2, 2, '+49302222222']);
    const raw = await call('POST', TO, { 'idempotency-key': 'r' }, 'text/plain', 'pages:3');
    assert.equal(raw.json().pages, 3);
    const inline = { to: '+49302222222', documents: [{ content: Buffer.from('pages:4').toString('base64') }] };
    const json = await call(
      'POST',
      '/v1/faxes',
      { 'idempotency-key': 'j' },
      'application/json',
      JSON.stringify(inline),
    );
    assert.equal(json.json().pages, 4, json.body.toString());
    const cover = { to: '+49302222222', cover: { subject: 'only this' } };
    const coverOnly = await call(
      'POST',
      '/v1/faxes',
      { 'idempotency-key': 'c' },
      'application/json',
      JSON.stringify(cover),
    );
    assert.equal(coverOnly.status, 202, coverOnly.body.toString());
  });

  test('sends a batch: one result for each number, each under a key and with a header line of its own', async () => {
    const to = ['+49302222221', '+49302222222', '+49302222223']
      .map((number) => `to=${encodeURIComponent(number)}`)
      .join('&');
    const answer = await call('POST', `/v1/batches?${to}`, { 'idempotency-key': 'b' }, 'text/plain', 'one letter');
    assert.equal(answer.status, 202, answer.body.toString());
    await rig.intake.settled();
    const faxes = answer.json().faxes as { id: string; to: string }[];
    assert.equal(faxes.length, 3);
    for (const { bell, id } of rig.queue.rung.filter((one) => one.bell === 'render')) {
      assert.equal(bell, 'render');
      await rig.intake.render(id as never);
    }
    for (const fax of faxes) {
      const preview = await call('GET', `/v1/faxes/${fax.id}/preview/1`);
      assert.equal(preview.body.toString(), `png:page 1 to ${fax.to} of one letter`);
    }
    const { rows } = await rig.sql('select distinct dek from vault_keys where fax = any($1)', [
      faxes.map(({ id }) => id),
    ]);
    assert.equal(rows.length, 3);
    const batch = await call('GET', String(answer.headers.location));
    assert.deepEqual(batch.json().states, { queued: 3 });
    const again = await call('POST', `/v1/batches?${to}`, { 'idempotency-key': 'b' }, 'text/plain', 'one letter');
    assert.equal(again.json().id, answer.json().id);
  });

  test('streams events as they happen, from a cursor', async () => {
    const stop = new AbortController();
    const answer = await fetch(`${rig.origin}/v1/events/stream?after=0`, { headers: bearer, signal: stop.signal });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('id: 2\n')) break;
    }
    stop.abort();
    assert.match(text, /^id: 1\nevent: fax\.accepted\ndata: \{"id":"evt_/);
  });

  test('answers health without a key, and says no more than it must', async () => {
    assert.deepEqual(await (await fetch(`${rig.origin}/healthz`)).json(), { status: 'ok' });
    assert.equal((await fetch(`${rig.origin}/readyz`)).status, 200);
    rig.gateway.draining = true;
    assert.equal((await fetch(`${rig.origin}/readyz`)).status, 503);
    rig.gateway.draining = false;
    const { headers } = await fetch(`${rig.origin}/healthz`);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  test('leaves no number, secret or tag in the log', () => {
    assert.ok(rig.log.lines.length > 0);
    const text = rig.log.lines.join('\n');
    for (const word of ['302222222', secret, 'one letter', 'only this', '127.0.0.1'])
      assert.ok(!text.includes(word), word);
  });
});
