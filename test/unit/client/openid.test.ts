import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { beginSignIn, ClientError, endSignIn, signInDoors } from '../../../api/client/index.ts';

const DOOR = {
  name: 'corp',
  door: {
    ...{ authorizationEndpoint: 'https://login.example.org/authorize?tenant=a', clientId: 'sealfax' },
    ...{ scope: 'openid profile', acrValues: '' },
  },
};
const REDIRECT = 'https://fax.example.org/console/';

describe('a trip to an OpenID provider', () => {
  test('asks for a code with PKCE S256, state and nonce, and keeps what belongs to them', async () => {
    const { begun, address } = await beginSignIn(DOOR, REDIRECT);
    const asked = Object.fromEntries(new URL(address).searchParams);
    const challenge = createHash('sha256').update(begun.verifier).digest('base64url');
    assert.deepEqual(asked, {
      ...{ tenant: 'a', response_type: 'code', client_id: 'sealfax', redirect_uri: REDIRECT, scope: 'openid profile' },
      ...{ state: begun.state, nonce: begun.nonce, code_challenge: challenge, code_challenge_method: 'S256' },
    });
    assert.ok(!address.includes(begun.verifier));
    for (const value of [begun.state, begun.nonce, begun.verifier]) assert.match(value, /^[A-Za-z0-9_-]{43}$/);
  });

  test('has nothing in common with the one before it', async () => {
    const [one, two] = [(await beginSignIn(DOOR, REDIRECT)).begun, (await beginSignIn(DOOR, REDIRECT)).begun];
    for (const name of ['state', 'nonce', 'verifier'] as const) assert.notEqual(one[name], two[name]);
  });

  test('asks for more when the settings or the moment want it', async () => {
    const strict = { ...DOOR, door: { ...DOOR.door, acrValues: 'mfa hardware' } };
    const asked = new URL((await beginSignIn(strict, REDIRECT, true)).address).searchParams;
    assert.deepEqual(
      ['acr_values', 'prompt', 'max_age'].map((name) => asked.get(name)),
      ['mfa hardware', 'login', '0'],
    );
  });

  test('does not begin where nobody answers', async () => {
    await assert.rejects(beginSignIn({ name: 'corp', door: null }, REDIRECT), { code: 'usage' });
  });

  test('ends with the proof of a log-in', async () => {
    const { begun } = await beginSignIn(DOOR, REDIRECT);
    const answer = new URLSearchParams({ code: 'a-code', state: begun.state, iss: 'https://login.example.org' });
    const { provider, verifier, nonce, redirectUri } = begun;
    const asked = { provider, verifier, nonce, redirectUri };
    assert.deepEqual(endSignIn(begun, answer), {
      oidc: { ...asked, code: 'a-code', iss: 'https://login.example.org' },
    });
    answer.delete('iss');
    assert.equal(endSignIn(begun, answer).oidc.iss, null);
  });

  test('ends with nothing when the answer belongs to another question', async () => {
    const { begun } = await beginSignIn(DOOR, REDIRECT);
    for (const state of ['', 'another', begun.nonce]) {
      const answer = new URLSearchParams({ code: 'a-code', state });
      assert.throws(() => endSignIn(begun, answer), { code: 'untrusted_server' });
    }
    assert.throws(() => endSignIn(begun, new URLSearchParams({ code: 'a-code' })), { code: 'untrusted_server' });
  });

  test('tells the refusal of the provider by its code, and nothing else that it sends', async () => {
    const { begun } = await beginSignIn(DOOR, REDIRECT);
    const refusal = (error: string) => () =>
      endSignIn(begun, new URLSearchParams({ state: begun.state, error, error_description: '<b>words</b>' }));
    assert.throws(refusal('access_denied'), (error) => {
      assert.ok(error instanceof ClientError);
      assert.deepEqual([error.code, error.reason], ['usage', 'access_denied']);
      return !error.message.includes('words');
    });
    assert.throws(refusal('<script>'), { code: 'usage', reason: 'unknown' });
  });

  test('a gateway that is not there has no providers to show', async () => {
    await assert.rejects(signInDoors('http://127.0.0.1:9'), { code: 'unreachable' });
  });
});
