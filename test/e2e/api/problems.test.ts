import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { PROBLEMS } from '../../../api/errors.ts';
import { createHandshakeServer, randomId } from '../../../crypto/index.ts';
import type { Account } from '../../../gateway/fax/account.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { Gateway } from '../../../gateway/gateway.ts';
import { VaultError } from '../../../gateway/ports/image-vault.ts';
import { RecordsError } from '../../../gateway/records/index.ts';
import { KeyError } from '../../../ops/keys/errors.ts';
import { askedProvider } from '../../asked-provider.ts';
import { PasskeyAuthenticator } from '../../passkey-authenticator.ts';
import { CONSOLE_ORIGIN, extraServer, type Rig, receiveFax, startRig } from './rig.ts';
import { post, type RawAnswer, SealedClient, UnsealedAnswer } from './sealed-client.ts';

/** Codes that a test has provoked; at the end it must be all of them. */
const provoked = new Set<string>();

const TLS_LEAF = 'A'.repeat(43);
const OTHER_LEAF = 'B'.repeat(43);
const NUMBER = '+49301111111';
const ADMIN = { realm: 'admin', user: 'root', secret: 'a long enough password' };

/** Runs `send`, which must be answered with `code`, sealed or not. */
async function expectCode(code: keyof typeof PROBLEMS, send: () => Promise<unknown>): Promise<void> {
  let answer: unknown;
  try {
    answer = await send();
  } catch (error) {
    if (!(error instanceof UnsealedAnswer)) throw error;
    answer = error;
  }
  const { status, code: found, detail } = read(answer);
  assert.equal(found, code, detail);
  assert.equal(status, PROBLEMS[code].status);
  provoked.add(code);
}

function read(answer: unknown): { status: number; code: string; detail: string } {
  if (answer instanceof UnsealedAnswer) return { status: answer.status, code: answer.code, detail: answer.message };
  const { status, body } = answer as RawAnswer;
  const problem = JSON.parse(body.toString('utf8')) as { code: string; status: number };
  assert.equal(problem.status, status);
  return { status, code: problem.code, detail: body.toString('utf8') };
}

