import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { base64url } from '../../../crypto/index.ts';
import { CHALLENGE_LIFE, createPasskeyChallenges } from '../../../gateway/access/passkey-challenge.ts';
import { checkAssertion, checkRegistration, type PasskeyFault } from '../../../gateway/access/webauthn.ts';
import { type PASSKEY_KINDS, PasskeyAuthenticator, type Said } from '../../passkey-authenticator.ts';

const ORIGIN = 'https://fax.example.org:8443';
const HOST = 'fax.example.org';
const CHALLENGE = base64url(new Uint8Array(32).fill(7));
const ceremony = { origins: [ORIGIN, 'https://other.example.org'], isChallenge: (text: string) => text === CHALLENGE };
const ALGORITHMS = { es256: -7, eddsa: -8, rs256: -257 } as const;
const KINDS = ['es256', 'eddsa', 'rs256'] as const;

async function registered(kind: keyof typeof PASSKEY_KINDS = 'es256') {
  const authenticator = new PasskeyAuthenticator(ORIGIN, kind);
  const verdict = await checkRegistration(authenticator.register(CHALLENGE), ceremony);
  assert.equal(verdict.fault, null);
  assert.ok('holds' in verdict);
  return { authenticator, key: verdict.holds };
}

/** Everything about the client data that must not pass, in either ceremony. */
const CLIENT_FAULTS: readonly (readonly [string, Said, PasskeyFault])[] = [
  ['another type', { type: 'payment.get' }, 'malformed'],
  ['another challenge', { challenge: base64url(new Uint8Array(32)) }, 'challenge'],
  ['the challenge with padding', { challenge: `${CHALLENGE}=` }, 'challenge'],
  ['an empty challenge', { challenge: '' }, 'challenge'],
  ['another host', { origin: 'https://evil.example.org' }, 'origin'],
  ['another port', { origin: 'https://fax.example.org:9443' }, 'origin'],
  ['no port', { origin: 'https://fax.example.org' }, 'origin'],
  ['http', { origin: 'http://fax.example.org:8443' }, 'origin'],
  ['a slash behind the origin', { origin: `${ORIGIN}/` }, 'origin'],
  ['the origin in capitals', { origin: ORIGIN.toUpperCase() }, 'origin'],
  ['a subdomain', { origin: 'https://a.fax.example.org:8443' }, 'origin'],
  ['an origin that is none', { origin: 'null' }, 'origin'],
  ['a page inside another one', { client: { crossOrigin: true } }, 'framed'],
  ['a page inside another one, said in another way', { client: { crossOrigin: 'yes' } }, 'framed'],
  ['the page around it', { client: { topOrigin: 'https://evil.example.org' } }, 'framed'],
  ['an origin that is no text', { client: { origin: [ORIGIN] } }, 'malformed'],
  ['a challenge that is no text', { client: { challenge: [CHALLENGE] } }, 'malformed'],
  ['no JSON', { clientOctets: Buffer.from('{') }, 'malformed'],
  ['JSON that is no object', { clientOctets: Buffer.from('"text"') }, 'malformed'],
  ['null', { clientOctets: Buffer.from('null') }, 'malformed'],
  ['octets that are no UTF-8', { clientOctets: Buffer.of(0x7b, 0xff, 0x7d) }, 'malformed'],
];

/** Everything about the authenticator's data that must not pass, in either ceremony. */
const AUTHENTICATOR_FAULTS: readonly (readonly [string, Said])[] = [
  ['the name of another host', { rpId: 'evil.example.org' }],
  ['the name of another host of ours', { rpId: 'other.example.org' }],
  ['nobody present', { flags: 0x5c }],
  ['a person who was not verified', { flags: 0x59 }],
  ['neither', { flags: 0x58 }],
];

