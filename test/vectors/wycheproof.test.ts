import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { type AesKey, aesGcmOpen, aesGcmSeal } from '../../crypto/aead.ts';
import { concat } from '../../crypto/bytes.ts';
import { deriveShared } from '../../crypto/curve.ts';
import { hkdfExpand, hkdfExtract, mac } from '../../crypto/digest.ts';
import { fromHex, hex, pinOf, SealError, verifyEd25519, verifySignature } from '../../crypto/index.ts';
import { nodeAes } from '../../crypto/node-aead.ts';
import { expectPoint, pointOf } from '../../crypto/public-key.ts';
import { pkcs8OfScalar } from './crypto/fixed-material.ts';

// Wycheproof (C2SP) through the code that the product runs. The files are not part of the repository.

const folder = new URL('../../../shared/data/wycheproof/', import.meta.url);

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly [member: string]: unknown;
}

interface Group {
  readonly tests: readonly Case[];
  readonly [member: string]: unknown;
}

/** The groups of a file, or null after saying that it is missing. */
function groups(t: TestContext, file: string): readonly Group[] | null {
  const url = new URL(file, folder);
  if (!existsSync(url)) {
    t.skip(`${file} is not beside the repository (../shared/data/wycheproof)`);
    return null;
  }
  return JSON.parse(readFileSync(url, 'utf8')).testGroups;
}

const bytes = (value: unknown) => fromHex(String(value));

/** The octets, or null where our code refuses the input. */
async function orRefused(work: () => Promise<Uint8Array>): Promise<string | null> {
  try {
    return hex(await work());
  } catch (failure) {
    if (failure instanceof SealError) return null;
    throw failure;
  }
}

/** A private number as Wycheproof writes it (sign octet, no leading zeros) in 66 octets. */
function scalarOf(text: unknown): Uint8Array {
  const trimmed = String(text).replace(/^(00)+/, '');
  return fromHex(trimmed.padStart(132, '0'));
}

const P521_ECDH = { name: 'ECDH', namedCurve: 'P-521' };

/** A handle of a private number; its public point comes from OpenSSL. */
async function privateKeyOf(scalar: Uint8Array) {
  const pair = createECDH('secp521r1');
  pair.setPrivateKey(scalar);
  const pkcs8 = pkcs8OfScalar(scalar, new Uint8Array(pair.getPublicKey()));
  return globalThis.crypto.subtle.importKey('pkcs8', pkcs8, P521_ECDH, false, ['deriveBits']);
}

