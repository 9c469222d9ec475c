import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DemoResult } from '../../ops/demo/demo.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a clone does not have. */
const LOCAL = ['node_modules', '.git', 'dist', 'sealfax-data', 'sealfax-data-keys', 'sealfax-demo'];

test('npm ci --ignore-scripts, then the demo: no install step is needed', (t) => {
  const place = mkdtempSync(join(tmpdir(), 'sealfax-install-'));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  cpSync(ROOT, place, { recursive: true, filter: (from) => !LOCAL.includes(basename(from)) });
  assert.equal(existsSync(join(place, 'node_modules')), false);

  const npm = (...args: string[]) => spawnSync('npm', args, { cwd: place, encoding: 'utf8', env: outerEnvironment() });
  const installed = npm('ci', '--ignore-scripts', '--prefer-offline');
  assert.equal(installed.status, 0, installed.stderr);
  const ran = npm('run', '--silent', 'demo', '--', '--json', '--speed', 'instant');
  assert.equal(ran.status, 0, ran.stderr);
  const result = JSON.parse(ran.stdout) as DemoResult;
  assert.equal(result.outbound.fax.state, 'delivered');
  assert.equal(result.inbound.pages.length, 1);
});

/** As a person's shell has it: without what this run of npm and node:test has put there. */
function outerEnvironment(): NodeJS.ProcessEnv {
  const own = join(ROOT, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(':').filter((part) => !part.startsWith(own));
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST|NODE_OPTIONS)/i.test(name));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}
