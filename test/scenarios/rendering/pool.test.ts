import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Renderer } from '../../../gateway/ports/renderer.ts';
import { CacheMark, makeCacheFolder } from '../../../gateway/rendering/code-cache.ts';
import { frameHeader } from '../../../gateway/rendering/frames.ts';
import { createRenderer, DEFAULT_LIMITS } from '../../../gateway/rendering/index.ts';
import { ChildPool, type Filling } from '../../../gateway/rendering/pool.ts';
import { type ChildCommand, childCommand, detectSandbox } from '../../../gateway/rendering/sandbox.ts';
import { WARM_UPS } from '../../../gateway/rendering/warm-up-kind.ts';
import { collect, jobOf, sampleImage, samplePdf, sampleTiff } from './samples.ts';

const best = await detectSandbox(DEFAULT_LIMITS);

/** Every file below `folder` with the moment it was last written. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.sort().map(async (path) => `${path} ${(await stat(path)).mtimeMs}`));
}

/** Waits until `name` comes to be in `folder`. */
async function appearing(folder: string, name: string): Promise<void> {
  for await (const { filename } of watch(folder)) if (filename === name) return;
}

/** Runs `command` on `input` to its end; what it says on standard error. */
function stderrOf(command: ChildCommand, input: Uint8Array, env = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...command.env, ...env }, cwd: '/', stdio: ['pipe', 'ignore', 'pipe', 'pipe'] } as const;
    const child = spawn(command.file, [...command.args], { ...options, stdio: [...options.stdio] });
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.stdio[3]?.on('data', () => undefined);
    child.on('error', reject).on('close', () => resolve(text));
    child.stdin?.end(input);
  });
}

/** What Node says of each look into its cache, in a child that warms up for every kind of document. */
async function looksInto(folder: string): Promise<string[]> {
  const warm = WARM_UPS.map((_, index) => Buffer.concat([frameHeader('warm', 1), Uint8Array.of(index)]));
  const command = childCommand('bubblewrap', DEFAULT_LIMITS, undefined, { folder, fill: false });
  const said = await stderrOf(command, Buffer.concat(warm), { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  return said.split('\n').filter((line) => line.includes('reading cache from'));
}

describe('children share one cache of compiled code', {
  skip: best === 'bubblewrap' ? false : 'bubblewrap is not installed or may not be used here',
}, () => {
  let parent: string;
  let folder: string;
  let renderer: Renderer;
  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
    folder = join(parent, 'cache');
    await makeCacheFolder(folder);
    const [filled, trained] = [appearing(folder, 'filled'), appearing(folder, 'trained')];
    renderer = await createRenderer({ codeCache: folder, pool: { spare: 1, working: 1 }, trainAfter: 0 });
    await Promise.all([filled, trained]);
  });
  after(async () => {
    await renderer.close();
    await rm(parent, { recursive: true, force: true });
  });

  test('it holds what any document needs, so that no later child compiles a module', async () => {
    await collect(renderer.render(jobOf([await samplePdf()])));
    const filled = await filesOf(folder);
    assert.ok(filled.length > 100, `${filled.length} files`);
    const text = new TextEncoder().encode('Text.\n');
    const documents = [text, await sampleImage('png'), sampleTiff()];
    await collect(renderer.render(jobOf(documents, { cover: { template: 'form', to: 'Dr A' } })));
    assert.deepEqual(await filesOf(folder), filled, 'a child that saw a document has left nothing there');
    const looks = await looksInto(folder);
    assert.ok(looks.length > 100, `${looks.length} looks`);
    assert.deepEqual(
      looks.filter((line) => !line.includes('success')),
      [],
    );
  });

  test('children begin with the machine code that one of them has left', async () => {
    const program = `
      import { readFileSync } from 'node:fs';
      import { getCompileCacheDir } from 'node:module';
      import { restoreCode, restoredModule } from '${new URL('../../../gateway/imaging/compiled-module.ts', import.meta.url)}';
      restoreCode(getCompileCacheDir());
      const wasm = readFileSync('${fileURLToPath(import.meta.resolve('@hyzyla/pdfium/pdfium.wasm'))}');
      process.stderr.write(String(restoredModule('pdfium', wasm)));`;
    const node = ['--input-type=module', '--eval', program];
    const command = childCommand('bubblewrap', DEFAULT_LIMITS, node, { folder, fill: false });
    assert.equal(await stderrOf(command, new Uint8Array(0)), '[object WebAssembly.Module]');
  });

  test('only its owner may enter, and only the child that fills it may write', async () => {
    assert.equal((await stat(folder)).mode & 0o077, 0);
    const write = `import { writeFileSync } from 'node:fs'; writeFileSync('${folder}/planted', 'x');`;
    for (const [fill, codes] of [
      [false, /^EROFS$/],
      [true, /^$/],
    ] as const) {
      const program = ['--input-type=module', '-e', write];
      const said = await stderrOf(childCommand('bubblewrap', DEFAULT_LIMITS, program, { folder, fill }), Buffer.of());
      assert.match(/\bE[A-Z]{4,}\b/.exec(said)?.[0] ?? '', codes);
    }
  });
});

