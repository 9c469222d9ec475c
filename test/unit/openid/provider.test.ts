import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Standing, Unvouched, Vouched } from '../../../gateway/ports/identity-provider.ts';
import { type ProviderConfig, providerSchema } from '../../../ops/openid/config.ts';
import { ANSWER_LIMIT } from '../../../ops/openid/fetch.ts';
import { createProvider } from '../../../ops/openid/provider.ts';
import { readTicket, writeTicket } from '../../../ops/openid/ticket.ts';
import { silentLog } from '../../postgres.ts';
import { type Claims, metadataOf, startTinyProvider, type TinyProvider } from './tiny-provider.ts';

const CLIENT = 'sealfax-console';
const AUDIENCE = 'https://fax.example.org';
const NONCE = 'a-nonce-of-the-browser';
const ACCESS = 'an-access-token';
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const GRANT = {
  ...{ code: 'a-code', verifier: 'v'.repeat(43), nonce: NONCE, iss: null },
  redirectUri: 'https://fax.example.org/console/',
};

describe('an OpenID provider', () => {
  let tiny: TinyProvider;
  const counted: Record<string, string>[] = [];
  const now = () => Date.now();
  const clock = { now, monotonic: () => performance.now(), after: () => () => undefined };
  const metrics = {
    count: (_name: string, labels = {}) => void counted.push(labels),
    observe: () => undefined,
    gauge: () => undefined,
  };
  const seconds = (later = 0) => Math.floor(now() / 1_000) + later;

  before(async () => {
    tiny = await startTinyProvider();
  });
  after(() => tiny.stop());
  beforeEach(() => {
    tiny.asked.length = 0;
    counted.length = 0;
    tiny.answer('metadata', { json: metadataOf(tiny.issuer) });
  });

  const provider = (change: Record<string, unknown> = {}) => {
    const config: ProviderConfig = providerSchema.parse({
      ...{ name: 'corp', issuer: tiny.issuer, clientId: CLIENT, secret: 's3cret', audience: AUDIENCE },
      roles: [
        { value: 'fax-owners', role: 'owner' },
        { value: 'fax-acme', role: 'operator', account: 'acme' },
      ],
      ...change,
    });
    return createProvider(config, { clock, log: silentLog, metrics });
  };
  const idToken = (change: Claims = {}, header = {}) => {
    const claims = { iss: tiny.issuer, aud: CLIENT, sub: 'ann', nonce: NONCE, iat: seconds(), exp: seconds(300) };
    return tiny.sign({ ...claims, roles: ['fax-acme'], preferred_username: 'ann@example.org', ...change }, header);
  };
  const tokens = async (id: string | Promise<string>, change: Record<string, unknown> = {}) => ({
    json: {
      ...{ access_token: ACCESS, token_type: 'Bearer', expires_in: 300, refresh_token: 'a-refresh-token' },
      ...{ id_token: await id },
      ...change,
    },
  });
  const redeemed = async (id: string | Promise<string>, change: Record<string, unknown> = {}) => {
    tiny.answer('token', await tokens(id));
    return provider(change).redeem(GRANT);
  };

  /** The answer, when it is a yes. */
  function vouched(answer: Vouched | Unvouched): Vouched {
    assert.equal(answer.state, 'vouched', JSON.stringify(answer));
    assert.ok(answer.state === 'vouched');
    return answer;
  }

  describe('exchanges the code of a sign-in', () => {
    test('with code, verifier and redirect URI, as a client that proves itself', async () => {
      const answer = vouched(await redeemed(idToken({ sid: 'p-1', auth_time: seconds(-10) })));
      assert.deepEqual(answer.identity, { issuer: tiny.issuer, subject: 'ann' });
      assert.deepEqual([answer.sid, answer.name, answer.until], ['p-1', 'ann@example.org', null]);
      assert.deepEqual(answer.rank, { role: 'operator', account: 'acme' });
      assert.ok(answer.provenAt !== null && answer.provenAt < now());
      assert.deepEqual(readTicket(answer.ticket), { by: 'refresh', subject: 'ann', token: 'a-refresh-token' });
      const asked = tiny.asked.find(({ path }) => path === '/token');
      assert.deepEqual(Object.fromEntries(asked?.form ?? []), {
        ...{ grant_type: 'authorization_code', code: 'a-code', code_verifier: GRANT.verifier },
        redirect_uri: GRANT.redirectUri,
      });
      const basic = Buffer.from(String(asked?.authorization).split(' ')[1] ?? '', 'base64').toString();
      assert.equal(decodeURIComponent(basic), `${CLIENT}:s3cret`);
    });

    test('as a public client it names itself and has nothing to prove but the verifier', async () => {
      vouched(await redeemed(idToken(), { secret: undefined }));
      const asked = tiny.asked.find(({ path }) => path === '/token');
      assert.deepEqual([asked?.authorization, asked?.form.get('client_id')], [undefined, CLIENT]);
    });

    const WRONG: readonly [string, Claims, object?][] = [
      ['of another issuer', { iss: 'https://other.example.org' }],
      ['for another client', { aud: 'somebody-else' }],
      ['for several, made out by another', { aud: [CLIENT, 'b'], azp: 'b' }],
      ['for several, and does not say to whom', { aud: [CLIENT, 'b'] }],
      ['with another nonce', { nonce: 'of-another-browser' }],
      ['without a nonce', { nonce: undefined }],
      ['that has expired', { exp: 1_000_000 }],
      ['without an end', { exp: undefined }],
      ['without a subject', { sub: undefined }],
      ['with an endless subject', { sub: 's'.repeat(300) }],
      ['that came with another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
      ['that another key has signed', {}, { foreign: true }],
    ];
    for (const [name, change, header] of WRONG) {
      test(`an ID token ${name} is refused`, async () => {
        assert.equal((await redeemed(idToken(change, header))).state, 'refused');
      });
    }

    test('an ID token that belongs to its access token is taken', async () => {
      const hash = createHash('sha256').update(ACCESS).digest().subarray(0, 16).toString('base64url');
      vouched(await redeemed(idToken({ at_hash: hash })));
    });

    test('an answer without an ID token, or with one that nobody signed, is refused', async () => {
      tiny.answer('token', await tokens('', { id_token: undefined }));
      assert.equal((await provider().redeem(GRANT)).state, 'refused');
      const [header, payload] = [{ alg: 'none' }, { iss: tiny.issuer, aud: CLIENT, sub: 'ann', nonce: NONCE }].map(
        (part) => Buffer.from(JSON.stringify({ ...part, iat: seconds(), exp: seconds(300) })).toString('base64url'),
      );
      assert.equal((await redeemed(`${header}.${payload}.`)).state, 'refused');
    });

    test('a code that the provider does not take is a refusal', async () => {
      tiny.answer('token', { status: 400, json: { error: 'invalid_grant' } });
      assert.deepEqual(await provider().redeem(GRANT), { state: 'refused', reason: 'invalid_grant' });
      assert.deepEqual(counted.at(-1), { provider: 'corp', about: 'code', result: 'refused' });
    });

    test('RFC 9207: an issuer in the redirect that is another one is a mix-up', async () => {
      tiny.answer('token', await tokens(idToken()));
      const answer = await provider().redeem({ ...GRANT, iss: 'https://evil.example.org' });
      assert.equal(answer.state, 'refused');
      assert.ok(!tiny.asked.some(({ path }) => path === '/token'), 'the code goes to nobody');
    });

    test('a provider that always names its issuer in the redirect has to have done so', async () => {
      const named = { ...metadataOf(tiny.issuer), authorization_response_iss_parameter_supported: true };
      tiny.answer('metadata', { json: named });
      tiny.answer('token', await tokens(idToken()));
      assert.equal((await provider().redeem(GRANT)).state, 'refused');
      vouched(await provider().redeem({ ...GRANT, iss: tiny.issuer }));
    });

    test('signed in with less than is asked for', async () => {
      const asks = { acr: ['mfa', 'hardware'] };
      assert.equal((await redeemed(idToken({ acr: 'password' }), asks)).state, 'refused');
      assert.equal((await redeemed(idToken(), asks)).state, 'refused');
      vouched(await redeemed(idToken({ acr: 'hardware' }), asks));
    });

    test('whoever is in no group that may come in is refused', async () => {
      const groups = { groups: { any: ['staff'] } };
      assert.equal((await redeemed(idToken({ groups: ['guests'] }), groups)).state, 'refused');
      assert.equal((await redeemed(idToken({ groups: { staff: true } }), groups)).state, 'refused');
      vouched(await redeemed(idToken({ groups: ['guests', 'staff'] }), groups));
    });

    test('without a refresh token it is asked by UserInfo, until the access token ends', async () => {
      tiny.answer('token', await tokens(idToken(), { refresh_token: undefined }));
      const answer = vouched(await provider().redeem(GRANT));
      const ticket = readTicket(answer.ticket);
      assert.equal(ticket.by, 'userinfo');
      assert.ok(answer.until !== null && Math.abs(answer.until - now() - 300_000) < 5_000);
    });

    test('a provider that can never be asked again is none to rest on', async () => {
      tiny.answer('metadata', { json: { ...metadataOf(tiny.issuer), userinfo_endpoint: undefined } });
      tiny.answer('token', await tokens(idToken(), { refresh_token: undefined }));
      assert.equal((await provider().redeem(GRANT)).state, 'refused');
    });
  });

  describe('maps claims to roles', () => {
    const rank = async (claims: Claims, change: Record<string, unknown> = {}) =>
      vouched(await redeemed(idToken(claims), change)).rank;

    test('the first rule that fits counts', async () => {
      assert.deepEqual(await rank({ roles: ['fax-acme', 'fax-owners'] }), { role: 'owner', account: null });
      assert.deepEqual(await rank({ roles: 'fax-acme' }), { role: 'operator', account: 'acme' });
    });

    test('without a rule that fits there is none, and without rules owners decide', async () => {
      assert.equal(await rank({ roles: ['other'] }), 'none');
      assert.equal(await rank({ roles: undefined }), 'none');
      assert.equal(await rank({ roles: { 'fax-owners': true } }), 'none');
      assert.equal(await rank({ roles: ['fax-owners'] }, { roles: [] }), 'own');
    });

    test('a claim may lie within others, and nothing is found that every object has', async () => {
      const nested = { roleClaim: ['realm_access', 'roles'] };
      assert.deepEqual(await rank({ realm_access: { roles: ['fax-owners'] } }, nested), {
        role: 'owner',
        account: null,
      });
      assert.equal(await rank({ realm_access: 'x' }, { roleClaim: ['realm_access', 'constructor', 'name'] }), 'none');
    });

    test('claims of UserInfo count where the settings say so, of the same subject alone', async () => {
      tiny.answer('userinfo', { json: { sub: 'ann', roles: ['fax-owners'], preferred_username: 'Ann' } });
      const answer = vouched(await redeemed(idToken(), { claims: 'userinfo' }));
      assert.deepEqual([answer.rank, answer.name], [{ role: 'owner', account: null }, 'Ann']);
      tiny.answer('userinfo', { json: { sub: 'eve', roles: ['fax-owners'] } });
      assert.equal((await redeemed(idToken(), { claims: 'userinfo' })).state, 'refused');
    });
  });

  describe('is asked again', () => {
    const refresh = writeTicket({ by: 'refresh', subject: 'ann', token: 'a-refresh-token' });
    const stands = (standing: Standing) => {
      assert.ok(standing.state === 'stands', JSON.stringify(standing));
      return standing;
    };

    test('by its refresh token, of which the newest counts', async () => {
      tiny.answer(
        'token',
        await tokens(idToken({ nonce: undefined, roles: ['fax-owners'] }), { refresh_token: 'next' }),
      );
      const standing = stands(await provider().ask(refresh));
      assert.deepEqual(readTicket(standing.ticket), { by: 'refresh', subject: 'ann', token: 'next' });
      assert.deepEqual([standing.rank, standing.until], [{ role: 'owner', account: null }, null]);
      assert.equal(tiny.asked.at(-2)?.form.get('refresh_token'), 'a-refresh-token');
    });

    test('without a new ID token nothing new is known of the role', async () => {
      tiny.answer('token', await tokens('', { id_token: undefined, refresh_token: undefined }));
      const standing = stands(await provider().ask(refresh));
      assert.equal(standing.rank, null);
      assert.deepEqual(readTicket(standing.ticket), { by: 'refresh', subject: 'ann', token: 'a-refresh-token' });
    });

    test('a grant that is gone is a refusal, and so is an ID token of somebody else', async () => {
      tiny.answer('token', { status: 400, json: { error: 'invalid_grant' } });
      assert.deepEqual(await provider().ask(refresh), { state: 'refused', reason: 'invalid_grant' });
      tiny.answer('token', await tokens(idToken({ nonce: undefined, sub: 'eve' })));
      assert.equal((await provider().ask(refresh)).state, 'refused');
      tiny.answer('token', await tokens(idToken({ nonce: undefined }, { foreign: true })));
      assert.equal((await provider().ask(refresh)).state, 'refused');
    });

    test('what is wrong with the client, or is no answer at all, says nothing about the person', async () => {
      tiny.answer('token', { status: 401, json: { error: 'invalid_client' } });
      assert.deepEqual(await provider().ask(refresh), { state: 'silent', reason: 'invalid_client' });
      tiny.answer('token', (response) => void response.end('<html>a portal of the network</html>'));
      assert.equal((await provider().ask(refresh)).state, 'silent');
      const ticket = writeTicket({ by: 'userinfo', subject: 'ann', token: ACCESS, until: now() + 60_000 });
      tiny.answer('userinfo', { status: 404, json: {} });
      assert.equal((await provider().ask(ticket)).state, 'silent');
    });

    test('by UserInfo: an access token that is not taken any more is a refusal', async () => {
      const ticket = writeTicket({ by: 'userinfo', subject: 'ann', token: ACCESS, until: now() + 60_000 });
      tiny.answer('userinfo', { json: { sub: 'ann' } });
      assert.equal(stands(await provider().ask(ticket)).rank, null);
      tiny.answer('userinfo', { json: { sub: 'eve' } });
      assert.equal((await provider().ask(ticket)).state, 'refused');
      const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
      tiny.answer('userinfo', { status: 401, json: {}, headers: challenge });
      assert.equal((await provider().ask(ticket)).state, 'refused');
      tiny.answer('userinfo', { status: 403, json: {} });
      assert.equal((await provider().ask(ticket)).state, 'refused');
    });

    const FAILING: readonly [string, Parameters<TinyProvider['answer']>[1], string][] = [
      ['fails', { status: 503, json: {} }, 'failing'],
      ['asks for patience', { status: 429, json: {} }, 'failing'],
      ['points elsewhere', { status: 302, json: {}, headers: { location: 'https://evil.example.org/' } }, 'redirected'],
      ['breaks off', (response) => response.destroy(), 'unreachable'],
      ['never ends', (response) => void response.end('x'.repeat(ANSWER_LIMIT + 1)), 'too_large'],
    ];
    for (const [name, answer, reason] of FAILING) {
      test(`a provider that ${name} is silent`, async () => {
        tiny.answer('token', answer);
        assert.deepEqual(await provider().ask(refresh), { state: 'silent', reason });
      });
    }

    test('one that cannot be reached is silent, and nobody can be sent there', async () => {
      const gone = provider({ issuer: 'http://127.0.0.1:9' });
      assert.deepEqual(await gone.ask(refresh), { state: 'silent', reason: 'unreachable' });
      assert.equal(await gone.door(), undefined);
    });
  });

  describe('publishes what a browser needs', () => {
    test('the door is public, and its metadata are read once for all who ask', async () => {
      const one = provider({ acr: ['mfa'], scopes: ['openid', 'offline_access'] });
      const doors = await Promise.all([one.door(), one.door(), one.door()]);
      assert.deepEqual(doors[2], {
        ...{ authorizationEndpoint: `${tiny.issuer}/authorize`, clientId: CLIENT },
        ...{ scope: 'openid offline_access', acrValues: 'mfa' },
      });
      assert.equal(tiny.asked.length, 1);
    });

    test('an issuer that the provider writes with a slash has to be written so in the settings', async () => {
      tiny.answer('metadata', { json: metadataOf(`${tiny.issuer}/`) });
      assert.deepEqual(await provider().redeem(GRANT), { state: 'silent', reason: 'issuer_differs' });
    });

    test('metadata of another issuer, or that name an address without TLS, are none', async () => {
      tiny.answer('metadata', { json: metadataOf('https://other.example.org') });
      assert.equal(await provider().door(), undefined);
      tiny.answer('metadata', {
        json: { ...metadataOf(tiny.issuer), token_endpoint: 'http://other.example.org/token' },
      });
      const answer = await provider().redeem(GRANT);
      assert.deepEqual(answer, { state: 'silent', reason: 'address_refused' });
    });
  });

  describe('checks tokens that API users bring', () => {
    const token = (change: Claims = {}, header = {}) => {
      const claims = { iss: tiny.issuer, aud: AUDIENCE, sub: 'clinic', iat: seconds(), exp: seconds(120) };
      return tiny.sign({ ...claims, ...change }, { typ: 'at+jwt', ...header });
    };
    const plain = () => provider({ introspect: false });

    test('by signature, issuer, audience and time; it stands until it ends', async () => {
      const answer = vouched(await plain().accept(await token()));
      assert.deepEqual(answer.identity, { issuer: tiny.issuer, subject: 'clinic' });
      assert.deepEqual(readTicket(answer.ticket), { by: 'time', until: answer.until });
    });

    const WRONG: readonly [string, Claims, object?][] = [
      ['for another audience', { aud: CLIENT }],
      ['of another issuer', { iss: 'https://other.example.org' }],
      ['that has expired', { exp: 1_000_000 }],
      ['that is not valid yet', { nbf: 4_000_000_000 }],
      ['without an end', { exp: undefined }],
      ['without a subject', { sub: undefined }],
      ['of another kind', {}, { typ: 'logout+jwt' }],
      ['bound to a key of its sender', { cnf: { jkt: 'x' } }],
      ['that another key has signed', {}, { foreign: true }],
    ];
    for (const [name, change, header] of WRONG) {
      test(`a token ${name} is refused`, async () => {
        assert.equal((await plain().accept(await token(change, header))).state, 'refused');
      });
    }

    test('text that is no token is refused, and claims no issuer', async () => {
      for (const text of ['', '.', 'a.b.c', 'sfk_abc', `${'e'.repeat(9_000)}`]) {
        assert.equal(plain().claims(text), false);
        assert.equal((await plain().accept(text)).state, 'refused');
      }
      assert.equal(plain().claims(await token()), true);
    });

    test('a client’s secret is no key of the provider (RFC 8725 §2.1)', async () => {
      const parts = [
        { alg: 'HS256', typ: 'at+jwt' },
        { iss: tiny.issuer, aud: AUDIENCE, sub: 'x', exp: seconds(60) },
      ];
      const head = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      assert.equal((await plain().accept(`${head}.${'A'.repeat(43)}`)).state, 'refused');
    });

    test('RFC 7662: a provider that can be asked about it is, at once and later on', async () => {
      tiny.answer('introspection', { json: { active: true, sub: 'clinic' } });
      const answer = vouched(await provider().accept(await token()));
      assert.equal(readTicket(answer.ticket).by, 'introspection');
      assert.equal((await provider().ask(answer.ticket)).state, 'stands');
      tiny.answer('introspection', { json: { active: true, sub: 'another' } });
      assert.equal((await provider().ask(answer.ticket)).state, 'refused');
      tiny.answer('introspection', { json: { active: false } });
      assert.equal((await provider().ask(answer.ticket)).state, 'refused');
      assert.equal((await provider().accept(await token())).state, 'refused');
    });

    test('without introspection UserInfo is asked, where it takes the token; a program’s own stands until it ends', async () => {
      tiny.answer('metadata', { json: { ...metadataOf(tiny.issuer), introspection_endpoint: undefined } });
      tiny.answer('userinfo', { json: { sub: 'clinic' } });
      const answer = vouched(await provider().accept(await token()));
      assert.equal(readTicket(answer.ticket).by, 'access');
      const standing = await provider({ claims: 'userinfo' }).ask(answer.ticket);
      assert.partialDeepStrictEqual(standing, { state: 'stands', rank: null, until: answer.until });
      tiny.answer('userinfo', { json: { sub: 'another' } });
      assert.equal((await provider().ask(answer.ticket)).state, 'refused');
      assert.equal((await provider().accept(await token())).state, 'refused');
      for (const status of [401, 403]) {
        tiny.answer('userinfo', { status, json: {} });
        assert.equal((await provider().ask(answer.ticket)).state, 'refused', String(status));
        const unasked = vouched(await provider().accept(await token()));
        assert.equal(readTicket(unasked.ticket).by, 'time', String(status));
      }
      tiny.answer('userinfo', { status: 500, json: {} });
      assert.equal((await provider().ask(answer.ticket)).state, 'silent');
      assert.equal((await provider().accept(await token())).state, 'silent');
    });

    test('without an audience in the settings there are no tokens', async () => {
      const one = provider({ audience: undefined });
      assert.equal(one.opens.api, false);
      assert.equal((await one.accept(await token())).state, 'refused');
    });
  });

  describe('tells log-outs', () => {
    const notice = (change: Claims = {}, header = {}) => {
      const claims = {
        iss: tiny.issuer,
        aud: CLIENT,
        sub: 'ann',
        sid: 'p-1',
        iat: seconds(),
        exp: seconds(120),
        jti: 'j',
      };
      return tiny.sign({ ...claims, events: { [LOGOUT_EVENT]: {} }, ...change }, { typ: 'logout+jwt', ...header });
    };

    test('of a session, or of everything that a subject has', async () => {
      const told = await provider().loggedOut(await notice());
      assert.partialDeepStrictEqual(told, { state: 'logout', issuer: tiny.issuer, subject: 'ann', sid: 'p-1' });
      const all = await provider().loggedOut(await notice({ sid: undefined }));
      assert.partialDeepStrictEqual(all, { state: 'logout', subject: 'ann', sid: null });
    });

    const WRONG: readonly [string, Claims, object?][] = [
      ['for another client', { aud: 'somebody-else' }],
      ['of another issuer', { iss: 'https://other.example.org' }],
      ['that names nobody', { sub: undefined, sid: undefined }],
      ['with a nonce, as an ID token has', { nonce: NONCE }],
      ['about another event', { events: { 'https://example.org/event': {} } }],
      ['whose events are no object', { events: [LOGOUT_EVENT] }],
      ['without events', { events: undefined }],
      ['without an id', { jti: undefined }],
      ['without a time', { iat: undefined }],
      ['of long ago', { iat: 1_000_000, exp: undefined }],
      ['of a time to come', { iat: 4_000_000_000, exp: undefined }],
      ['that has expired', { exp: 1_000_000 }],
      ['of another kind', {}, { typ: 'at+jwt' }],
      ['that another key has signed', {}, { foreign: true }],
    ];
    for (const [name, change, header] of WRONG) {
      test(`a logout token ${name} is refused`, async () => {
        assert.equal((await provider().loggedOut(await notice(change, header))).state, 'refused');
      });
    }

    test('keys that are not to be had are silence, and no refusal', async () => {
      tiny.answer('jwks', { status: 500, json: {} });
      assert.deepEqual(await provider().loggedOut(await notice()), { state: 'silent', reason: 'failing' });
    });
  });
});
