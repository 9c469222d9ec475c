import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readCarriers } from '../../../ops/carrier-settings.ts';
import { ConfigError } from '../../../ops/config.ts';

const directory = mkdtempSync(join(tmpdir(), 'carriers-'));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, contents: string): string {
  const path = join(directory, name);
  writeFileSync(path, contents);
  return path;
}

describe('carriers from a setting', () => {
  test('the array may stand in the setting or in a file', () => {
    const written = '[{"kind":"sip-t38","name":"a"}]';
    assert.deepEqual(readCarriers(written), [{ kind: 'sip-t38', name: 'a' }]);
    assert.deepEqual(readCarriers(`@${file('carriers.json', written)}`), [{ kind: 'sip-t38', name: 'a' }]);
  });

  test('a secret in a file is read in place, at any depth, without its line end', () => {
    const path = file('password', 'open sesame\n');
    const [carrier] = readCarriers(JSON.stringify([{ trunks: [{ username: 'gw', passwordFile: path }] }]));
    assert.deepEqual(carrier, { trunks: [{ username: 'gw', password: 'open sesame' }] });
  });

  test('a field that is no secret is not read, whatever its name ends in', () => {
    assert.deepEqual(readCarriers('[{"printFile":"/etc/passwd"}]'), [{ printFile: '/etc/passwd' }]);
  });

  for (const [what, text] of [
    ['no JSON', '[{'],
    ['no array', '{"kind":"sip-t38"}'],
    ['a file that is not there', '@/nowhere/carriers.json'],
    ['a secret that is not there', '[{"passwordFile":"/nowhere/secret"}]'],
    ['a bottomless pit', `${'['.repeat(40)}${']'.repeat(40)}`],
  ] as const) {
    test(`${what} stops the start with the name of the setting`, () => {
      assert.throws(
        () => readCarriers(text),
        (error) => error instanceof ConfigError && error.variable === 'SEALFAX_CARRIERS',
      );
    });
  }

  test('an error never shows what stands in the setting', () => {
    assert.throws(
      () => readCarriers('[{"password":"open sesame"'),
      (error) => error instanceof ConfigError && !error.message.includes('sesame'),
    );
  });
});