describe('before the first job', () => {
  const limits = { ...DEFAULT_LIMITS, wall: 10 };
  const size = { spare: 1, working: 2, waiting: 2 };
  // A child that says that it is ready and ends with its input, after it has left a file if it is to leave one.
  const childThat = (leaves: string): ChildCommand => {
    const pipe = `import { ChildPipe } from '${new URL('../../../gateway/rendering/pipe.ts', import.meta.url)}';`;
    const program = `${pipe} const p = new ChildPipe(); p.write('ready'); while (p.read() !== undefined); ${leaves}`;
    return childCommand('none', limits, ['--input-type=module', '-e', program]);
  };
  const quiet = childThat('');

  test('nothing is started until it is told, and a job that comes sooner does not wait', async () => {
    const told = Promise.withResolvers<void>();
    const log: string[] = [];
    const isDone = async () => {
      log.push('asked for the cache');
      return true;
    };
    const filling: Filling = { command: quiet, isDone, done: async () => {} };
    const pool = new ChildPool(quiet, limits, size, { filling, after: told.promise });
    pool.release(await pool.acquire());
    log.push('job done');
    told.resolve();
    await pool.prepared;
    assert.deepEqual(log, ['job done', 'asked for the cache']);
    await pool.close();
  });

  test('a cache that is filled is not filled again; one that is not is marked when its child has ended in peace', async () => {
    for (const [state, expected] of [
      [{ filled: true, command: quiet }, 'not marked'],
      [{ filled: false, command: quiet }, 'marked'],
      [{ filled: false, command: childThat('process.exit(3);') }, 'not marked'],
    ] as const) {
      let marked = 'not marked';
      const done = async () => {
        marked = 'marked';
      };
      const filling: Filling = { command: state.command, isDone: async () => state.filled, done };
      const pool = new ChildPool(quiet, limits, size, { filling });
      await pool.prepared;
      assert.equal(marked, expected);
      await pool.close();
    }
  });
});

test('the mark of a cache holds for its sources alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
  const sources = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
  await writeFile(join(sources, 'a.ts'), 'one');
  const mark = new CacheMark(folder, [sources]);
  assert.equal(await mark.isDone(), false);
  await mark.done();
  assert.equal(await new CacheMark(folder, [sources]).isDone(), true);
  await writeFile(join(sources, 'a.ts'), 'other');
  assert.equal(await mark.isDone(), false);
  await Promise.all([folder, sources].map((path) => rm(path, { recursive: true })));
});

test('a folder that others may write to is no cache', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
  assert.equal(await makeCacheFolder(folder), true);
  await chmod(folder, 0o770);
  assert.equal(await makeCacheFolder(folder), false);
  await rm(folder, { recursive: true });
});

test('a cache that cannot be had costs time and nothing else', async () => {
  const renderer = await createRenderer({ codeCache: '/dev/null/cache', pool: { spare: 0, working: 1 } });
  const { summary } = await collect(renderer.render(jobOf([sampleTiff()])));
  assert.equal(summary.pages, 1);
  await renderer.close();
});

test('after many documents that end their children, the next one is rendered, and jobs that wait are not lost', async () => {
  // Half of the children end themselves when they have read their document.
  const program = `
    import { ChildPipe } from '${new URL('../../../gateway/rendering/pipe.ts', import.meta.url)}';
    const pipe = new ChildPipe();
    pipe.write('ready');
    let frame = pipe.read();
    while (frame.kind === 'warm') frame = pipe.read();
    const mode = frame.payload[0];
    while (frame.kind !== 'end') frame = pipe.read();
    if (mode === 1) process.kill(process.pid, 'SIGKILL');
    pipe.writeJson('inspected', { pages: 1, mediaTypes: ['text/plain'] });
    pipe.writeJson('done', { pages: 1, bytes: 1 });`;
  const renderer = await createRenderer({
    pool: { spare: 1, working: 2 },
    program: ['--input-type=module', '-e', program],
  });
  const runs = Array.from({ length: 16 }, (_, index) =>
    collect(renderer.render({ ...jobOf([sampleTiff(100)]), dek: new Uint8Array(32).fill(index % 2) })),
  );
  const outcomes = await Promise.allSettled(runs);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? 'fulfilled' : 'rejected')),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.equal(outcome.reason.cause, 'crash');
  }
  await renderer.close();
});
