import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyRecords } from '../../../gateway/ports/key-records.ts';
import { lastingKeys } from '../../../ops/keys/identity.ts';
import { KeyDirectoryError } from '../../../ops/keys/key-directory.ts';
import { openKeyTable } from '../../../ops/keys/key-table.ts';

const NOW = Date.UTC(2026, 6, 30);
const clock = { now: () => NOW };
const rootKey = () => new Uint8Array(32).fill(7);

/** The table, as the conformance of the records shows it. */
function memoryTable(): KeyRecords & { readonly rows: Map<string, Uint8Array> } {
  const rows = new Map<string, Uint8Array>();
  return {
    rows,
    sealedKey: async (name) => rows.get(name),
    async addKey(name, sealed) {
      const stands = rows.get(name) ?? sealed;
      rows.set(name, stands);
      return stands;
    },
    async replaceKey(name, was, sealed) {
      if (Buffer.compare(rows.get(name) ?? new Uint8Array(), was) !== 0) return false;
      rows.set(name, sealed);
      return true;
    },
    keyNames: async () => [...rows.keys()],
  };
}

describe('lasting keys in the database', () => {
  test('two first starts at the same moment become the same gateway', async () => {
    const records = memoryTable();
    const start = async () => lastingKeys(await openKeyTable({ records, rootKey: rootKey(), clock }), () => NOW);
    const [one, two] = await Promise.all([start(), start()]);
    assert.equal(one.root.pin, two.root.pin);
    assert.deepEqual(one.server, two.server);
    assert.deepEqual(one.seal, two.seal);
    assert.deepEqual(one.webhook, two.webhook);
    assert.equal(one.receipt.pin, two.receipt.pin);
    for (const sealed of records.rows.values())
      assert.equal(Buffer.from(sealed).includes(Buffer.from(one.server)), false);
  });

  test('another root key is refused at the start', async () => {
    const records = memoryTable();
    await openKeyTable({ records, rootKey: rootKey(), clock });
    await assert.rejects(
      openKeyTable({ records, rootKey: new Uint8Array(32).fill(8), clock }),
      (error: unknown) => error instanceof KeyDirectoryError && /root key is not the one/.test(error.message),
    );
  });

  test('keys that lay in files are taken over, and stay what they are', async () => {
    const records = memoryTable();
    const older = { read: async (name: string) => (name === 'old' ? new Uint8Array([1, 2, 3]) : undefined) };
    const table = await openKeyTable({ records, rootKey: rootKey(), older, clock });
    assert.deepEqual([...(await table.secret('old', async () => assert.fail()))], [1, 2, 3]);
    assert.deepEqual([...(await table.secret('new', async () => new Uint8Array([4])))], [4]);
    const later = await openKeyTable({ records, rootKey: rootKey(), clock });
    assert.deepEqual([...(await later.secret('old', async () => assert.fail()))], [1, 2, 3]);
  });

  test('of two that replace a secret at once both go on with the same', async () => {
    const records = memoryTable();
    const [one, two] = [
      await openKeyTable({ records, rootKey: rootKey(), clock }),
      await openKeyTable({ records, rootKey: rootKey(), clock }),
    ];
    await one.secret('tls', async () => new Uint8Array([0]));
    const stands = await Promise.all([
      one.replace('tls', new Uint8Array([1])),
      two.replace('tls', new Uint8Array([2])),
    ]);
    assert.deepEqual(stands[0], stands[1]);
    assert.deepEqual(await one.secret('tls', async () => assert.fail()), stands[0]);
  });
});