describe('registering a passkey', () => {
  for (const kind of KINDS) {
    test(`takes a key for ${kind}, with its host, counter and whether it is copied`, async () => {
      const { authenticator, key } = await registered(kind);
      const { host, synced, credential, counter, transports } = key;
      assert.deepEqual(
        { host, synced, credential, counter, transports },
        { host: HOST, synced: true, credential: authenticator.id, counter: 0, transports: ['internal'] },
      );
      const own = authenticator.selfAttested(CHALLENGE, ALGORITHMS[kind]);
      assert.equal((await checkRegistration(own, ceremony)).fault, null, 'attested by itself');
    });
  }

  test('knows a key that stays where it is', async () => {
    const authenticator = new PasskeyAuthenticator(ORIGIN);
    const verdict = await checkRegistration(authenticator.register(CHALLENGE, { flags: 0x45 }), ceremony);
    assert.ok('holds' in verdict);
    assert.equal(verdict.holds.synced, false);
  });

  for (const [what, said, fault] of CLIENT_FAULTS) {
    test(`refuses ${what}`, async () => {
      const registration = new PasskeyAuthenticator(ORIGIN).register(CHALLENGE, said);
      assert.equal((await checkRegistration(registration, ceremony)).fault, fault);
    });
  }
  for (const [what, said] of AUTHENTICATOR_FAULTS) {
    test(`refuses ${what}`, async () => {
      const registration = new PasskeyAuthenticator(ORIGIN).register(CHALLENGE, said);
      assert.equal((await checkRegistration(registration, ceremony)).fault, 'authenticator');
    });
  }

  test('refuses the answer to a log-in, another credential id, and a kind of key that was not asked for', async () => {
    const check = (...[said, kind]: [Said, (keyof typeof PASSKEY_KINDS)?]) =>
      checkRegistration(new PasskeyAuthenticator(ORIGIN, kind).register(CHALLENGE, said), ceremony);
    assert.equal((await check({ type: 'webauthn.get' })).fault, 'malformed');
    assert.equal((await check({ id: base64url(new Uint8Array(32)) })).fault, 'authenticator');
    assert.equal((await check({}, 'es512')).fault, 'authenticator');
  });

  test('refuses statements with certificates unread, and forged ones of the key itself', async () => {
    const authenticator = new PasskeyAuthenticator(ORIGIN);
    const check = (said: Said) => checkRegistration(authenticator.register(CHALLENGE, said), ceremony);
    const sig = Buffer.alloc(70, 1);
    const certified = new Map<string, never>(
      Object.entries({ alg: -7, sig, x5c: [Buffer.from('30', 'hex')] }) as never,
    );
    assert.equal((await check({ fmt: 'packed', attStmt: certified })).fault, 'attestation');
    for (const fmt of ['tpm', 'apple', 'fido-u2f', 'android-key', 'android-safetynet', 'other', ''])
      assert.equal((await check({ fmt })).fault, 'attestation', fmt);
    const forged = new Map<string, never>(Object.entries({ alg: -7, sig }) as never);
    assert.equal((await check({ fmt: 'packed', attStmt: forged })).fault, 'authenticator');
    assert.equal((await check({ fmt: 'none', attStmt: forged })).fault, 'authenticator');
  });

  test('refuses every beginning of an attestation object', async () => {
    const whole = new PasskeyAuthenticator(ORIGIN).register(CHALLENGE);
    const octets = Buffer.from(whole.attestationObject, 'base64url');
    for (let length = 0; length < octets.length; length++) {
      const attestationObject = octets.subarray(0, length).toString('base64url');
      const { fault } = await checkRegistration({ ...whole, attestationObject }, ceremony);
      assert.notEqual(fault, null, String(length));
    }
    const nested = Buffer.alloc(8_000, 0x81).toString('base64url');
    assert.notEqual((await checkRegistration({ ...whole, attestationObject: nested }, ceremony)).fault, null);
  });
});