describe('Wycheproof', () => {
  test('ECDH P-521, points as octets: valid secrets agree, invalid points are refused, compressed ones too', async (t) => {
    const all = groups(t, 'ecdh_secp521r1_ecpoint_test.json');
    if (all === null) return;
    const counts = { agreed: 0, refused: 0, compressed: 0 };
    for (const { tests } of all) {
      for (const item of tests) {
        const peer = bytes(item.public);
        const own = await privateKeyOf(scalarOf(item.private));
        const shared = await orRefused(() => deriveShared(globalThis.crypto.subtle, own, peer));
        if (peer.length === 133 && peer[0] === 4 && item.result !== 'invalid') {
          assert.equal(shared, item.shared, `case ${item.tcId} ${item.comment}`);
          counts.agreed++;
        } else {
          assert.equal(shared, null, `case ${item.tcId} ${item.comment}`);
          counts[item.result === 'invalid' ? 'refused' : 'compressed']++;
        }
      }
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.agreed > 300 && counts.refused > 3 && counts.compressed > 0);
  });

  test('ECDH P-521, keys as JWK: valid secrets agree, everything else is refused', async (t) => {
    const all = groups(t, 'ecdh_secp521r1_webcrypto_test.json');
    if (all === null) return;
    const counts = { agreed: 0, refused: 0 };
    for (const { tests } of all) {
      for (const item of tests) {
        const shared = await orRefused(async () => {
          const peer = pointOf(item.public);
          const own = item.private as { d: string };
          const scalar = scalarOf(Buffer.from(own.d, 'base64url').toString('hex'));
          return deriveShared(globalThis.crypto.subtle, await privateKeyOf(scalar), peer);
        });
        assert.equal(shared, item.result === 'invalid' ? null : item.shared, `case ${item.tcId} ${item.comment}`);
        counts[shared === null ? 'refused' : 'agreed']++;
      }
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.agreed > 300 && counts.refused > 0);
  });

  const implementations: Record<string, (key: Uint8Array) => Promise<AesKey> | AesKey> = {
    WebCrypto: (key) => globalThis.crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']),
    OpenSSL: nodeAes,
  };
  for (const [name, keyOf] of Object.entries(implementations)) {
    test(`AES-GCM with 96-bit nonces and 128-bit tags, 128- and 256-bit keys, by ${name}`, async (t) => {
      const all = groups(t, 'aes_gcm_test.json');
      if (all === null) return;
      let count = 0;
      const fitting = all.filter(({ ivSize, tagSize, keySize }) => ivSize === 96 && tagSize === 128 && keySize !== 192);
      for (const { tests } of fitting) {
        for (const item of tests) {
          const [nonce, aad, sealed] = [bytes(item.iv), bytes(item.aad), concat(bytes(item.ct), bytes(item.tag))];
          const key = await keyOf(bytes(item.key));
          const plain = await aesGcmOpen(key, nonce, aad, sealed);
          const expected = item.result === 'valid' ? item.msg : null;
          assert.equal(plain === null ? null : hex(plain), expected, `case ${item.tcId}`);
          if (expected !== null) assert.equal(hex(await aesGcmSeal(key, nonce, aad, bytes(item.msg))), hex(sealed));
          count++;
        }
      }
      t.diagnostic(`${count} cases`);
      assert.ok(count > 100);
    });
  }

  test('HKDF-SHA-512', async (t) => {
    const all = groups(t, 'hkdf_sha512_test.json');
    if (all === null) return;
    let count = 0;
    for (const { tests } of all) {
      for (const item of tests) {
        const derive = async () =>
          hkdfExpand(await hkdfExtract(bytes(item.salt), bytes(item.ikm)), bytes(item.info), Number(item.size));
        if (item.result === 'invalid') await assert.rejects(derive(), RangeError, `case ${item.tcId}`);
        else assert.equal(hex(await derive()), item.okm, `case ${item.tcId}`);
        count++;
      }
    }
    assert.equal(count, 83);
  });

  test('HMAC-SHA-512', async (t) => {
    const all = groups(t, 'hmac_sha512_test.json');
    if (all === null) return;
    let count = 0;
    for (const { tests, tagSize } of all) {
      for (const item of tests) {
        const tag = hex((await mac('SHA-512', bytes(item.key), bytes(item.msg))).subarray(0, Number(tagSize) / 8));
        assert.equal(tag === item.tag, item.result === 'valid', `case ${item.tcId}`);
        count++;
      }
    }
    assert.equal(count, 174);
  });

  test('ECDSA P-521 with SHA-512, signatures as r ‖ s', async (t) => {
    const all = groups(t, 'ecdsa_secp521r1_sha512_p1363_test.json');
    if (all === null) return;
    let count = 0;
    for (const group of all) {
      const spki = bytes(group.publicKeyDer);
      assert.equal((await pinOf(spki)).length, 43);
      for (const item of group.tests) {
        const valid = await verifySignature(spki, bytes(item.msg), bytes(item.sig));
        assert.equal(valid, item.result === 'valid', `case ${item.tcId} ${item.comment}`);
        count++;
      }
    }
    assert.equal(count, 318);
  });

  test('Ed25519', async (t) => {
    const all = groups(t, 'ed25519_test.json');
    if (all === null) return;
    let count = 0;
    for (const group of all) {
      const { pk } = group.publicKey as { pk: string };
      for (const item of group.tests) {
        const valid = await verifyEd25519(fromHex(pk), bytes(item.msg), bytes(item.sig));
        assert.equal(valid, item.result === 'valid', `case ${item.tcId} ${item.comment}`);
        count++;
      }
    }
    assert.equal(count, 151);
  });

  test("Node's own ECDH would take the compressed and hybrid points that we refuse", () => {
    const own = createECDH('secp521r1');
    own.generateKeys();
    for (const form of ['compressed', 'hybrid'] as const) {
      const peer = createECDH('secp521r1').generateKeys('hex', form);
      assert.equal(own.computeSecret(peer, 'hex').length, 66);
      assert.throws(() => expectPoint(fromHex(peer)), SealError);
    }
  });
});
