import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError, isCluster, readConfig, SETTINGS } from '../../../ops/config.ts';

const WRONG: Record<string, string> = {
  SEALFAX_MODE: 'prod',
  SEALFAX_DATA_DIR: ' ',
  SEALFAX_ROOT_KEY: 'short',
  SEALFAX_PORT: '65536',
  SEALFAX_PUBLIC_URL: 'http://fax.example.org',
  SEALFAX_TLS: 'yes',
  SEALFAX_TRUSTED_PROXIES: '10.0.0.0/33',
  SEALFAX_ADMIN_LISTEN: '127.0.0.1',
  DATABASE_URL: 'mysql://db',
  SEALFAX_ROLE: 'calls',
  SEALFAX_REDIS_OPTIONS: '[]',
  SEALFAX_VAULT: 'disk',
  SEALFAX_MIGRATE: 'yes',
  SEALFAX_EPOCH_SECONDS: '1',
  SEALFAX_LOOPBACK: 'true',
  SEALFAX_LOOPBACK_SPEED: '300',
  SEALFAX_LOOPBACK_RULES: '{',
  SEALFAX_LOOPBACK_NETWORK: '{',
  SEALFAX_LOG_LEVEL: 'loud',
};

describe('settings', () => {
  test('every setting has a default or may be absent', () => {
    const config = readConfig({});
    assert.equal(config.port, 8443);
    assert.equal(config.loopback, true);
    assert.deepEqual(config.trustedProxies, []);
    assert.ok(config.keyDir.endsWith('sealfax-data-keys'));
  });

  test('a listener is an address and a port, IPv6 in brackets', () => {
    const read = (SEALFAX_ADMIN_LISTEN: string) => readConfig({ SEALFAX_ADMIN_LISTEN }).adminListen;
    assert.deepEqual(read('127.0.0.1:8444'), { host: '127.0.0.1', port: 8444 });
    assert.deepEqual(read('[::1]:0'), { host: '::1', port: 0 });
    for (const wrong of ['::1:8444', '127.0.0.1:65536', ':8444', 'localhost:', 'https://localhost:8444', '[::1]'])
      assert.throws(() => read(wrong), /SEALFAX_ADMIN_LISTEN is not an address and a port/);
  });

  for (const [variable, value] of Object.entries(WRONG)) {
    test(`a wrong ${variable} stops the start with its name, its problem and an example`, () => {
      const example = Object.values(SETTINGS).find((one) => one.variable === variable)?.example;
      assert.throws(
        () => readConfig({ [variable]: value }),
        (error: unknown) =>
          error instanceof ConfigError &&
          error.variable === variable &&
          error.message.startsWith(`${variable} is `) ===
            !['DATABASE_URL', 'SEALFAX_TRUSTED_PROXIES'].includes(variable) &&
          error.message.endsWith(`Example: ${variable}=${example}`),
      );
    });
  }

  const cluster = {
    DATABASE_URL: 'postgres://db/sealfax',
    REDIS_URL: 'redis://cache',
    SEALFAX_ROOT_KEY_FILE: '/run/root-key',
    SEALFAX_VAULT: 'redis',
  };
  const lacking: [missing: string, settings: Record<string, string>][] = [
    ['REDIS_URL', { SEALFAX_ROLE: 'api' }],
    ['REDIS_URL', { SEALFAX_ROLE: 'worker', DATABASE_URL: cluster.DATABASE_URL }],
    ['REDIS_URL', { SEALFAX_VAULT: 'redis' }],
    ['DATABASE_URL', { REDIS_URL: cluster.REDIS_URL }],
    ['SEALFAX_ROOT_KEY_FILE', { DATABASE_URL: cluster.DATABASE_URL, REDIS_URL: cluster.REDIS_URL }],
    ['SEALFAX_VAULT_DIR', { ...cluster, SEALFAX_VAULT: 'files' }],
  ];
  for (const [missing, settings] of lacking) {
    test(`a cluster of ${Object.keys(settings).join(', ')} alone lacks ${missing}`, () => {
      assert.throws(
        () => readConfig(settings),
        (error: unknown) => error instanceof ConfigError && error.variable === missing,
      );
    });
  }

  test('a cluster has both servers, a root key, a shared vault, and any role', () => {
    for (const role of ['all', 'api', 'worker']) {
      const config = readConfig({ ...cluster, SEALFAX_ROLE: role });
      assert.equal(config.role, role);
      assert.equal(isCluster(config), true);
    }
    assert.equal(isCluster(readConfig({ DATABASE_URL: cluster.DATABASE_URL })), false);
    assert.equal(readConfig({ ...cluster }, { SEALFAX_ROLE: 'worker' }).role, 'worker', 'the command line wins');
  });

  test('a misspelt variable is refused with the name that was probably meant', () => {
    assert.throws(
      () => readConfig({ SEALFAX_PROT: '1' }),
      /SEALFAX_PROT is not a setting; perhaps SEALFAX_PORT was meant\./,
    );
  });

  test('keys inside the data directory are refused', () => {
    assert.throws(
      () => readConfig({ SEALFAX_DATA_DIR: '/x', SEALFAX_KEY_DIR: '/x/keys' }),
      /SEALFAX_KEY_DIR lies inside/,
    );
  });

  test('a pool is no larger than the embedded server has room for', () => {
    assert.throws(() => readConfig({ SEALFAX_DATABASE_POOL: '81' }), /SEALFAX_DATABASE_POOL is above 80/);
    assert.equal(readConfig({ SEALFAX_DATABASE_POOL: '80' }).databasePool, 80);
    const server = { DATABASE_URL: 'postgres://fax@db.example.org/fax', SEALFAX_DATABASE_POOL: '500' };
    assert.equal(readConfig(server).databasePool, 500);
  });

  test('TLS from files needs both files', () => {
    assert.throws(() => readConfig({ SEALFAX_TLS: 'files' }), /SEALFAX_TLS_CERT is missing/);
    assert.throws(() => readConfig({ SEALFAX_TLS: 'files', SEALFAX_TLS_CERT: 'a' }), /SEALFAX_TLS_KEY is missing/);
  });

  test('the file gives values, and the environment wins over it', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'sealfax-config-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'config.json');
    writeFileSync(
      file,
      JSON.stringify({
        SEALFAX_PORT: 9000,
        SEALFAX_LOOPBACK: false,
        SEALFAX_NAMES: ['a', 'b'],
        SEALFAX_LOOPBACK_RULES: [{ number: '+1*' }],
      }),
    );
    const config = readConfig({ SEALFAX_CONFIG: file, SEALFAX_PORT: '9001' });
    assert.equal(config.port, 9001);
    assert.equal(config.loopback, false);
    assert.deepEqual(config.names, ['a', 'b']);
    assert.deepEqual(config.loopbackRules, [{ number: '+1*' }]);
    writeFileSync(file, 'no');
    assert.throws(() => readConfig({ SEALFAX_CONFIG: file }), /SEALFAX_CONFIG names a file that is not JSON/);
    assert.throws(() => readConfig({ SEALFAX_CONFIG: join(dir, 'none') }), /cannot be read/);
  });
});
