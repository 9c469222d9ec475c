import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SettingInForce } from '../../../api/context.ts';
import { readConfig, SETTINGS } from '../../../ops/config.ts';

const SECRET = 'hunter2-hunter2-hunter2';

/** What administrators see of settings, by variable. */
function seen(env: NodeJS.ProcessEnv, wins: Readonly<Record<string, string>> = {}): Map<string, SettingInForce> {
  return new Map(readConfig(env, wins).inForce.map((one) => [one.variable, one]));
}

describe('settings in force', () => {
  test('are all there are, each with its default in words while nobody has given one', () => {
    const settings = seen({});
    assert.deepEqual(
      [...settings.keys()],
      Object.values(SETTINGS).map(({ variable }) => variable),
    );
    for (const one of settings.values()) assert.deepEqual([one.from, one.hidden], ['default', false], one.variable);
    assert.equal(settings.get('SEALFAX_PORT')?.value, '8443');
    assert.equal(settings.get('SEALFAX_NAMES')?.value, 'localhost,127.0.0.1,::1');
    assert.equal(settings.get('SEALFAX_KEY_DIR')?.value, 'the data directory’s name with -keys');
  });

  test('name the place that won: the command line, then the environment, then the file', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'sealfax-settings-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'config.json');
    const values = { SEALFAX_PORT: 9_001, SEALFAX_CALLS: 3, SEALFAX_ROLE: 'all' };
    await writeFile(file, JSON.stringify(values));
    const settings = seen({ SEALFAX_CONFIG: file, SEALFAX_PORT: '9002', SEALFAX_ROLE: 'all' }, { SEALFAX_ROLE: 'all' });
    const of = (variable: string) => [settings.get(variable)?.value, settings.get(variable)?.from];
    assert.deepEqual(of('SEALFAX_CALLS'), ['3', 'file']);
    assert.deepEqual(of('SEALFAX_PORT'), ['9002', 'environment']);
    assert.deepEqual(of('SEALFAX_ROLE'), ['all', 'command_line']);
  });

  test('never show a secret, wherever in a value it stands', () => {
    const env = {
      SEALFAX_ROOT_KEY: Buffer.alloc(32, 7).toString('base64url'),
      DATABASE_URL: `postgres://sealfax:${SECRET}@db.example.org:5432/sealfax?password=${SECRET}`,
      REDIS_URL: `rediss://:${SECRET}@cache.example.org:6379/0#${SECRET}`,
      SEALFAX_REDIS_OPTIONS: JSON.stringify({ password: SECRET }),
      SEALFAX_CARRIERS: JSON.stringify([{ kind: 'telnyx', apiKey: SECRET }]),
      SEALFAX_BACKUP_S3_SECRET: SECRET,
      SEALFAX_VAULT: 'redis',
    };
    const settings = seen(env);
    const all = JSON.stringify([...settings.values()]);
    for (const secret of [SECRET, env.SEALFAX_ROOT_KEY]) assert.ok(!all.includes(secret));
    for (const name of ['SEALFAX_ROOT_KEY', 'SEALFAX_REDIS_OPTIONS', 'SEALFAX_CARRIERS', 'SEALFAX_BACKUP_S3_SECRET']) {
      assert.partialDeepStrictEqual(settings.get(name), { value: null, hidden: true, from: 'environment' }, name);
    }
    assert.equal(settings.get('DATABASE_URL')?.value, 'postgres://db.example.org:5432/sealfax');
    assert.equal(settings.get('REDIS_URL')?.value, 'rediss://cache.example.org:6379/0');
  });

  test('whose names speak of secrets are hidden, but for the paths of their files', () => {
    for (const { variable, example } of Object.values(SETTINGS)) {
      if (!/SECRET|PASSWORD|TOKEN|ROOT_KEY/.test(variable) || variable.endsWith('_FILE')) continue;
      assert.equal(seen({ [variable]: example }).get(variable)?.hidden, true, variable);
    }
  });

  test('show the path of a file in place of what it holds', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'sealfax-settings-'));
    t.after(() => rm(directory, { recursive: true }));
    const file = join(directory, 'carriers.json');
    await writeFile(file, JSON.stringify([{ kind: 'loopback', name: SECRET }]));
    assert.equal(seen({ SEALFAX_CARRIERS: `@${file}` }).get('SEALFAX_CARRIERS')?.value, `@${file}`);
  });
});
