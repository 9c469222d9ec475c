import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../ops/launch.mjs', import.meta.url));

/** Tells with what flags each Node begins that the launcher is run by. */
const TELLER = `data:text/javascript,${encodeURIComponent("console.error('flags ' + JSON.stringify(process.execArgv))")}`;

/** The flags of Node that a start ends up with; the start itself fails, because its settings are wrong. */
function flagsOf(args: readonly string[], settings: Readonly<Record<string, string>> = {}): string[] {
  const env = { PATH: process.env.PATH, NODE_OPTIONS: `--import ${TELLER}`, SEALFAX_PORT: 'none', ...settings };
  const { stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], { env, encoding: 'utf8' });
  const told = [...stderr.matchAll(/^flags (.*)$/gm)].at(-1)?.[1];
  return JSON.parse(told ?? assert.fail(stderr)) as string[];
}

describe('the launcher', () => {
  test('has a process that only takes requests collect garbage by itself', () => {
    const expected = ['--single-threaded-gc', '--max-semi-space-size=32'];
    assert.deepEqual(flagsOf(['serve', '--role', 'api']), expected);
    assert.deepEqual(flagsOf(['serve', '--role=api']), expected);
    assert.deepEqual(flagsOf(['serve'], { SEALFAX_ROLE: 'api' }), expected);
  });

  test('leaves every other command, and workers, as Node has them', () => {
    assert.deepEqual(flagsOf(['serve']), []);
    assert.deepEqual(flagsOf(['serve', '--role', 'worker'], { SEALFAX_ROLE: 'api' }), []);
    assert.deepEqual(flagsOf(['--help'], { SEALFAX_ROLE: 'api' }), []);
  });
});

test('a command whose reader has gone ends quietly, as other programs do', async () => {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [LAUNCHER, 'help'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const [status] = await once(child, 'close');
  assert.equal(status, 141);
  assert.equal(said.join(''), '');
});

test('a command of the gateway that is asked for help starts nothing, and the version can be asked for', async () => {
  for (const [argv, said] of [
    [['serve', '--help'], /^The gateway itself[\s\S]*--role api\|worker\|all/],
    [['--version'], /^sealfax \d+\.\d+\.\d+, Node \d+/],
  ] as const) {
    const child = spawn(process.execPath, [LAUNCHER, ...argv], { env: { PATH: process.env.PATH }, stdio: 'pipe' });
    const out: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
    const [status] = await once(child, 'close');
    assert.equal(status, 0);
    assert.match(out.join(''), said);
  }
});