describe('every code of ERRORS.md', () => {
  const provider = askedProvider();
  let rig: Rig;
  let account: Account;
  let secret: string;
  let api: SealedClient;
  let admin: SealedClient;
  let plainSecret: string;

  const login = (user: string, key: string, name = 'acme') =>
    SealedClient.login(rig.origin, rig.pin, { account: name, user, secret: key });
  let keys = 0;
  const submit = (query: string, text = 'a letter', client = api, path = '/v1/faxes') =>
    client.send('POST', `${path}?${query}`, { 'content-type': 'text/plain', 'idempotency-key': `key-${keys++}` }, [
      Buffer.from(text),
    ]);
  const to = 'to=%2B49302222222';
  const accepted = async (text = 'a letter'): Promise<FaxId> => {
    const answer = await submit(to, text);
    assert.equal(answer.status, 202, answer.body.toString());
    await rig.intake.settled();
    return answer.json().id as FaxId;
  };

  /** The answer to a log-in under the 128-bit suite, at a server that speaks both. */
  const logInUnderSuite128 = async (who: Record<string, unknown>) => {
    const suites = ['P521-HKDF512-A256GCM', 'P521-HKDF512-A128GCM'] as const;
    const both = await extraServer(rig, { handshake: createHandshakeServer(rig.identity, { suites }) });
    try {
      const client = await SealedClient.open(both.origin, rig.pin, {}, [suites[1]]);
      assert.equal(client.session.suite, suites[1]);
      return await client.json('POST', '/v1/session', who);
    } finally {
      await both.stop();
    }
  };

  before(async () => {
    rig = await startRig({ tlsLeaves: [TLS_LEAF], limits: { documentBytes: 200_000 }, providers: [provider] });
    account = await rig.account('acme', { maxPages: 5 }, [NUMBER]);
    secret = (await rig.apiUser(account, 'desk')).secret;
    const open = await rig.account('open', { sealed: 'optional' }, ['+49301111112']);
    plainSecret = (await rig.apiUser(open, 'desk')).secret;
    await rig.gateway.access.createPasswordUser('admin', null, ADMIN.user, ADMIN.secret, [], 'local');
    api = await login('desk', secret);
    admin = await SealedClient.login(rig.origin, rig.pin, ADMIN);
  });
  after(() => rig.stop());

  test('of the sealed transport', async () => {
    const raw = (body: Uint8Array) => post(rig.origin, '/sfx1/m', 'application/octet-stream', [body]);
    const head = { m: 'GET', p: '/v1/session', h: {} };
    const bytes = await api.bytes(head);
    assert.equal((await raw(bytes)).status, 200);
    await expectCode('sequence_used', () => raw(bytes));
    const strange = Buffer.from(await api.bytes(head));
    strange.fill(7, 8, 24);
    await expectCode('session_unknown', () => raw(strange));
    const changed = Buffer.from(await api.bytes(head));
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expectCode('sealed_message_rejected', () => raw(changed));
    await expectCode('hello_rejected', () => post(rig.origin, '/sfx1/hello', 'application/json', [Buffer.from('{}')]));
  });

  test('of too much at once', async () => {
    const strict = await extraServer(rig, { settings: { hello: { burst: 1, perMinute: 1 } } });
    try {
      await SealedClient.open(strict.origin, rig.pin);
      await expectCode('rate_limited', () =>
        post(strict.origin, '/sfx1/hello', 'application/json', [Buffer.from('{}')]),
      );
    } finally {
      await strict.stop();
    }
    const slow = await extraServer(rig, {
      handshake: createHandshakeServer(rig.identity, { limits: { concurrent: 1, waiting: 0 } }),
    });
    try {
      const hellos = await Promise.allSettled(Array.from({ length: 8 }, () => SealedClient.open(slow.origin, rig.pin)));
      const refused = hellos.filter((one) => one.status === 'rejected').map((one) => String(one.reason));
      assert.ok(refused.length > 0);
      for (const reason of refused) assert.match(reason, /503 .*"code":"busy"/);
      provoked.add('busy');
    } finally {
      await slow.stop();
    }
  });

  test('of a request’s shape', async () => {
    await expectCode('request_invalid', () => submit(`${to}&resolution=sharp`));
    await expectCode('request_invalid', () => submit(`${to}&surprise=1`));
    const json = { 'content-type': 'application/json' };
    await expectCode('body_invalid', () => api.send('POST', '/v1/inbound/next', json, [Buffer.from('{')]));
    await expectCode('body_invalid', () => api.send('GET', '/v1/session', {}, [Buffer.from('x')]));
    const pollution = Buffer.from('{"__proto__":{"seconds":1}}');
    await expectCode('body_invalid', () => api.send('POST', '/v1/inbound/next', json, [pollution]));
    await expectCode('body_too_large', () =>
      api.send('POST', '/v1/inbound/next', json, [Buffer.from(`"${'x'.repeat(1_100_000)}"`)]),
    );
    const xml = { 'content-type': 'text/xml' };
    await expectCode('unsupported_media_type', () => api.send('POST', '/v1/inbound/next', xml, [Buffer.from('<a/>')]));
    await expectCode('route_not_found', () => api.json('GET', '/v1/nothing'));
    await expectCode('route_not_found', () =>
      api.send('POST', '/sfx1/%6d', { 'content-type': 'application/octet-stream' }),
    );
    await expectCode('route_not_found', () => api.json('GET', '/v1/faxes/%zz'));
    await expectCode('route_not_found', () => api.json('GET', `/v1/faxes/${'x'.repeat(500)}`));
    await expectCode('route_not_found', () => post(rig.origin, '/v1/faxes/%zz', '', [], {}, 'GET'));
    const text = { 'content-type': 'text/plain' };
    await expectCode('idempotency_key_missing', () => api.send('POST', `/v1/faxes?${to}`, text, [Buffer.from('x')]));
    const bad = { ...text, 'idempotency-key': 'two words' };
    await expectCode('idempotency_key_invalid', () => api.send('POST', `/v1/faxes?${to}`, bad, [Buffer.from('x')]));
    const inline = { to: '+49302222222', documents: [{ content: 'YQ==' }] };
    await expectCode('inline_document_refused', () =>
      api.json('POST', '/v1/faxes', inline, { 'idempotency-key': 'i' }),
    );
    await expectCode('stream_not_sealed', () => api.json('GET', '/v1/events/stream'));
  });

  test('of who may do what', async () => {
    await expectCode('login_required', async () =>
      (await SealedClient.open(rig.origin, rig.pin)).json('GET', '/v1/faxes'),
    );
    const wrong = { account: 'acme', user: 'desk', secret: 'not the secret of anyone' };
    await expectCode('access_denied', async () =>
      (await SealedClient.open(rig.origin, rig.pin)).json('POST', '/v1/session', wrong),
    );
    const { user, secret: mine } = await rig.apiUser(account, 'leaver');
    const leaver = await login('leaver', mine);
    await rig.records.accounts.updateUser(user.id, { disabled: true }, { who: 'local', address: null }, Date.now());
    await expectCode('session_ended', () => leaver.json('GET', '/v1/faxes'));
    const bearer = { authorization: `Bearer ${secret}` };
    await expectCode('sealed_required', () => post(rig.origin, '/v1/faxes', '', [], bearer, 'GET'));
    const strict = await rig.account('strict', { tlsIntercepted: 'refuse' });
    const { secret: watched } = await rig.apiUser(strict, 'desk');
    const seen = { account: 'strict', user: 'desk', secret: watched, tlsLeaf: OTHER_LEAF };
    await expectCode('tls_proxy_refused', async () =>
      (await SealedClient.open(rig.origin, rig.pin)).json('POST', '/v1/session', seen),
    );
    await expectCode('suite_not_allowed', () => logInUnderSuite128({ account: 'acme', user: 'desk', secret }));
    await expectCode('realm_forbidden', () => api.json('GET', '/v1/admin/accounts'));
    await expectCode('realm_forbidden', () => admin.json('GET', '/v1/faxes'));
  });

  test('and none of them where an account allows the 128-bit suite; administrators never get in under it', async () => {
    const light = await rig.account('light', { allowSuite128: true });
    const who = { account: 'light', user: 'desk', secret: (await rig.apiUser(light, 'desk')).secret };
    assert.equal((await logInUnderSuite128(who)).status, 200);
    await expectCode('suite_not_allowed', () => logInUnderSuite128(ADMIN));
    await expectCode('access_denied', () => logInUnderSuite128({ ...ADMIN, secret: 'a wrong password' }));
    const client = await SealedClient.login(rig.origin, rig.pin, who);
    await rig.gateway.access.changeAccount(light.id, { policy: { allowSuite128: false } }, 'local');
    await expectCode('session_unknown', () => client.json('GET', '/v1/faxes'));
    await expectCode('suite_not_allowed', () => logInUnderSuite128(who));
  });

  test('of a submission', async () => {
    await expectCode('number_invalid', () => submit('to=0302222222'));
    await expectCode('number_unknown', () => submit(`${to}&from=%2B49309999999`));
    const empty = { to: '+49302222222' };
    await expectCode('document_missing', () => api.json('POST', '/v1/faxes', empty, { 'idempotency-key': 'none' }));
    await expectCode('destination_denied', () => submit('to=%2B499001234567'));
    await expectCode('document_rejected', () => submit(to, 'reject:encrypted'));
    await expectCode('document_too_large', () => submit(to, 'x'.repeat(200_001)));
    await expectCode('too_many_pages', () => submit(to, 'pages:6'));
    await expectCode('schedule_in_past', () => submit(`${to}&scheduledAt=2020-01-01T00:00:00Z`));
    await expectCode('deadline_invalid', () => submit(`${to}&deadline=2020-01-01T00:00:00Z`));
    await expectCode('option_invalid', () => api.json('GET', '/v1/faxes?cursor=nonsense'));
    const same = { 'content-type': 'text/plain', 'idempotency-key': 'same' };
    const first = await api.send('POST', `/v1/faxes?${to}`, same, [Buffer.from('a')]);
    assert.equal(first.status, 202);
    await expectCode('idempotency_mismatch', () => api.send('POST', `/v1/faxes?${to}`, same, [Buffer.from('b')]));
    await rig.records.faxes.beginKey(account.id, 'held', Date.now());
    const held = { 'content-type': 'text/plain', 'idempotency-key': 'held' };
    await expectCode('idempotency_running', () => api.send('POST', `/v1/faxes?${to}`, held, [Buffer.from('a')]));
    const small = await rig.account('small', { maxQueued: 1 }, ['+49301111113']);
    const tiny = await login('desk', (await rig.apiUser(small, 'desk')).secret, 'small');
    assert.equal((await submit(to, 'a', tiny)).status, 202);
    await expectCode('too_many_queued', () => submit(to, 'b', tiny));
    await rig.gateway.access.changeAccount(small.id, { policy: { maxQueued: 9, faxesPerHour: 0 } }, 'local');
    await expectCode('cap_reached', () => submit(to, 'b', tiny));
    await rig.gateway.access.changeAccount(small.id, { policy: { faxesPerHour: null } }, 'local');
    await rig.gateway.access.changeAccount(
      small.id,
      { policy: { channels: 1, maxQueued: 9, overLimit: 'reject' } },
      'local',
    );
    await expectCode('channels_busy', () => submit(to, 'c', tiny));
    await rig.gateway.access.changeAccount(small.id, { policy: { overLimit: 'queue', budgetDay: 0 } }, 'local');
    await rig.gateway.budgets.changed(small.id);
    await expectCode('budget_spent', () => submit(to, 'c', tiny));
    await rig.gateway.access.changeAccount(small.id, { paused: true }, 'local');
    await expectCode('account_paused', () => submit(to, 'b', tiny));
    rig.gateway.held = true;
    await expectCode('restore_unconfirmed', () => submit(to)).finally(() => {
      rig.gateway.held = false;
    });
    rig.gateway.draining = true;
    try {
      await expectCode('draining', () => submit(to));
      await expectCode('draining', () => post(rig.origin, '/sfx1/hello', 'application/json', [Buffer.from('{}')]));
    } finally {
      rig.gateway.draining = false;
    }
  });

  test('of a fax', async () => {
    await expectCode('fax_not_found', () => api.json('GET', `/v1/faxes/${randomId('fax')}`));
    await expectCode('fax_not_found', () => api.json('GET', '/v1/faxes/1'));
    await expectCode('call_not_found', () => api.json('GET', `/v1/calls/${randomId('call')}`));
    await expectCode('call_not_found', () => api.json('GET', '/v1/calls/1/ladder.svg'));
    await expectCode('batch_not_found', () => api.json('GET', `/v1/batches/${randomId('bat')}`));
    const id = await accepted();
    await expectCode('page_not_found', () => api.json('GET', `/v1/faxes/${id}/preview/9`));
    await expectCode('receipt_not_found', () => api.json('GET', `/v1/faxes/${id}/receipt`));
    await expectCode('state_conflict', () => api.json('POST', `/v1/faxes/${id}/resend`, { mode: 'all' }));
    const lost = await accepted('a letter that gets lost');
    await rm(`${rig.vaultDirectory}/${lost}`, { recursive: true });
    await expectCode('image_lost', () => api.json('GET', `/v1/faxes/${lost}/preview/1`));
    const sealed = await receiveFax(rig, account, NUMBER);
    const [call] = await rig.records.faxes.calls(sealed);
    await expectCode('ladder_not_found', () => api.json('GET', `/v1/calls/${call?.id}/ladder.svg`));
    await rig.sql('update faxes set sealed_key = $2 where id = $1', [sealed, '{}']);
    await expectCode('image_sealed', () => api.json('GET', `/v1/inbound/${sealed}/document`));
    const second = await login('second', (await rig.apiUser(account, 'second')).secret);
    const leased = (await second.json('POST', '/v1/inbound/next', {})).json();
    await expectCode('lease_held', () => api.json('POST', `/v1/inbound/${leased.id}/acknowledge`));
    assert.equal((await second.json('POST', `/v1/inbound/${leased.id}/acknowledge`)).status, 200);
    await expectCode('image_wiped', () => api.json('GET', `/v1/inbound/${leased.id}/document`));
  });

  test('of what the gateway itself may lack', async () => {
    const failing = (error: Error): Partial<Gateway> => ({
      view: (account) => {
        const view = rig.gateway.view(account);
        return { ...view, faxes: { ...view.faxes, fax: () => Promise.reject(error) } };
      },
    });
    const cases: readonly (readonly [keyof typeof PROBLEMS, Error])[] = [
      ['storage_full', new VaultError('storage_full', 'no room is left in the vault')],
      ['epoch_unavailable', new VaultError('epoch_unavailable', 'no key epoch is open')],
      ['unavailable', new RecordsError('unavailable', 'the database does not answer')],
      ['internal', new Error('secret words of ours +49302222222')],
    ];
    for (const [code, error] of cases) {
      const broken = await extraServer(rig, { gateway: failing(error) });
      try {
        const bearer = { authorization: `Bearer ${plainSecret}` };
        await expectCode(code, async () => {
          const answer = await post(broken.origin, `/v1/faxes/${randomId('fax')}`, '', [], bearer, 'GET');
          assert.doesNotMatch(answer.body.toString(), /secret words/);
          return answer;
        });
      } finally {
        await broken.stop();
      }
    }
    assert.ok(!rig.log.lines.some((line) => line.includes('secret words') || line.includes('49302222222')));
  });

  test('of webhooks', async () => {
    await expectCode('endpoint_not_found', () => api.json('POST', `/v1/webhooks/${randomId('whe')}/rotate`));
    await expectCode('delivery_not_found', () => api.json('POST', `/v1/webhooks/deliveries/${randomId('dlv')}/retry`));
    await expectCode('url_refused', () => api.json('POST', '/v1/webhooks', { url: 'https://user:word@example.com/' }));
  });

  test('of identity providers', async () => {
    const attempt = async (body: Record<string, unknown>) => {
      const client = await SealedClient.open(rig.origin, rig.pin);
      return client.json('POST', '/v1/session', body);
    };
    const oidc = {
      ...{ provider: 'corp', code: 'a-code', verifier: 'v'.repeat(43), nonce: 'n'.repeat(43) },
      redirectUri: `${CONSOLE_ORIGIN}/console/`,
    };
    provider.code = { state: 'silent', reason: 'unreachable' };
    await expectCode('provider_silent', () => attempt({ realm: 'admin', oidc }));
    provider.code = { state: 'refused', reason: 'invalid_grant' };
    await expectCode('identity_refused', () => attempt({ realm: 'admin', oidc }));
    await expectCode('identity_refused', () => attempt({ realm: 'api', account: 'acme', token: 'of.another.issuer' }));
    const users = await Promise.all(['one', 'two'].map((name) => rig.apiUser(account, name)));
    const identity = (at: number) => `/v1/admin/users/${users[at]?.user.id}/identity`;
    await expectCode('provider_unknown', () => admin.json('PUT', identity(0), { provider: 'other', subject: 'ann' }));
    assert.equal((await admin.json('PUT', identity(0), { provider: 'corp', subject: 'ann' })).status, 200);
    await expectCode('identity_taken', () => admin.json('PUT', identity(1), { provider: 'corp', subject: 'ann' }));
  });

  test('of administration', async () => {
    const users = '/v1/admin/accounts/acme/users';
    await expectCode('place_unknown', () =>
      admin.json('PUT', '/v1/admin/accounts/acme/destinations/XX', { decision: 'approved' }),
    );
    await expectCode('account_unknown', () => admin.json('GET', '/v1/admin/accounts/nobody'));
    await expectCode('carrier_unknown', () => admin.json('POST', '/v1/admin/carriers/nobody/pause', { reason: 'x' }));
    await expectCode('user_unknown', () => admin.json('POST', `/v1/admin/users/${randomId('usr')}/secret`));
    await expectCode('number_not_found', () => admin.json('DELETE', '/v1/admin/accounts/acme/numbers/+49301234567'));
    await expectCode('name_taken', () => admin.json('POST', '/v1/admin/accounts', { name: 'acme' }));
    await expectCode('number_taken', () => admin.json('POST', '/v1/admin/accounts/open/numbers', { number: NUMBER }));
    await expectCode('name_invalid', () => admin.json('POST', users, { name: 'a b' }));
    await expectCode('password_weak', () => admin.json('POST', users, { name: 'weak', password: 'short' }));
    await expectCode('cidr_invalid', () => admin.json('POST', users, { name: 'x', cidrs: ['10.0.0.0/33'] }));
    const covers = '/v1/admin/accounts/acme/covers';
    const pdf = { 'content-type': 'application/pdf' };
    const cover = (name: string) => admin.send('POST', `${covers}/${name}`, pdf, [Buffer.from('a form')]);
    await expectCode('cover_rejected', () => cover('letter'));
    for (let count = 0; count < 20; count++) assert.equal((await cover(`cover-${count}`)).status, 201);
    await expectCode('too_many_covers', () => cover('one-more'));
    await expectCode('report_not_found', () => admin.json('GET', '/v1/admin/reports/nothing/run'));
    await expectCode('report_schedule_not_found', () => admin.json('GET', '/v1/admin/reports/nothing/schedule'));
    await expectCode('mail_off', () => admin.json('POST', '/v1/admin/mail/trial', { to: 'anna@example.org' }));
    await expectCode('cover_not_found', () => admin.json('DELETE', `${covers}/one-more`));
    const patch = (body: unknown) => admin.json('PATCH', '/v1/admin/accounts/acme', body);
    await expectCode('policy_invalid', () => patch({ policy: { timeZone: 'Nowhere/Else' } }));
    await expectCode('client_key_invalid', () => patch({ policy: { sealedInboundKey: 'AAAA' } }));
    const found = (await admin.json('GET', '/v1/admin/users')).json().items as { id: string }[];
    await expectCode('realm_mismatch', () => admin.json('POST', `/v1/admin/users/${found[0]?.id}/secret`));
  });

  test('of administrators', async () => {
    await expectCode('code_wrong', async () => {
      assert.equal((await admin.json('POST', '/v1/admin/me/totp')).status, 200);
      return admin.json('POST', '/v1/admin/me/totp/confirm', { code: '000000' });
    });
    await expectCode('totp_missing', () => admin.json('POST', '/v1/admin/me/recovery-codes'));
    await expectCode('session_not_found', () => admin.json('DELETE', '/v1/admin/me/sessions/nothing'));
    await expectCode('step_up_required', async () => {
      const held = rig.gateway.access.sessions.held().filter(({ login }) => login?.realm === 'admin');
      for (const { sid } of held) await rig.gateway.access.sessions.update(sid, { provenAt: 0 });
      return admin.json('POST', '/v1/admin/users', {});
    });
    assert.equal((await admin.json('POST', '/v1/admin/me/step-up', { secret: ADMIN.secret })).status, 200);
    const found = (await admin.json('GET', '/v1/admin/users')).json().items as { id: string }[];
    await expectCode('last_owner', () => admin.json('PATCH', `/v1/admin/users/${found[0]?.id}`, { role: 'admin' }));
    const looks = { name: 'looks', password: ADMIN.secret, role: 'auditor' };
    await expectCode('role_invalid', () =>
      admin.json('POST', '/v1/admin/users', { ...looks, role: 'owner', scope: 'acme' }),
    );
    assert.equal((await admin.json('POST', '/v1/admin/users', looks)).status, 201);
    const auditor = await SealedClient.login(rig.origin, rig.pin, { ...ADMIN, user: 'looks' });
    await expectCode('role_forbidden', () => auditor.json('POST', '/v1/admin/accounts', { name: 'mine' }));
  });

  test('of passkeys', async () => {
    const at = '/v1/admin/me/passkeys';
    const add = async (authenticator = new PasskeyAuthenticator(CONSOLE_ORIGIN)) => {
      const { challenge } = (await admin.json('GET', `${at}/options`)).json();
      return admin.json('POST', at, { name: 'Key', ...authenticator.register(String(challenge)) });
    };
    const one = new PasskeyAuthenticator(CONSOLE_ORIGIN);
    assert.equal((await add(one)).status, 201);
    await expectCode('passkey_taken', () => add(one));
    await expectCode('passkey_invalid', () => add(new PasskeyAuthenticator('https://evil.example.org')));
    await expectCode('passkey_unknown', () => admin.json('DELETE', `${at}/nothing`));
    for (let more = 1; more < 20; more++) assert.equal((await add()).status, 201);
    await expectCode('too_many_passkeys', () => add());
  });

  test('of scopes, and of rules that would lock out', async () => {
    const made = await admin.json('POST', '/v1/admin/accounts/acme/users', { name: 'reads', scopes: ['read'] });
    const { secret } = made.json() as { secret: string };
    const reads = await SealedClient.login(rig.origin, rig.pin, { account: 'acme', user: 'reads', secret });
    await expectCode('scope_missing', () => reads.json('GET', '/v1/cdrs'));
    const found = (await admin.json('GET', '/v1/admin/me')).json() as { id: string };
    await expectCode('locks_out', () => admin.json('PATCH', `/v1/admin/users/${found.id}`, { cidrs: ['192.0.2.1'] }));
  });

  test('of accounts that end', async () => {
    assert.equal((await admin.json('POST', '/v1/admin/accounts', { name: 'ends' })).status, 201);
    const close = (days: number) => admin.json('POST', '/v1/admin/accounts/ends/close', { days });
    assert.equal((await close(0)).status, 200);
    await expectCode('account_closed', () => close(1));
    const ended = await rig.records.accounts.account({ name: 'ends' });
    assert.ok(ended);
    const now = rig.gateway.clock.now() + 1_000;
    await rig.records.closing.settle(now);
    assert.ok(await rig.records.closing.erase(ended.id, now));
    await expectCode('account_erased', () => admin.json('POST', '/v1/admin/accounts/ends/reopen'));
  });

  test('of keys', async () => {
    await expectCode('no_next_root', () => admin.json('POST', '/v1/admin/keys/rotate', { key: 'root' }));
    const rotate = () => Promise.reject(new KeyError('too_many_keys', 'there are 100 keys of earlier times already'));
    const full = await extraServer(rig, { gateway: { keys: { ...rig.gateway.keys, rotate } } });
    try {
      const other = await SealedClient.login(full.origin, rig.pin, ADMIN);
      await expectCode('too_many_keys', () => other.json('POST', '/v1/admin/keys/rotate', { key: 'receipt' }));
    } finally {
      await full.stop();
    }
  });

  test('of numbers that are shared, or that carriers list', async () => {
    const at = `/v1/admin/numbers/${encodeURIComponent(NUMBER)}/subaddresses/42`;
    const give = () => admin.json('PUT', at, { account: 'open' });
    await expectCode('subaddress_not_found', () => admin.json('DELETE', at));
    assert.equal((await give()).status, 201);
    await expectCode('subaddress_taken', give);
    await expectCode('number_shared', () => admin.json('DELETE', `/v1/admin/accounts/acme/numbers/${NUMBER}`));
    assert.equal((await admin.json('DELETE', at)).status, 204);
    await expectCode('numbers_unlisted', () => admin.json('GET', '/v1/admin/carriers/trunk/numbers'));
    const numbers = async () => ({ ok: false, detail: 'HTTP 500' }) as const;
    const silent = await extraServer(rig, { gateway: { carriers: { ...rig.gateway.carriers, numbers } } });
    try {
      const other = await SealedClient.login(silent.origin, rig.pin, ADMIN);
      await expectCode('carrier_failed', () => other.json('GET', '/v1/admin/carriers/trunk/numbers'));
    } finally {
      await silent.stop();
    }
  });

  test('has been provoked above', () => {
    assert.deepEqual([...provoked].toSorted(), Object.keys(PROBLEMS).toSorted());
  });
});
