import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { base64url, generateSigningKey, passkeyChallenge, signTranscript, totpCode } from '../../../crypto/index.ts';
import type { User } from '../../../gateway/fax/account.ts';
import type { Rank } from '../../../gateway/fax/role.ts';
import type { PasskeyAssertion } from '../../../gateway/gateway.ts';
import { PasskeyAuthenticator, type Said } from '../../passkey-authenticator.ts';
import { totpSecretOf } from '../../totp-secret.ts';
import { CONSOLE_ORIGIN, type Rig, startRig } from './rig.ts';
import { type Opened, SealedClient } from './sealed-client.ts';

const ME = '/v1/admin/me/passkeys';

/** A user of the admin realm with a session, and one passkey. */
interface Holder {
  readonly user: User;
  readonly client: SealedClient;
  readonly authenticator: PasskeyAuthenticator;
  /** Id of the passkey. */
  readonly id: string;
  /** What stands for the user. */
  readonly handle: string;
}

describe('passkeys of administrators', () => {
  let rig: Rig;
  let owner: SealedClient;

  let key: Awaited<ReturnType<typeof generateSigningKey>>;

  /** Log-ins without a passkey are by a client key here: passwords are slow, and mean to be. */
  const byKey = async (user: string): Promise<SealedClient> => {
    const client = await SealedClient.open(rig.origin, rig.pin);
    const signature = base64url(await signTranscript(client.session.th, key));
    const answer = await client.json('POST', '/v1/session', { realm: 'admin', user, signature });
    assert.equal(answer.status, 200, answer.body.toString());
    return client;
  };
  const administrator = (name: string, rank: Rank): Promise<User> => {
    const verifiers = { passwordHash: null, secretMac: null };
    const user = { realm: 'admin', account: null, name, verifiers, cidrs: [], rank } as const;
    const clientKey = base64url(key.publicSpki);
    return rig.records.accounts.createUser({ ...user, clientKey }, { who: 'local', address: null }, Date.now());
  };

  before(async () => {
    rig = await startRig();
    key = await generateSigningKey();
    await administrator('root', { role: 'owner', scope: null });
    owner = await byKey('root');
  });
  after(() => rig.stop());

  const options = async (client: SealedClient) => {
    const answer = await client.json('GET', `${ME}/options`);
    assert.equal(answer.status, 200, answer.body.toString());
    return answer.json() as { challenge: string; user: { handle: string; name: string }; known: unknown[] };
  };

  async function register(client: SealedClient, authenticator: PasskeyAuthenticator, name = 'Laptop', said: Said = {}) {
    const { challenge } = await options(client);
    return client.json('POST', ME, { name, ...authenticator.register(challenge, said) });
  }

  let names = 0;
  async function holder(rank: Rank = { role: 'auditor', scope: null }): Promise<Holder> {
    const user = await administrator(`holder-${++names}`, rank);
    const client = await byKey(user.name);
    const authenticator = new PasskeyAuthenticator(CONSOLE_ORIGIN);
    const made = await register(client, authenticator);
    assert.equal(made.status, 201, made.body.toString());
    return { user, client, authenticator, id: String(made.json().id), handle: base64url(Buffer.from(user.id)) };
  }

  /** A log-in with what `answer` makes of the session's challenge. */
  async function attempt(
    answer: (challenge: string) => PasskeyAssertion,
    body: Record<string, unknown> = {},
  ): Promise<{ readonly client: SealedClient; readonly answer: Opened }> {
    const client = await SealedClient.open(rig.origin, rig.pin);
    const passkey = answer(await passkeyChallenge(client.session.th));
    return { client, answer: await client.json('POST', '/v1/session', { realm: 'admin', passkey, ...body }) };
  }
  const enter = ({ authenticator, handle }: Holder, said: Said = {}, body: Record<string, unknown> = {}) =>
    attempt((challenge) => authenticator.answer(challenge, handle, said), body);

  test('open a session without name, password or code, and are remembered with it', async () => {
    const one = await holder();
    const { secret } = await rig.gateway.access.enableTotp(one.user.id, 'local');
    const code = totpCode(totpSecretOf(secret), Math.floor(Date.now() / 30_000));
    await rig.gateway.access.confirmTotp(one.user.id, code, 'local');
    const { client, answer } = await enter(one);
    assert.equal(answer.status, 200, answer.body.toString());
    assert.deepEqual(answer.json().user, { id: one.user.id, name: one.user.name });
    assert.equal((await client.json('GET', '/v1/admin/me')).json().id, one.user.id);
    const [kept] = (await client.json('GET', ME)).json().items as Record<string, unknown>[];
    assert.partialDeepStrictEqual(kept, { id: one.id, name: 'Laptop', host: 'fax.example.org', synced: true });
    assert.ok(Date.now() - Date.parse(String(kept?.usedAt)) < 60_000);
    const [login] = await rig.records.accounts.auditLog({ limit: 1 });
    assert.partialDeepStrictEqual(login, { action: 'login', actor: one.user.id });
    assert.partialDeepStrictEqual(login?.detail, { method: 'passkey', passkey: one.id });
  });

  test('are refused with one answer for everything that is wrong', async () => {
    const [one, other] = [await holder(), await holder()];
    const { client } = await attempt((challenge) => one.authenticator.answer(challenge));
    const elsewhere = await passkeyChallenge(client.session.th);
    const within = (await options(one.client)).challenge;
    const wrong: readonly (readonly [string, () => Promise<{ answer: Opened }>])[] = [
      ['of another session', () => attempt(() => one.authenticator.answer(elsewhere))],
      ['made for a session that is logged in', () => attempt(() => one.authenticator.answer(within))],
      ['at another origin', () => enter(one, { origin: 'https://evil.example.org', rpId: 'evil.example.org' })],
      ['inside another page', () => enter(one, { client: { crossOrigin: true } })],
      ['without the person', () => enter(one, { flags: 0x19 })],
      ['of an unknown credential', () => enter(one, { id: base64url(new Uint8Array(32)) })],
      ['of the credential of another', () => enter(one, { id: other.authenticator.id })],
      ['for another user', () => enter(one, { userHandle: other.handle })],
      ['for nobody', () => enter(one, { userHandle: 'AAAA' })],
      ['beside the name of another', () => enter(one, {}, { user: other.user.name })],
      ['with an account', () => enter(one, {}, { user: one.user.name, account: 'acme' })],
      ['in the other realm', () => enter(one, {}, { realm: 'api' })],
    ];
    const answers = new Set<string>();
    for (const [what, log] of wrong) {
      const { answer } = await log();
      assert.equal(answer.status, 401, `${what}: ${answer.body}`);
      answers.add(answer.body.toString().replace(/"instance":"[^"]*"/, ''));
    }
    assert.equal(answers.size, 1, [...answers].join('\n'));
    assert.equal((await enter(one, {}, { user: one.user.name })).answer.status, 200, 'its own name may be said');
    assert.equal((await enter(one, { userHandle: null })).answer.status, 200, 'a keeper may say nothing of the user');
  });

  test('go with no other proof, and in the form that is asked for', async () => {
    const one = await holder();
    for (const body of [{ secret: 'a password' }, { signature: 'AA' }, { totp: '12345' }]) {
      assert.equal((await enter(one, {}, body)).answer.status, 400, JSON.stringify(body));
    }
    const long = 'A'.repeat(4_097);
    for (const change of [{ id: '' }, { clientDataJSON: long }, { signature: '+/==' }, { userHandle: long }]) {
      const { answer } = await attempt((challenge) => ({ ...one.authenticator.answer(challenge), ...change }));
      assert.equal(answer.status, 400, JSON.stringify(change).slice(0, 40));
    }
  });

  test('that count are refused when they count back, which is told to whoever runs the gateway', async () => {
    const one = await holder();
    const before = rig.log.lines.length;
    for (const [counter, status] of [
      [5, 200],
      [6, 200],
      [6, 401],
      [2, 401],
      [0, 401],
      [7, 200],
    ] as const) {
      assert.equal((await enter(one, { counter })).answer.status, status, String(counter));
    }
    const alerts = rig.log.lines.slice(before).filter((line) => line.includes('"alert":"passkey_counter"'));
    assert.equal(alerts.length, 3);
    const denied = (await rig.records.accounts.auditLog({ limit: 20 })).filter(
      ({ action, actor }) => action === 'login.denied' && actor === one.user.id,
    );
    assert.deepEqual(
      denied.map(({ detail }) => detail.used),
      ['passkey', 'passkey', 'passkey'],
    );
  });

  test('are registered for this session, this console and this person, each once', async () => {
    const [one, other] = [await holder(), await holder()];
    const fresh = () => new PasskeyAuthenticator(CONSOLE_ORIGIN);
    const { challenge } = await options(other.client);
    const foreign = await one.client.json('POST', ME, { name: 'x', ...fresh().register(challenge) });
    const origin = 'https://evil.example.org';
    const refused: readonly Opened[] = [
      foreign,
      await register(one.client, new PasskeyAuthenticator(origin)),
      await register(one.client, fresh(), 'x', { flags: 0x59 }),
      await register(one.client, fresh(), 'x', { fmt: 'apple' }),
    ];
    const details = refused.map((answer) => {
      assert.deepEqual([answer.status, answer.json().code], [422, 'passkey_invalid']);
      return String(answer.json().detail);
    });
    for (const [at, said] of [/session/, /SEALFAX_CONSOLE_ORIGINS/, /verified/, /certificate/].entries())
      assert.match(details[at] ?? '', said);
    assert.equal((await register(other.client, one.authenticator)).json().code, 'passkey_taken');
    for (const name of ['', ' ', 'a\nb', 'x'.repeat(61)]) {
      assert.equal((await register(one.client, fresh(), name)).status, 400, JSON.stringify(name));
    }
    const { known } = await options(one.client);
    assert.deepEqual(known, [{ credential: one.authenticator.id, transports: ['internal'], host: 'fax.example.org' }]);
  });

  test('are renamed and removed by their holder, and end the sessions that rest on them', async () => {
    const one = await holder();
    const { client: second } = await enter(one);
    const renamed = await one.client.json('PATCH', `${ME}/${one.id}`, { name: 'Desk key' });
    assert.equal(renamed.json().name, 'Desk key');
    const other = await holder();
    for (const [method, body] of [
      ['PATCH', { name: 'x' }],
      ['DELETE', undefined],
    ] as const) {
      const answer = await other.client.json(method, `${ME}/${one.id}`, body);
      assert.equal(answer.json().code, 'passkey_unknown');
    }
    assert.equal((await one.client.json('DELETE', `${ME}/${one.id}`)).status, 204);
    await assert.rejects(second.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    assert.equal((await one.client.json('GET', '/v1/admin/me')).status, 200, 'the one without it goes on');
    assert.equal((await enter(one)).answer.status, 401);
    assert.equal((await one.client.json('DELETE', `${ME}/nothing`)).json().code, 'passkey_unknown');
  });

  test('may remove themselves, and the answer still arrives', async () => {
    const one = await holder();
    const { client } = await enter(one);
    assert.equal((await client.json('DELETE', `${ME}/${one.id}`)).status, 204);
    await assert.rejects(client.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
  });

  test('of others are seen and removed by owners alone', async () => {
    const one = await holder({ role: 'admin', scope: null });
    const at = `/v1/admin/users/${one.user.id}/passkeys`;
    const { client } = await enter(one);
    assert.equal((await one.client.json('GET', at)).json().code, 'role_forbidden');
    const [seen] = (await owner.json('GET', at)).json().items as Record<string, unknown>[];
    assert.equal(seen?.id, one.id);
    assert.equal((await owner.json('DELETE', `${at}/${one.id}`)).status, 204);
    assert.equal((await owner.json('DELETE', `${at}/${one.id}`)).json().code, 'passkey_unknown');
    await assert.rejects(client.json('GET', '/v1/admin/me'), { code: 'session_unknown' });
    const nobody = '/v1/admin/users/usr_00000000000000000000000000/passkeys';
    assert.equal((await owner.json('GET', nobody)).json().code, 'user_unknown');
    const audit = await rig.records.accounts.auditLog({ limit: 10 });
    assert.ok(audit.some(({ action, object }) => action === 'passkey.remove' && object === one.user.id));
  });

  test('say within a session who is there, to a challenge that was made for it', async () => {
    const [one, other] = [await holder(), await holder()];
    const prove = (passkey: PasskeyAssertion) => one.client.json('POST', '/v1/admin/me/step-up', { passkey });
    const { sid } = one.client.session;
    const { sessions } = rig.gateway.access;
    await sessions.update(sid, { provenAt: 0 });
    const refused = await one.client.json('DELETE', `${ME}/${one.id}`);
    assert.equal(refused.json().code, 'step_up_required');
    const derived = await passkeyChallenge(one.client.session.th);
    const { challenge } = await options(one.client);
    const elsewhere = (await options(other.client)).challenge;
    const wrong: readonly (readonly [string, PasskeyAssertion])[] = [
      ['to the challenge of a log-in', one.authenticator.answer(derived, one.handle)],
      ['to the challenge of another session', one.authenticator.answer(elsewhere, one.handle)],
      ['of another user', other.authenticator.answer(challenge, other.handle)],
      ['without the person', one.authenticator.answer(challenge, one.handle, { flags: 0x19 })],
    ];
    for (const [what, passkey] of wrong) assert.equal((await prove(passkey)).json().code, 'access_denied', what);
    assert.equal((await sessions.get(sid, Date.now()))?.login?.provenAt, 0);
    assert.equal((await prove(one.authenticator.answer(challenge, one.handle))).status, 200);
    assert.equal((await one.client.json('DELETE', `${ME}/${one.id}`)).status, 204);
  });

  test('leave no credential, key or answer in a log', async () => {
    const one = await holder();
    await enter(one, { origin: 'https://evil.example.org' });
    await enter(one);
    const text = rig.log.lines.join('\n');
    for (const needle of [one.authenticator.id, one.handle, 'evil.example.org']) assert.ok(!text.includes(needle));
  });
});
