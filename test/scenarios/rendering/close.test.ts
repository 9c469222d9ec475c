import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('../../../gateway/rendering/index.ts', import.meta.url).href;

/** A program with nothing to do but to open a renderer, wait for its spare child and close it. */
const PROGRAM = `
const { createRenderer } = await import(${JSON.stringify(MODULE)});
const renderer = await createRenderer({ sandbox: 'none', pool: { spare: 1, working: 1 } });
await new Promise((resolve) => setTimeout(resolve, Number(process.argv[1])));
await renderer.close();
process.stdout.write('closed');
`;

for (const [when, wait] of [
  ['while its spare child starts', 0],
  ['when its spare child waits for work', 4000],
] as const) {
  test(`closing a renderer ${when} comes to its end in a program that does nothing else`, () => {
    const args = ['--input-type=module', '--eval', PROGRAM, `${wait}`];
    assert.equal(
      execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      'closed',
    );
  });
}
