import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { after, beforeEach, describe, test } from 'node:test';
import { sealObject } from '../../../crypto/index.ts';
import { blankBitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { writeTiffF } from '../../../gateway/imaging/tiff-f/index.ts';
import type { RenderedPage, Renderer, RenderJob, RenderOptions } from '../../../gateway/ports/renderer.ts';
import { createRenderer, DEFAULT_LIMITS } from '../../../gateway/rendering/index.ts';
import { childCommand, detectSandbox, standingCommand } from '../../../gateway/rendering/sandbox.ts';
import { withStandingChildren } from '../../../gateway/rendering/standing-renderer.ts';
import { descendants, mayLook, mayLookAtChildren, memoryOf } from '../erasure/memory.ts';
import { collect, DEK, FAX, jobOf, samplePdf, sampleTiff } from './samples.ts';

const sandbox = await detectSandbox(DEFAULT_LIMITS);
const mayNotLook = mayLookAtChildren() ? false : 'this system does not let a process read the memory of its children';

/** A job of documents that are called TIFF files. */
function tiffJob(documents: readonly Uint8Array[], options: Partial<RenderOptions> = {}): RenderJob {
  const job = jobOf([], options);
  return {
    ...job,
    documents: documents.map((bytes, index) => {
      const object = `doc/${index}`;
      const sealed = { [Symbol.asyncIterator]: () => sealObject(DEK, { fax: FAX, object }, [bytes]) };
      return { object, isTiff: true, sealed };
    }),
  };
}

/** Notes who comes to it, and makes no pages. */
class OrdinaryWay implements Renderer {
  asked = 0;

  async *render() {
    this.asked++;
    yield { type: 'inspected', pages: 1, mediaTypes: ['told by the ordinary way'] } as const;
    return { pages: 1, bytes: 1 };
  }

  async *convert() {}

  async hostFindings() {
    return [];
  }

  async close() {}
}

/** A TIFF file with one entry more or less right: the page's compression is that of JPEG, which is not ours to read. */
function jpegTiff(): Uint8Array {
  const tiff = sampleTiff();
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const directory = view.getUint32(4, true);
  for (let n = 0; n < view.getUint16(directory, true); n++) {
    const entry = directory + 2 + 12 * n;
    if (view.getUint16(entry, true) === 259) view.setUint16(entry + 8, 7, true);
  }
  return tiff;
}

/** A page whose coded data turns into noise half way. */
function damagedTiff(): Uint8Array {
  const tiff = sampleTiff();
  for (let at = 20; at < tiff.length / 2; at++) tiff[at] = (at * 167) & 0xff;
  return tiff;
}

describe('fax pages in a child that lives on', () => {
  const inner = new OrdinaryWay();
  const renderer = withStandingChildren(inner, { command: standingCommand(sandbox, DEFAULT_LIMITS), children: 1 });
  beforeEach(() => {
    inner.asked = 0;
  });
  after(() => renderer.close());

  const pagesOf = async (job: RenderJob) => {
    const { events, summary } = await collect(renderer.render(job));
    return {
      inspected: events[0],
      pages: events.filter((event): event is RenderedPage => event.type === 'page'),
      summary,
    };
  };

  test('they are inspected and made there, one fax after the other', async () => {
    for (const rows of [1000, 1500, 2000]) {
      const { inspected, pages, summary } = await pagesOf(tiffJob([sampleTiff(rows), sampleTiff(rows)]));
      assert.deepEqual(inspected, { type: 'inspected', pages: 2, mediaTypes: ['image/tiff', 'image/tiff'] });
      assert.deepEqual(
        pages.map(({ page, rows: made }) => [page, made]),
        [
          [1, rows],
          [2, rows],
        ],
      );
      assert.equal(
        summary.bytes,
        pages.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    assert.equal(inner.asked, 0);
  });

  test('their marks are those of the ordinary way, header line and doubled rows included', async () => {
    const ordinary = await createRenderer({ pool: { spare: 0, working: 1 } });
    try {
      const header = {
        name: 'Praxis',
        csid: '+49 30 1',
        to: '+49 30 2',
        at: 1_700_000_000_000,
        timeZone: 'Europe/Berlin',
      };
      for (const options of [{}, { header }, { resolution: 'superfine', header }] as const) {
        const documents = [sampleTiff(1000, options.resolution === undefined ? 98 : 196)];
        const { events } = await collect(ordinary.render(jobOf(documents, options)));
        const { pages } = await pagesOf(tiffJob(documents, options));
        const marks = events.flatMap((event) => (event.type === 'page' ? [[event.mark, event.rows]] : []));
        assert.deepEqual(
          pages.map(({ mark, rows }) => [mark, rows]),
          marks,
        );
      }
    } finally {
      await ordinary.close();
    }
    assert.equal(inner.asked, 0);
  });

  for (const [what, job] of [
    ['a PDF that is called TIFF', async () => tiffJob([await samplePdf()])],
    ['a page compressed by JPEG', async () => tiffJob([jpegTiff()])],
    ['a damaged page', async () => tiffJob([damagedTiff()])],
    ['a TIFF file that is cut off', async () => tiffJob([sampleTiff().subarray(0, 40)])],
    ['a page of another resolution', async () => tiffJob([sampleTiff(1000, 150)])],
    ['more pages than the account may send', async () => tiffJob([sampleTiff(), sampleTiff()], { maxPages: 1 })],
    ['a cover', async () => tiffJob([sampleTiff()], { cover: { template: 'letter', to: 'Dr. A' } })],
    ['three megabytes', async () => tiffJob([Buffer.concat([sampleTiff(), new Uint8Array(3_000_000)])])],
    ['a document that nobody has called TIFF', async () => jobOf([sampleTiff()])],
  ] as const) {
    test(`${what} goes the ordinary way, from its inspection on`, async () => {
      const { inspected } = await pagesOf(await job());
      assert.deepEqual(inspected, { type: 'inspected', pages: 1, mediaTypes: ['told by the ordinary way'] });
      assert.equal(inner.asked, 1);
    });
  }

  test('a key that opens nothing goes the ordinary way, and the next fax is none the worse', async () => {
    await pagesOf({ ...tiffJob([sampleTiff()]), dek: new Uint8Array(32) });
    assert.equal(inner.asked, 1);
    const { pages } = await pagesOf(tiffJob([sampleTiff()]));
    assert.equal(pages.length, 1);
    assert.equal(inner.asked, 1);
  });

  test('nobody who only inspects leaves a child behind that waits', async () => {
    for (let n = 0; n < 3; n++) {
      const run = renderer.render(tiffJob([sampleTiff()]));
      await run.next();
      await run.return({ pages: 0, bytes: 0 });
    }
    const { pages } = await pagesOf(tiffJob([sampleTiff()]));
    assert.equal(pages.length, 1);
    assert.equal(inner.asked, 0);
  });
});

test('soon after its last fax a standing child holds nothing of any page', { skip: mayNotLook }, async (t) => {
  const inner = new OrdinaryWay();
  const renderer = withStandingChildren(inner, { command: standingCommand(sandbox, DEFAULT_LIMITS), children: 1 });
  try {
    const needles: Buffer[] = [];
    for (const rows of [300, 40, 150]) {
      const { tiff, marks } = noiseTiff(rows);
      needles.push(...marks);
      await collect(renderer.render(tiffJob([tiff])));
    }
    assert.equal(inner.asked, 0);
    const child = descendants(process.pid).find(({ command }) => /^\S*node .*standing-child/.test(command));
    assert.ok(child !== undefined);
    if (!mayLook(child.pid)) return t.skip('a sandbox that root has set up shows its memory to root only');
    const late = performance.now() + 20_000; // it says how long the machine may take, not how long it should
    while (found(child.pid, needles) > 0) {
      assert.ok(performance.now() < late, `${found(child.pid, needles)} pieces are left`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    await renderer.close();
  }
});

/** A page of noise, and pieces of its coded data and of its rows. */
function noiseTiff(rows: number): { tiff: Uint8Array; marks: Buffer[] } {
  const bitmap = blankBitmap(1728, 2200);
  bitmap.data.set(randomBytes(rows * bitmap.stride), 100 * bitmap.stride);
  const t6 = encodeT6(bitmap);
  const pieces = [400, 1500].map((at) => t6.subarray(at, at + 16));
  const noise = bitmap.data.subarray(110 * bitmap.stride + 20, 110 * bitmap.stride + 36);
  const tiff = writeTiffF([{ width: 1728, rows: 2200, xDpi: 204, yDpi: 196, t6 }]);
  return { tiff, marks: [...pieces, noise].map((piece) => Buffer.from(piece)) };
}

function found(pid: number, needles: readonly Buffer[]): number {
  let count = 0;
  for (const { bytes } of memoryOf(pid)) {
    const span = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    count += needles.filter((needle) => span.includes(needle)).length;
  }
  return count;
}

describe('what can go wrong with a standing child is the ordinary way', () => {
  for (const [what, program] of [
    ['cannot start', 'process.exit(1)'],
    ['ends over its first job', said('process.stdin.once("data", () => process.exit(0));')],
    ['answers what nobody asked for', said('process.stdin.once("data", () => w(7, "{}"));')],
    [
      'claims pages that cannot be',
      said('process.stdin.once("data", () => w(6, JSON.stringify({ pages: 1e9, mediaTypes: [] })));'),
    ],
    ['answers no frame at all', said('process.stdin.once("data", () => fs.writeSync(3, "this is no frame"));')],
  ] as const) {
    test(`it ${what}`, async () => {
      const inner = new OrdinaryWay();
      const command = childCommand('none', DEFAULT_LIMITS, ['-e', program]);
      const renderer = withStandingChildren(inner, { command: { ...command, args: loose(command.args) }, children: 1 });
      try {
        const { events } = await collect(renderer.render(tiffJob([sampleTiff()])));
        assert.equal(events.length, 1);
        assert.equal(inner.asked, 1);
      } finally {
        await renderer.close();
      }
    });
  }

  /** A program that says it is ready; `w` writes a frame of a kind by its number. */
  function said(then: string): string {
    const write =
      'const w = (k, t) => { const h = Buffer.alloc(5); h.writeUInt32BE(t.length); h[4] = k; fs.writeSync(3, h); fs.writeSync(3, t); };';
    return `const fs = require("node:fs"); ${write} w(1, ""); ${then}`;
  }

  /** Without Node's permissions, which are for programs in files. */
  function loose(args: readonly string[]): string[] {
    return args.filter((arg) => !arg.startsWith('--permission') && !arg.startsWith('--allow-'));
  }
});

test('a standing child can read no package and load no add-on', { skip: sandbox === 'none' }, async () => {
  const look = `
    const { readdirSync } = require('node:fs');
    const attempt = (action) => { try { return String(action()); } catch (error) { return error.code ?? 'failed'; } };
    process.stdout.write(JSON.stringify([
attempt(() => readdirSync(${JSON.stringify(new URL('../../../node_modules/@hyzyla', import.meta.url).pathname)}).length),
      attempt(() => require.resolve('@hyzyla/pdfium')),
      attempt(() => readdirSync('/etc').length),
    ]));`;
  const { file, args, env } = standingCommand(sandbox, DEFAULT_LIMITS, ['-e', look]);
  const said = await new Promise<string>((resolve, reject) => {
    execFile(file, [...args], { env, cwd: '/' }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
  for (const answer of JSON.parse(said) as string[]) assert.match(answer, /ENOENT|ERR_ACCESS_DENIED|MODULE_NOT_FOUND/);
});
