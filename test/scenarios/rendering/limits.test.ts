import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DocumentRejected, type Renderer } from '../../../gateway/ports/renderer.ts';
import { createRenderer } from '../../../gateway/rendering/index.ts';
import { collect, jobOf } from './samples.ts';

const pipe = new URL('../../../gateway/rendering/pipe.ts', import.meta.url);

// A child that a document has taken over. What it does is chosen by the first octet of the key.
const PROGRAM = `
import { ChildPipe } from '${pipe}';
import { writeSync } from 'node:fs';
const pipe = new ChildPipe();
pipe.write('ready');
let key = pipe.read();
while (key.kind === 'warm') key = pipe.read();
const mode = key.payload[0];
while (pipe.read().kind !== 'end');
const page = { page: 1, width: 1728, rows: 1, xDpi: 204, yDpi: 196, bytes: 1, mark: '0'.repeat(64), warnings: [] };
const good = () => pipe.writeJson('inspected', { pages: 1, mediaTypes: ['text/plain'] });
const whole = () => { pipe.writeJson('drawing', {}); pipe.writeJson('page', page); pipe.write('chunk', new Uint8Array(8)); pipe.write('end'); };
if (mode === 0) { good(); whole(); pipe.writeJson('done', { pages: 1, bytes: 1 }); }
if (mode === 1) for (;;);
if (mode === 2) await new Promise(() => setInterval(() => {}, 1000));
if (mode === 3) { const kept = []; for (;;) kept.push(new Array(1e6).fill(1.5)); }
if (mode === 4) process.abort();
if (mode === 5) writeSync(3, new Uint8Array(1000).fill(0xff));
if (mode === 6) { good(); pipe.writeJson('drawing', {}); pipe.writeJson('page', { ...page, page: 7 }); }
if (mode === 7) { good(); pipe.writeJson('drawing', {}); pipe.writeJson('page', page); for (;;) pipe.write('chunk', new Uint8Array(65536)); }
if (mode === 8) { pipe.writeJson('inspected', { pages: 1e9, mediaTypes: [] }); }
if (mode === 9) { pipe.writeJson('rejected', { cause: 'nonsense', message: 'x'.repeat(5000) + '\\u0007', document: -3 }); }
if (mode === 10) { const kept = []; for (;;) kept.push(Buffer.alloc(1 << 24, 1)); }
`;

const keyOf = (mode: number) => new Uint8Array(32).fill(mode);

async function* someBytes(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
}

const jobIn = (mode: number) => ({
  ...jobOf([]),
  dek: keyOf(mode),
  documents: [{ object: 'doc/0', sealed: someBytes() }],
});

describe('a child that was taken over by its document ends with one clean rejection', () => {
  let renderer: Renderer;
  before(async () => {
    renderer = await createRenderer({
      limits: { cpuPerPage: 0.25, cpuPerDocument: 20, wall: 8, pageBytes: 1 << 20 },
      pool: { spare: 1, working: 1 },
      program: ['--input-type=module', '-e', PROGRAM],
    });
  });
  after(() => renderer.close());

  async function causeOf(mode: number): Promise<DocumentRejected> {
    try {
      await collect(renderer.render(jobIn(mode)));
    } catch (error) {
      assert.ok(error instanceof DocumentRejected, String(error));
      return error;
    }
    return assert.fail('was not rejected');
  }

  for (const [mode, what, cause] of [
    [1, 'spins for ever', 'timeout'],
    [3, 'fills the heap', 'timeout|memory'],
    [4, 'crashes', 'crash'],
    [5, 'writes noise', 'crash'],
    [6, 'sends a page out of order', 'crash'],
    [7, 'sends a page without end', 'crash'],
    [8, 'claims a thousand million pages', 'crash'],
    [10, 'takes all memory outside the heap', 'timeout|memory|crash'],
  ] as const) {
    test(`${what}: ${cause}; the next document is rendered`, async () => {
      const rejection = await causeOf(mode);
      assert.match(rejection.cause, new RegExp(`^(${cause})$`));
      assert.equal(rejection.document, 0);
      const { summary } = await collect(renderer.render(jobIn(0)));
      assert.deepEqual(summary, { pages: 1, bytes: 1 });
    });
  }

  test('names a cause that does not exist: crash, with a short text and no document', async () => {
    const rejection = await causeOf(9);
    assert.equal(rejection.cause, 'crash');
    assert.ok(rejection.message.length <= 200);
    assert.equal(rejection.document, undefined);
  });

  test('says nothing at all: timeout', async () => {
    const impatient = await createRenderer({
      limits: { wall: 1.5 },
      pool: { spare: 1, working: 1 },
      program: ['--input-type=module', '-e', PROGRAM],
    });
    await assert.rejects(collect(impatient.render(jobIn(2))), { name: 'DocumentRejected', cause: 'timeout' });
    await impatient.close();
  });

  test('spins while nobody looks: the kernel ends it, and that is a timeout too', async () => {
    const unwatched = await createRenderer({
      limits: { cpuPerPage: 1000, cpuPerDocument: 2 },
      pool: { spare: 0, working: 1 },
      program: ['--input-type=module', '-e', PROGRAM],
    });
    await assert.rejects(collect(unwatched.render(jobIn(1))), { name: 'DocumentRejected', cause: 'timeout' });
    await unwatched.close();
  });

  test('cannot be started at all: an error of the renderer, not of the document', async () => {
    const broken = await createRenderer({ pool: { spare: 0, working: 1 }, program: ['-e', 'process.exit(3)'] });
    await assert.rejects(collect(broken.render(jobIn(0))), { name: 'RenderingError', code: 'start' });
    await broken.close();
  });

  test('jobs wait for a free child, and more than may wait are refused as busy', async () => {
    const narrow = await createRenderer({
      limits: { wall: 3 },
      pool: { spare: 0, working: 1, waiting: 1 },
      program: ['--input-type=module', '-e', PROGRAM],
    });
    const first = collect(narrow.render(jobIn(0)));
    const second = collect(narrow.render(jobIn(0)));
    await assert.rejects(collect(narrow.render(jobIn(0))), { name: 'RenderingError', code: 'busy' });
    assert.deepEqual((await first).summary, (await second).summary);
    await narrow.close();
  });
});
