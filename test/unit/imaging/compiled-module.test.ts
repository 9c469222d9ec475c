import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  compileModule,
  instantiate,
  keepCode,
  optimiseAtOnce,
  restoreCode,
  restoredModule,
} from '../../../gateway/imaging/compiled-module.ts';

/**
 * (module (func (export "sum") (param i32) (result i32) (local i32)
 *   (loop (local.set 1 (i32.add (local.get 1) (local.get 0)))
 *     (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))
 */
const SUM = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x03, 0x02, 0x01,
  0x00, 0x07, 0x07, 0x01, 0x03, 0x73, 0x75, 0x6d, 0x00, 0x00, 0x0a, 0x1b, 0x01, 0x19, 0x01, 0x01, 0x7f, 0x03, 0x40,
  0x20, 0x01, 0x20, 0x00, 0x6a, 0x21, 0x01, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01,
  0x0b,
]);

function sumOf(module: object, n: number): number {
  const { sum } = instantiate(module).exports as { sum(n: number): number };
  return sum(n);
}

describe('the machine code of a module is kept for other processes', () => {
  let folder: string;
  const path = () => join(folder, 'sum.code');
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealfax-test-'));
    const module = compileModule('sum', SUM);
    optimiseAtOnce(true);
    for (let n = 0; n < 200; n++) assert.equal(sumOf(module, 65_535), 2_147_450_880);
    optimiseAtOnce(false);
    keepCode(folder);
    restoreCode(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('a module begins with it', () => {
    const module = restoredModule('sum', SUM);
    assert.ok(module);
    assert.equal(sumOf(module, 10), 55);
  });

  test('a module that is another, has no code or finds it damaged, is compiled', () => {
    const other = SUM.slice();
    other[SUM.indexOf(0x6a)] = 0x73; // i32.xor
    assert.equal(restoredModule('sum', other), undefined);
    assert.equal(sumOf(compileModule('sum', other), 3), 0);
    assert.equal(restoredModule('none', SUM), undefined);
    const kept = readFileSync(path());
    for (let at = 0; at < kept.length; at += 7) {
      const damaged = Buffer.from(kept);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
      writeFileSync(path(), damaged);
      assert.equal(restoredModule('sum', SUM), undefined, `octet ${at}`);
    }
    for (let length = 0; length < kept.length; length += 7) {
      writeFileSync(path(), kept.subarray(0, length));
      assert.equal(restoredModule('sum', SUM), undefined, `${length} octets`);
    }
    assert.equal(sumOf(compileModule('sum', SUM), 10), 55);
  });
});
