import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const EMULATORS = fileURLToPath(new URL('../emulators/', import.meta.url));
/** ms in which 130 packages are fetched and unpacked, or the registry does not answer. */
const INSTALL_WITHIN = 180_000;

/** The same as `npm run test:carriers`. */
test('the official SDKs of the carriers accept our emulators', (t) => {
  const env = outerEnvironment();
  const install = ['ci', '--prefix', EMULATORS, '--ignore-scripts', '--prefer-offline'];
  const installed = spawnSync('npm', install, { env, encoding: 'utf8', timeout: INSTALL_WITHIN });
  if (installed.status !== 0) {
    t.skip(`the SDKs cannot be installed here: ${installed.stderr.trim().split('\n').at(-1) ?? 'npm ci failed'}`);
    return;
  }
  const judges = readdirSync(join(EMULATORS, 'judges'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(EMULATORS, 'judges', name));
  assert.ok(judges.length >= 5, 'a judge for each carrier that has an SDK');
  const judged = spawnSync(process.execPath, ['--test', ...judges], { env, encoding: 'utf8' });
  assert.equal(judged.status, 0, judged.stdout);
});

/** As a person's shell has it: without what this run of npm and node:test has put there. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|NODE_OPTIONS)/i.test(name));
  return Object.fromEntries(kept);
}
