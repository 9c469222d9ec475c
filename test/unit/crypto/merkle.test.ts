import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hex, merkleProof, merkleRoot, verifyMerkleProof } from '../../../crypto/index.ts';
import { pattern, throwsWith } from './material.ts';

const leaves = (count: number) => Array.from({ length: count }, (_, at) => pattern(40, at));

describe('Merkle tree (RFC 6962 §2.1)', () => {
  test('the roots of the reference tree with eight leaves', () => {
    // Leaves and roots of the certificate-transparency reference implementation.
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const roots = {
      0: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      1: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      2: 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      3: 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      4: 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      8: '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    };
    const all = inputs.map((text) => new Uint8Array(Buffer.from(text, 'hex')));
    for (const [count, root] of Object.entries(roots)) assert.equal(hex(merkleRoot(all.slice(0, Number(count)))), root);
  });

  test('every leaf of every tree up to 20 has a proof that fits nowhere else', () => {
    for (let count = 1; count <= 20; count++) {
      const all = leaves(count);
      const root = merkleRoot(all);
      for (const [index, leaf] of all.entries()) {
        const proof = merkleProof(all, index);
        assert.ok(verifyMerkleProof(root, count, index, leaf, proof));
        assert.ok(!verifyMerkleProof(root, count, (index + 1) % (count + 1), leaf, proof));
        assert.ok(!verifyMerkleProof(root, count, index, pattern(41, index), proof));
        assert.ok(!verifyMerkleProof(root, count, index, leaf, [...proof, root]));
        assert.ok(count === 1 || !verifyMerkleProof(root, count, index, leaf, proof.slice(1)));
      }
    }
  });

  test('a node is no leaf', () => {
    const [a, b] = leaves(2);
    assert.ok(a !== undefined && b !== undefined);
    const forged = new Uint8Array([...merkleRoot([a]), ...merkleRoot([b])]);
    assert.notDeepEqual(merkleRoot([forged]), merkleRoot([a, b]));
  });

  test('a leaf that is not there is our fault', () => {
    throwsWith('usage', () => merkleProof(leaves(2), 2));
  });
});
