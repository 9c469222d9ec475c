import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { verifyJws } from '../../../crypto/index.ts';
import { hostForm, lastingKeys, liveIdentity } from '../../../ops/keys/identity.ts';
import { openKeyDirectory } from '../../../ops/keys/key-directory.ts';

const NOW = Date.UTC(2026, 0, 15);
const OWN = { value: undefined, file: undefined };

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sealfax-keys-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'keys');
}

describe('key directory', () => {
  test('keys are made once and read again', async (t) => {
    const dir = directory(t);
    const first = await lastingKeys(await openKeyDirectory(dir, OWN), () => NOW);
    const again = await lastingKeys(await openKeyDirectory(dir, OWN), () => NOW);
    assert.equal(again.root.pin, first.root.pin);
    assert.equal(again.receipt.pin, first.receipt.pin);
    assert.notEqual(first.root.pin, first.receipt.pin);
    assert.deepEqual(again.server, first.server);
    assert.deepEqual(again.webhook, first.webhook);
  });

  test('files are closed to others and hold no key in clear', async (t) => {
    const dir = directory(t);
    const keys = await lastingKeys(await openKeyDirectory(dir, OWN), () => NOW);
    for (const name of readdirSync(dir)) {
      assert.equal(statSync(join(dir, name)).mode & 0o077, 0, name);
      assert.equal(readFileSync(join(dir, name)).includes(Buffer.from(keys.server)), false, name);
      assert.equal(readFileSync(join(dir, name)).includes('PRIVATE KEY'), false, name);
    }
  });

  test('another root key opens nothing and says which file', async (t) => {
    const dir = directory(t);
    await lastingKeys(await openKeyDirectory(dir, OWN), () => NOW);
    const other = await openKeyDirectory(dir, { value: new Uint8Array(32).fill(7), file: undefined });
    await assert.rejects(
      lastingKeys(other, () => NOW),
      /root-identity\.sealed does not open with this root key/,
    );
  });

  test('a directory that is open to others is refused', async (t) => {
    const dir = directory(t);
    await openKeyDirectory(dir, OWN);
    chmodSync(dir, 0o755);
    await assert.rejects(openKeyDirectory(dir, OWN), /chmod 700/);
  });

  test('a named root key file must exist and hold 32 bytes', async (t) => {
    const dir = directory(t);
    const file = join(dir, '..', 'root');
    await assert.rejects(openKeyDirectory(dir, { value: undefined, file }), /does not exist/);
    writeFileSync(file, 'c2hvcnQ');
    await assert.rejects(openKeyDirectory(dir, { value: undefined, file }), /does not hold a root key/);
  });
});

describe('identity', () => {
  test('each statement has a higher number than every one before, over restarts', async (t) => {
    const keys = await lastingKeys(await openKeyDirectory(directory(t), OWN), () => NOW);
    let count = 0;
    const settings = {
      nextNumber: async (name: string) => {
        assert.equal(name, 'statement_seq');
        count++;
        return count;
      },
    };
    const clock = { now: () => Date.now(), monotonic: () => 0, after: () => () => {} };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const seqs: unknown[] = [];
    for (let start = 0; start < 3; start += 1) {
      const identity = await liveIdentity({
        root: keys.root,
        names: ['Fax.Example', '::1'],
        suites: ['P521-HKDF512-A256GCM'],
        settings,
        clock,
        log,
      });
      const payload = await verifyJws(identity.current().statement, keys.root.publicSpki, 'sfx-stmt+jws');
      seqs.push(payload.seq);
      assert.deepEqual(payload.hosts, ['fax.example', '[::1]']);
      identity.close();
    }
    assert.deepEqual(seqs, [1, 2, 3]);
  });

  test('names are compared in one form', () => {
    assert.equal(hostForm('FAX.Example'), 'fax.example');
    assert.equal(hostForm('FE80::1'), '[fe80::1]');
  });
});
