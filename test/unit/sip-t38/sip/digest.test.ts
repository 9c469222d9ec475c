import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createDigestClient,
  type DigestAlgorithm,
  type DigestClient,
  digestResponse,
} from '../../../../carrier-adapters/sip-t38/sip/digest.ts';
import { createDigestServer, NONCE_LIFE } from '../../../../carrier-adapters/sip-t38/sip/digest-server.ts';
import {
  Headers,
  NO_BODY,
  parseAuthParams,
  responseTo,
  type SipRequest,
  serialise,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { digestHash, hmacSha256 } from '../../../../crypto/index.ts';
import { request, requestLines, response } from './messages.ts';

const KEY = new Uint8Array(32).fill(7);

function mac(text: string): string {
  return Buffer.from(hmacSha256(KEY, new TextEncoder().encode(text))).toString('hex');
}

/** A client whose nonces are 1, 2, 3 … */
function client(username = 'alice', password = 'secret'): DigestClient {
  let count = 0;
  return createDigestClient({
    username,
    password,
    hash: digestHash,
    random: (bytes) => new Uint8Array(bytes).fill(++count),
  });
}

function server() {
  const password = (name: string) => (name === 'alice' ? 'secret' : undefined);
  return createDigestServer({ realm: 'sealfax', hash: digestHash, mac, password });
}

const REGISTER: SipRequest = {
  kind: 'request',
  method: 'REGISTER',
  uri: 'sip:registrar.example.com',
  headers: new Headers(),
  body: NO_BODY,
};

const RECEIVED = request(...requestLines('REGISTER'));

/** A 401 or 407 with these challenges. */
function challenge(status: 401 | 407, ...values: readonly string[]) {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const headers = values.map((value) => [name, value] as const);
  return response(serialise(responseTo(RECEIVED, status, { toTag: 't', headers })));
}

function credentials(message: SipRequest, key: 'authorization' | 'proxy-authorization' = 'authorization') {
  return message.headers.all(key).map((line) => parseAuthParams(line)?.params ?? assert.fail(line));
}

describe('the response of a digest (RFC 7616 §3.9.1)', () => {
  const parts = (algorithm: DigestAlgorithm) => ({
    algorithm,
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    password: 'Circle of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    counted: { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  });

  test('MD5', () => {
    assert.equal(digestResponse(digestHash, parts('MD5')), '8ca523f5e9506fed4657c9700eebdbec');
  });

  test('SHA-256', () => {
    const expected = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
    assert.equal(digestResponse(digestHash, parts('SHA-256')), expected);
  });

  test('without qop it is that of RFC 2069', () => {
    const old = {
      ...parts('MD5'),
      realm: 'testrealm@host.com',
      password: 'CircleOfLife',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      counted: null,
    };
    // The figure of RFC 2069 §2.4, as its erratum 749 has it.
    assert.equal(digestResponse(digestHash, old), '1949323746fe6a43ef61f9606e7febea');
  });
});

describe('a client (RFC 3261 §22)', () => {
  test('it answers 401 by Authorization and 407 by Proxy-Authorization, and both at once', () => {
    const alice = client();
    assert.equal(alice.challenged(REGISTER, challenge(401, 'Digest realm="a", nonce="n1", qop="auth"')), 'retry');
    assert.equal(alice.challenged(REGISTER, challenge(407, 'Digest realm="a", nonce="n2", qop="auth"')), 'retry');
    const sent = alice.authorize(REGISTER);
    assert.deepEqual(
      credentials(sent).map((params) => params.get('nonce')),
      ['n1'],
    );
    assert.deepEqual(
      credentials(sent, 'proxy-authorization').map((params) => params.get('nonce')),
      ['n2'],
    );
  });

  test('the strongest algorithm is chosen, wherever it stands (RFC 8760 §2.4)', () => {
    const alice = client();
    const [md5, sha, better] = ['MD5', 'SHA-256', 'SHA-512-256'].map(
      (name) => `Digest realm="a", nonce="${name}", algorithm=${name}, qop="auth"`,
    );
    assert.ok(md5 !== undefined && sha !== undefined && better !== undefined);
    alice.challenged(REGISTER, challenge(401, better, md5, sha));
    const [params] = credentials(alice.authorize(REGISTER));
    assert.deepEqual(
      [params?.get('nonce'), params?.get('algorithm'), params?.get('response')?.length],
      ['SHA-256', 'SHA-256', 64],
    );
  });

  test('nc counts the uses of a nonce, each with a client nonce of its own', () => {
    const alice = client();
    alice.challenged(REGISTER, challenge(401, 'Digest realm="a", nonce="n", qop="auth,auth-int", opaque="o"'));
    const sent = [1, 2, 3].map(() => credentials(alice.authorize(REGISTER))[0]);
    assert.deepEqual(
      sent.map((params) => params?.get('nc')),
      ['00000001', '00000002', '00000003'],
    );
    assert.equal(new Set(sent.map((params) => params?.get('cnonce'))).size, 3);
    assert.deepEqual([sent[0]?.get('opaque'), sent[0]?.get('qop'), sent[0]?.has('algorithm')], ['o', 'auth', false]);
  });

  test('a peer of RFC 2069 gets neither nc nor cnonce nor qop', () => {
    const alice = client();
    alice.challenged(REGISTER, challenge(401, 'Digest realm="a", nonce="n"'));
    const [params] = credentials(alice.authorize(REGISTER));
    assert.deepEqual(
      ['nc', 'cnonce', 'qop', 'algorithm'].map((name) => params?.has(name)),
      [false, false, false, false],
    );
  });

  test('a second challenge to right-away credentials means that they are wrong', () => {
    const alice = client();
    const first = challenge(401, 'Digest realm="a", nonce="n1", qop="auth"');
    assert.equal(alice.challenged(REGISTER, first), 'retry');
    const sent = alice.authorize(REGISTER);
    assert.equal(alice.challenged(sent, challenge(401, 'Digest realm="a", nonce="n2", qop="auth"')), 'refused');
  });

  test('a stale nonce, or one that had served before, is replaced', () => {
    const alice = client();
    alice.challenged(REGISTER, challenge(401, 'Digest realm="a", nonce="n1", qop="auth"'));
    const first = alice.authorize(REGISTER);
    assert.equal(
      alice.challenged(first, challenge(401, 'Digest realm="a", nonce="n2", stale=TRUE, qop="auth"')),
      'retry',
    );
    alice.authorize(REGISTER);
    const second = alice.authorize(REGISTER);
    assert.equal(alice.challenged(second, challenge(401, 'Digest realm="a", nonce="n3", qop="auth"')), 'retry');
    assert.equal(credentials(alice.authorize(second))[0]?.get('nonce'), 'n3');
  });

  test('what cannot be answered is refused', () => {
    const hopeless = [
      'Basic realm="a"',
      'Digest realm="a"',
      'Digest nonce="n"',
      'Digest realm="a", nonce="n", algorithm=X',
    ];
    for (const value of [...hopeless, 'Digest realm="a", nonce="n", qop="auth-int"', '']) {
      assert.equal(client().challenged(REGISTER, challenge(401, value)), 'refused', value);
    }
    assert.equal(client().challenged(REGISTER, response(serialise(responseTo(RECEIVED, 403)))), 'refused');
  });

  test('realms beyond the eighth push out the oldest', () => {
    const alice = client();
    for (let n = 0; n < 20; n++) alice.challenged(REGISTER, challenge(401, `Digest realm="r${n}", nonce="n"`));
    assert.deepEqual(
      credentials(alice.authorize(REGISTER)).map((params) => params.get('realm')),
      [12, 13, 14, 15, 16, 17, 18, 19].map((n) => `r${n}`),
    );
  });

  test('a realm cannot break out of its quotes', () => {
    const alice = client();
    alice.challenged(REGISTER, challenge(401, 'Digest realm="a\\", uri=\\"evil", nonce="n"'));
    const [params] = credentials(alice.authorize(REGISTER));
    assert.deepEqual([params?.get('realm'), params?.get('uri')], ['a", uri="evil', 'sip:registrar.example.com']);
  });
});

describe('a server (RFC 3261 §22)', () => {
  /** A client that has been challenged by `ours` at `now`. */
  function challenged(ours: ReturnType<typeof server>, alice = client(), now = 0): DigestClient {
    const lines = ours.challenge('192.0.2.1', now, false).map(([, value]) => value);
    assert.equal(alice.challenged(REGISTER, challenge(401, ...lines)), 'retry');
    return alice;
  }

  test('right credentials are accepted, each count once', () => {
    const ours = server();
    const alice = challenged(ours);
    const sent = alice.authorize(REGISTER);
    assert.deepEqual(ours.verify(sent, '192.0.2.1', 1), { ok: 'alice' });
    assert.deepEqual(ours.verify(sent, '192.0.2.1', 2), { refused: 'stale' });
    assert.deepEqual(ours.verify(alice.authorize(REGISTER), '192.0.2.1', 3), { ok: 'alice' });
  });

  test('it challenges by SHA-256 before MD5, and takes both', () => {
    const ours = server();
    const lines = ours.challenge('192.0.2.1', 0, true).map(([name, value]) => `${name}: ${value}`);
    assert.match(
      lines[0] ?? '',
      /^WWW-Authenticate: Digest realm="sealfax", algorithm=SHA-256, nonce="[^"]+", qop="auth", stale=true$/,
    );
    const alice = client();
    alice.challenged(REGISTER, challenge(401, ours.challenge('192.0.2.1', 0, false)[1]?.[1] ?? ''));
    const sent = alice.authorize(REGISTER);
    assert.equal(credentials(sent)[0]?.get('algorithm'), 'MD5');
    assert.deepEqual(ours.verify(sent, '192.0.2.1', 0), { ok: 'alice' });
  });

  test('no credentials, those of another realm and Basic are no credentials', () => {
    const verdict = (value?: string) => {
      const headers = new Headers(value === undefined ? [] : [['Authorization', value]]);
      return server().verify({ ...REGISTER, headers }, '192.0.2.1', 0);
    };
    assert.deepEqual(verdict(), { refused: 'missing' });
    assert.deepEqual(verdict('Digest realm="other", nonce="n"'), { refused: 'missing' });
    assert.deepEqual(verdict('Basic realm="sealfax"'), { refused: 'wrong' });
    assert.deepEqual(verdict('Digest realm="sealfax", nonce="n"'), { refused: 'wrong' });
  });

  test('a wrong password, an unknown name and another request are wrong', () => {
    for (const alice of [client('alice', 'guess'), client('bob', ''), client('bob', 'secret')]) {
      const ours = server();
      assert.deepEqual(ours.verify(challenged(ours, alice).authorize(REGISTER), '192.0.2.1', 0), { refused: 'wrong' });
    }
    const ours = server();
    const { headers } = challenged(ours).authorize(REGISTER);
    for (const other of [{ method: 'INVITE' }, { uri: 'sip:other.example.com' }]) {
      assert.deepEqual(ours.verify({ ...REGISTER, headers, ...other }, '192.0.2.1', 0), { refused: 'wrong' });
    }
    assert.deepEqual(ours.verify({ ...REGISTER, headers, uri: 'sip:REGISTRAR.example.com' }, '192.0.2.1', 0), {
      ok: 'alice',
    });
  });

  test('a nonce is good for five minutes, for one address, and for no server but this', () => {
    const sent = (ours: ReturnType<typeof server>) => challenged(ours, client(), 1_000).authorize(REGISTER);
    const [ours, others] = [server(), server()];
    assert.deepEqual(ours.verify(sent(ours), '192.0.2.1', 1_000 + NONCE_LIFE), { ok: 'alice' });
    assert.deepEqual(others.verify(sent(others), '192.0.2.1', 1_001 + NONCE_LIFE), { refused: 'stale' });
    assert.deepEqual(others.verify(sent(others), '192.0.2.2', 1_000), { refused: 'stale' });
    assert.deepEqual(others.verify(sent(others), '192.0.2.1', 999), { refused: 'stale' });
    const forged =
      sent(others)
        .headers.get('authorization')
        ?.replace(/nonce="1000\./, 'nonce="1001.') ?? '';
    const headers = new Headers([['Authorization', forged]]);
    assert.deepEqual(others.verify({ ...REGISTER, headers }, '192.0.2.1', 1_001), { refused: 'stale' });
  });

  test('counts of ten thousand nonces are kept; what is older is stale, never accepted twice', () => {
    const ours = server();
    const first = challenged(ours, client(), 0).authorize(REGISTER);
    assert.deepEqual(ours.verify(first, '192.0.2.1', 0), { ok: 'alice' });
    for (let now = 1; now <= 10_000; now++) {
      ours.verify(challenged(ours, client(), now).authorize(REGISTER), '192.0.2.1', now);
    }
    assert.deepEqual(ours.verify(first, '192.0.2.1', 10_001), { refused: 'stale' });
  });
});