describe('the answer of a passkey', () => {
  for (const kind of KINDS) {
    test(`by ${kind} holds, and tells its counter`, async () => {
      const { authenticator, key } = await registered(kind);
      authenticator.counter = 41;
      const verdict = await checkAssertion(authenticator.answer(CHALLENGE), key, ceremony);
      assert.deepEqual(verdict, { fault: null, holds: { counter: 41 } });
    });
  }
  for (const [what, said, fault] of CLIENT_FAULTS) {
    test(`does not hold with ${what}`, async () => {
      const { authenticator, key } = await registered();
      assert.equal((await checkAssertion(authenticator.answer(CHALLENGE, null, said), key, ceremony)).fault, fault);
    });
  }
  for (const [what, said] of AUTHENTICATOR_FAULTS) {
    test(`does not hold with ${what}`, async () => {
      const { authenticator, key } = await registered();
      const flags = said.flags === undefined ? {} : { flags: said.flags & 0x1f };
      const answer = authenticator.answer(CHALLENGE, null, { ...said, ...flags });
      assert.equal((await checkAssertion(answer, key, ceremony)).fault, 'authenticator');
    });
  }

  test('does not hold at another console of the same gateway than the one that it was made at', async () => {
    const { authenticator, key } = await registered();
    const said = { origin: 'https://other.example.org', rpId: 'other.example.org' };
    assert.equal((await checkAssertion(authenticator.answer(CHALLENGE, null, said), key, ceremony)).fault, 'origin');
  });

  test('does not hold for the key of another, with another id, or for a registration', async () => {
    const [one, other] = [await registered(), await registered()];
    const answer = one.authenticator.answer(CHALLENGE);
    assert.equal(
      (await checkAssertion(answer, { ...one.key, publicKey: other.key.publicKey }, ceremony)).fault,
      'authenticator',
    );
    assert.equal(
      (await checkAssertion(answer, { ...one.key, publicKey: new Uint8Array(77) }, ceremony)).fault,
      'authenticator',
    );
    const created = one.authenticator.answer(CHALLENGE, null, { type: 'webauthn.create' });
    assert.equal((await checkAssertion(created, one.key, ceremony)).fault, 'malformed');
  });

  test('does not hold with any octet of it changed', async () => {
    const { authenticator, key } = await registered();
    const answer = authenticator.answer(CHALLENGE);
    for (const field of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
      const octets = Buffer.from(answer[field], 'base64url');
      for (let at = 0; at < octets.length; at++) {
        // The length of the DER sequence is around r and s, which are what counts; the parser lets some others pass.
        if (field === 'signature' && at === 1) continue;
        const changed = Buffer.from(octets);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const { fault } = await checkAssertion({ ...answer, [field]: changed.toString('base64url') }, key, ceremony);
        assert.notEqual(fault, null, `${field} ${at}`);
      }
      for (const text of ['', 'A', '!', answer[field].slice(0, -4), answer[field].slice(4)]) {
        const { fault } = await checkAssertion({ ...answer, [field]: text }, key, ceremony);
        assert.notEqual(fault, null, `${field} ${text.slice(0, 4)}`);
      }
    }
  });
});

describe('a challenge within a session', () => {
  const challenges = createPasskeyChallenges(new Uint8Array(32).fill(1));
  const th = new Uint8Array(64).fill(2);
  const NOW = 1_790_000_000_000;

  test('holds for its session and five minutes, in every process with the key', () => {
    const made = challenges.make(th, NOW);
    const elsewhere = createPasskeyChallenges(new Uint8Array(32).fill(1));
    for (const at of [NOW, NOW + CHALLENGE_LIFE - 1]) assert.equal(elsewhere.holds(made, th, at), true);
    assert.equal(challenges.holds(made, th, NOW + CHALLENGE_LIFE), false);
    assert.equal(challenges.holds(made, new Uint8Array(64).fill(3), NOW), false);
    assert.equal(createPasskeyChallenges(new Uint8Array(32)).holds(made, th, NOW), false);
    assert.equal(challenges.holds(challenges.make(th, NOW + 2 * CHALLENGE_LIFE), th, NOW), false, 'of the future');
  });

  test('holds with no octet changed, and in no other form', () => {
    const octets = Buffer.from(challenges.make(th, NOW), 'base64url');
    for (let at = 0; at < octets.length; at++) {
      const changed = Buffer.from(octets);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(challenges.holds(changed.toString('base64url'), th, NOW), false, String(at));
    }
    for (const text of ['', 'x', octets.toString('base64'), octets.subarray(1).toString('base64url')]) {
      const isSame = text === octets.toString('base64url');
      assert.equal(challenges.holds(text, th, NOW), isSame);
    }
  });
});
