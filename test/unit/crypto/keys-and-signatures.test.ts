import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { signTranscript, verifyTranscript } from '../../../crypto/handshake/login.ts';
import {
  base64url,
  generateEd25519,
  generateRecipientKey,
  generateSigningKey,
  importRecipientKey,
  importSigningKey,
  newKey,
  pinOf,
  randomBytes,
  sha256,
  signEd25519,
  signJws,
  signReceipt,
  unwrapWithPrivateKey,
  verifyEd25519,
  verifyJws,
  verifyReceipt,
  verifySignature,
  wrapToPublicKey,
} from '../../../crypto/index.ts';
import { pkcs8OfPem } from '../../../crypto/private-key.ts';
import { jwkOfPoint, pointOf, spkiOfPoint } from '../../../crypto/public-key.ts';
import { flipBit, pattern, rejectsWith, throwsWith } from './material.ts';

const key = await generateSigningKey();
const other = await generateSigningKey();
const message = Buffer.from('a message');

describe('P-521 keys', () => {
  test('the PEM, SPKI and JWK are those that OpenSSL reads', () => {
    const read = createPublicKey(Buffer.from(key.privatePem));
    assert.deepEqual(new Uint8Array(read.export({ format: 'der', type: 'spki' })), key.publicSpki);
    const { x, y } = read.export({ format: 'jwk' });
    assert.deepEqual(key.publicJwk, { kty: 'EC', crv: 'P-521', x, y });
    assert.equal(key.pin, base64url(sha256(key.publicSpki)));
    assert.equal(key.kid, key.pin);
  });

  test('a key that Node wrote is imported', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
    const imported = await importSigningKey(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    assert.deepEqual(imported.publicSpki, new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })));
  });

  test('a key that the openssl command wrote is imported', async (t) => {
    try {
      const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521']);
      const imported = await importSigningKey(pem);
      assert.ok(await verifySignature(imported.publicSpki, message, await imported.sign(message)));
    } catch (failure) {
      if (!(failure instanceof Error && 'code' in failure && failure.code === 'ENOENT')) throw failure;
      t.skip('no openssl command here');
    }
  });

  test('other curves, other forms, half keys and mixed keys are refused with a reason', async () => {
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
    const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey.export({ format: 'pem', type: 'sec1' });
    assert.match((await rejectsWith('key', importSigningKey(p256.toString()))).message, /P-521/);
    assert.match((await rejectsWith('key', importSigningKey(sec1.toString()))).message, /pkcs8/);
    await rejectsWith('key', importSigningKey('nothing'));
    await rejectsWith('key', importSigningKey('-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----'));
    await rejectsWith('key', importSigningKey(new Uint8Array(5_000)));
    const mixed = pkcs8OfPem(key.privatePem);
    mixed.set(pointOf(other.publicSpki), mixed.length - 133);
    const pem = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(mixed).toString('base64')}\n-----END PRIVATE KEY-----`;
    await rejectsWith('key', importSigningKey(pem));
    await rejectsWith('key', importRecipientKey(pem));
  });

  test('public keys have one form: no compressed or hybrid point, no padded coordinate, no private JWK', () => {
    const point = pointOf(key.publicSpki);
    assert.deepEqual(pointOf(jwkOfPoint(point)), point);
    assert.deepEqual(spkiOfPoint(point), key.publicSpki);
    for (const first of [2, 3, 5, 6, 7, 0]) {
      throwsWith('point', () => spkiOfPoint(Uint8Array.from(point, (octet, at) => (at === 0 ? first : octet))));
    }
    throwsWith('point', () => spkiOfPoint(point.subarray(0, 132)));
    throwsWith('key', () => pointOf(key.publicSpki.subarray(1)));
    throwsWith('key', () => pointOf(flipBit(key.publicSpki, 40)));
    throwsWith('key', () => pointOf({ ...key.publicJwk, d: 'AAAA' }));
    throwsWith('key', () => pointOf({ ...key.publicJwk, crv: 'P-256' }));
    throwsWith('key', () => pointOf({ ...key.publicJwk, x: 'AA' }));
    throwsWith('key', () => pointOf({ ...key.publicJwk, y: 5 }));
    throwsWith('key', () => pointOf(null));
  });
});

describe('ECDSA P-521 with SHA-512', () => {
  test('a signature holds for its key and message only', async () => {
    const signature = await key.sign(message);
    assert.equal(signature.length, 132);
    assert.ok(await verifySignature(key.publicJwk, message, signature));
    assert.ok(!(await verifySignature(other.publicSpki, message, signature)));
    assert.ok(!(await verifySignature(key.publicSpki, Buffer.from('another'), signature)));
    assert.ok(!(await verifySignature(key.publicSpki, message, signature.subarray(1))));
    assert.ok(!(await verifySignature(key.publicSpki, message, new Uint8Array(132))));
    for (let bit = 0; bit < 132 * 8; bit += 37) {
      assert.ok(!(await verifySignature(key.publicSpki, message, flipBit(signature, bit))), `bit ${bit}`);
    }
  });

  test('a point off the curve verifies nothing', async () => {
    await rejectsWith('point', verifySignature(flipBit(key.publicSpki, 157 * 8), message, new Uint8Array(132)));
  });

  test('a transcript signature is for one transcript', async () => {
    const th = randomBytes(64);
    const signature = await signTranscript(th, key);
    assert.ok(await verifyTranscript(th, signature, key.publicSpki));
    assert.ok(!(await verifyTranscript(randomBytes(64), signature, key.publicSpki)));
    assert.ok(
      !(await verifySignature(key.publicSpki, th, signature)),
      'the label keeps it apart from other signatures',
    );
    await rejectsWith('usage', signTranscript(new Uint8Array(32), key));
  });
});

describe('JWS (RFC 7515 compact, ES512)', () => {
  test('OpenSSL verifies what we sign', async () => {
    const jws = await signJws({ a: 1 }, key, 'x+jws');
    const [head = '', body = '', tail = ''] = jws.split('.');
    assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url').toString()), {
      alg: 'ES512',
      typ: 'x+jws',
      kid: key.kid,
    });
    const { verify } = await import('node:crypto');
    const publicKey = { key: createPublicKey(Buffer.from(key.privatePem)), dsaEncoding: 'ieee-p1363' } as const;
    assert.ok(verify('sha512', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(tail, 'base64url')));
    assert.deepEqual(await verifyJws(jws, key.publicSpki, 'x+jws'), { a: 1 });
  });

  test('another key, typ, algorithm or an unknown header member is refused', async () => {
    const jws = await signJws({ a: 1 }, key, 'x+jws');
    await rejectsWith('signature', verifyJws(jws, other.publicSpki, 'x+jws'));
    await rejectsWith('signature', verifyJws(jws, key.publicSpki, 'y+jws'));
    for (const header of [{ alg: 'none' }, { alg: 'HS512' }, { crit: ['x'] }, { b64: false }, { typ: undefined }]) {
      const head = base64url(Buffer.from(JSON.stringify({ alg: 'ES512', typ: 'x+jws', kid: key.kid, ...header })));
      const input = `${head}.${jws.split('.')[1]}`;
      const forged = `${input}.${base64url(await key.sign(Buffer.from(input)))}`;
      await rejectsWith('signature', verifyJws(forged, key.publicSpki, 'x+jws'));
    }
  });

  test('malformed texts are refused before any signature is looked at', async () => {
    const jws = await signJws({ a: 1 }, key, 'x+jws');
    const [head = '', body = '', tail = ''] = jws.split('.');
    const wrong = [
      '',
      'a',
      `${head}.${body}`,
      `${jws}.x`,
      `${head}=.${body}.${tail}`,
      `${head}.WzFd.${tail}`,
      ` ${jws}`,
      `${jws}=`,
    ];
    for (const text of [...wrong, `${head}.${'A'.repeat(70_000)}.${tail}`]) {
      await rejectsWith('jws', verifyJws(text, key.publicSpki, 'x+jws'));
    }
  });

  test('a receipt verifies off-line with the public key and is no other JWS', async () => {
    const receipt = await signReceipt({ fax: 'fax_1', bytes: 3 }, key);
    assert.deepEqual(await verifyReceipt(receipt, key.publicJwk), { fax: 'fax_1', bytes: 3 });
    await rejectsWith('signature', verifyReceipt(await signJws({}, key, 'sfx-hello+jws'), key.publicJwk));
    await rejectsWith('signature', verifyReceipt(receipt, other.publicSpki));
  });
});

describe('Ed25519', () => {
  test('a signature holds for its key and message only', async () => {
    const pair = await generateEd25519();
    const signature = await signEd25519(pair.privateKey, message);
    assert.ok(await verifyEd25519(pair.publicKey, message, signature));
    assert.ok(!(await verifyEd25519(pair.publicKey, Buffer.from('x'), signature)));
    assert.ok(!(await verifyEd25519((await generateEd25519()).publicKey, message, signature)));
    assert.ok(!(await verifyEd25519(pair.publicKey.subarray(1), message, signature)));
    assert.ok(!(await verifyEd25519(pair.publicKey, message, flipBit(signature, 3))));
    await rejectsWith('usage', signEd25519(new Uint8Array(64), message));
  });

  test('the first vector of RFC 8032 §7.1', async () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const expected =
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
    assert.equal(Buffer.from(await signEd25519(seed, new Uint8Array(0))).toString('hex'), expected);
  });
});

describe('keys wrapped to a customer (sealed inbound)', () => {
  test('only the owner opens them, for the same fax', async () => {
    const mine = await generateRecipientKey();
    const again = await importRecipientKey(mine.privatePem);
    const dek = newKey();
    const wrapped = await wrapToPublicKey(mine.publicSpki, dek, 'fax_1');
    assert.equal(wrapped.length, 182);
    assert.deepEqual(await unwrapWithPrivateKey(again, wrapped, 'fax_1'), dek);
    assert.deepEqual(await unwrapWithPrivateKey(mine, await wrapToPublicKey(mine.publicJwk, dek, 'x'), 'x'), dek);
    await rejectsWith('wrap', unwrapWithPrivateKey(again, wrapped, 'fax_2'));
    await rejectsWith('wrap', unwrapWithPrivateKey(await generateRecipientKey(), wrapped, 'fax_1'));
    await rejectsWith('wrap', unwrapWithPrivateKey(again, wrapped.subarray(1), 'fax_1'));
    for (let bit = 0; bit < wrapped.length * 8; bit += 11) {
      await rejectsWith('wrap', unwrapWithPrivateKey(again, flipBit(wrapped, bit), 'fax_1'));
    }
  });

  test('a registered key that is none is refused', async () => {
    await rejectsWith('key', wrapToPublicKey(pattern(158), newKey(), 'a'));
    await rejectsWith('point', wrapToPublicKey(flipBit(key.publicSpki, 157 * 8), newKey(), 'a'));
    assert.equal(await pinOf(key.publicJwk), key.pin);
  });
});
