import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../../../ops/config.ts';
import { providersOf } from '../../../ops/openid/index.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { silentLog } from '../../postgres.ts';

const quiet = () => undefined;
const around = { clock: systemClock, log: silentLog, metrics: { count: quiet, observe: quiet, gauge: quiet } };
const LEAST = { name: 'corp', issuer: 'https://login.example.org', clientId: 'sealfax' };
const SECRET = 'a-secret-that-nobody-may-read';

describe('SEALFAX_OIDC', () => {
  const providers = (value: unknown) =>
    providersOf({ oidc: typeof value === 'string' ? value : JSON.stringify(value) }, around);

  test('nothing is nobody, and a list is as many, none of them asked yet', () => {
    assert.deepEqual(providersOf({ oidc: undefined }, around), []);
    const [one, two] = providers([LEAST, { ...LEAST, name: 'two', issuer: 'https://two.example.org/', audience: 'x' }]);
    assert.partialDeepStrictEqual(one, {
      title: 'corp',
      every: 30_000,
      grace: 600_000,
      opens: { admin: true, api: false },
    });
    assert.partialDeepStrictEqual(two, { issuer: 'https://two.example.org/', opens: { admin: true, api: true } });
  });

  test('it may lie in a file, and its secret in another', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sealfax-oidc-'));
    await writeFile(`${path}/secret`, `${SECRET}\n`);
    await writeFile(`${path}/oidc.json`, JSON.stringify([{ ...LEAST, secretFile: `${path}/secret` }]));
    assert.equal(providers(`@${path}/oidc.json`).length, 1);
    await rm(path, { recursive: true });
    assert.throws(() => providers([{ ...LEAST, secretFile: `${path}/secret` }]), ConfigError);
  });

  const WRONG: readonly [string, object][] = [
    ['without TLS', { issuer: 'http://login.example.org' }],
    ['with a query', { issuer: 'https://login.example.org/?a=b' }],
    ['that is no address', { issuer: 'login.example.org' }],
    ['with a name that is none', { name: 'Corp' }],
    ['without the scope openid', { scopes: ['profile'] }],
    ['with a scope of two words', { scopes: ['openid', 'a b'] }],
    ['with an owner of one account', { roles: [{ value: 'x', role: 'owner', account: 'acme' }] }],
    ['with a role that there is not', { roles: [{ value: 'x', role: 'root' }] }],
    ['with no group of those that may come in', { groups: { any: [] } }],
    ['that is asked too seldom', { recheckSeconds: 36 }],
    ['that may be silent for too long', { graceSeconds: 3_601 }],
    ['with a field that nobody knows', { clientSecret: 'x' }],
  ];
  for (const [name, change] of WRONG) {
    test(`a provider ${name} stops the start, and no secret is told`, () => {
      assert.throws(
        () => providers([{ ...LEAST, secret: SECRET, ...change }]),
        (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, /^SEALFAX_OIDC is wrong at 0/);
          return !error.message.includes(SECRET);
        },
      );
    });
  }

  test('two with one name or one issuer stop the start: an identity belongs to one of them', () => {
    for (const change of [{ issuer: 'https://two.example.org' }, { name: 'two' }])
      assert.throws(() => providers([LEAST, { ...LEAST, ...change }]), /two have the same (name|issuer)/);
  });
});
