import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { readTiff } from '../../../gateway/imaging/index.ts';
import { runCli } from '../../../ops/cli/index.ts';
import { render } from '../../../ops/cli/render.ts';
import { rememberingIo } from '../../unit/cli/console.ts';
import { clinicForm } from '../../unit/imaging/cover/forms.ts';
import { encryptedPdf, sampleImage, samplePdf } from './samples.ts';

const MAIN = fileURLToPath(new URL('../../../ops/main.ts', import.meta.url));

describe('sealfax render', () => {
  let folder = '';
  const at = (name: string) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealfax-render-'));
    await writeFile(at('letter.pdf'), await samplePdf(2));
    await writeFile(at('photo.png'), await sampleImage('png'));
    await writeFile(at('secret.pdf'), encryptedPdf());
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function run(argv: string[], input = '') {
    const { io, shown } = rememberingIo({ input });
    return { status: await runCli(['render', ...argv], {}, io, { render }), ...shown };
  }

  test('several documents become one TIFF, and each page is told with its size', async () => {
    const { status, out, err } = await run([
      at('letter.pdf'),
      at('photo.png'),
      '-o',
      at('out.tif'),
      '--length',
      'full',
    ]);
    assert.equal(status, 0, err);
    assert.match(out, /^page 1 {2}1728 × 2292 at 204 × 196 dpi, \d+ bytes {2}.*out\.tif\npage 2 {2}1728 × 2292/);
    const { pages } = readTiff(await readFile(at('out.tif')), { maxPages: 9, maxPixels: 10_000_000 });
    assert.equal(pages.length, 3);
  });

  test('options reach the page: resolution, paper, header; --json gives one object a page', async () => {
    const letter = ['--resolution', 'standard', '--paper', 'letter', '--length', 'full', '--json'];
    const plain = await run(['-', '-o', at('plain.pdf'), ...letter], 'one line');
    assert.equal(plain.status, 0, plain.err);
    const page = JSON.parse(plain.out) as Record<string, unknown>;
    assert.deepEqual([page.page, page.width, page.rows, page.xDpi, page.yDpi], [1, 1728, 1074, 204, 98]);
    assert.deepEqual(page.warnings, []);
    const header = ['--header', '{name} {csid} {to} {page}/{pages}', '--name', 'Ärzte am Fluß', '--to', '+4930'];
    const headed = await run(['-', '-o', at('headed.pdf'), ...letter, ...header], 'one line');
    assert.ok(Number(JSON.parse(headed.out).bytes) > Number(page.bytes), 'the header line is drawn');
    assert.equal((await readFile(at('headed.pdf'))).subarray(0, 5).toString(), '%PDF-');
  });

  test('the white end of a page is left out, down to a third of the paper', async () => {
    const { status, out, err } = await run([at('letter.pdf'), '-o', at('short.tif')]);
    assert.equal(status, 0, err);
    assert.match(out, /^page 1 {2}1728 × 764 at/, '99 mm at 196 lines per inch');
  });

  test('a page wider than A4 keeps its width for a receiver that takes it, and is scaled down for all others', async () => {
    const wide = await PDFDocument.create();
    wide.addPage([842, 1191]).drawText('A3', { x: 700, y: 20, size: 40 });
    await writeFile(at('wide.pdf'), await wide.save());
    for (const [width, size] of [
      ['a4', '1728 × 2348'],
      ['b4', '2048 × 2783'],
      ['a3', '2432 × 3242'],
    ] as const) {
      const { out, err } = await run([at('wide.pdf'), '-o', at('wide.tif'), '--width', width]);
      assert.ok(out.startsWith(`page 1  ${size} at`), `${out}${err}`);
    }
  });

  test('a PDF form becomes the cover, filled with what the command line says', async () => {
    await writeFile(at('form.pdf'), await clinicForm());
    const cover = ['--cover-form', at('form.pdf'), '--name', 'Ärzte am Fluß', '--to', '+4930', '--length', 'full'];
    const pages = async (texts: string[]) => {
      const { status, out, err } = await run([at('letter.pdf'), '-o', at('covered.tif'), '--json', ...cover, ...texts]);
      assert.equal(status, 0, err);
      return out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { bytes: number });
    };
    const [brief, ...rest] = await pages([]);
    const [full] = await pages(['--subject', 'Findings', '--note', 'A note.\nIn two lines.']);
    assert.equal(rest.length, 2, 'the letter follows');
    assert.ok(brief !== undefined && full !== undefined && full.bytes > brief.bytes + 300);
    const refused = await run([at('letter.pdf'), '-o', at('no.tif'), '--cover-form', at('letter.pdf')]);
    assert.match(refused.err, /no text field named to, toNumber.*\(form_fields\)/);
    const long = await run([at('letter.pdf'), '-o', at('no.tif'), ...cover, '--subject', 'W'.repeat(300)]);
    assert.match(long.err, /not enough room for its field subject\. \(cover_overflow\)/);
  });

  test('PNG pages are numbered files with square pixels', async () => {
    const { status, err } = await run([
      at('letter.pdf'),
      '-o',
      at('page-%03d.png'),
      '--resolution',
      'standard',
      '--length',
      'full',
    ]);
    assert.equal(status, 0, err);
    const { format, width, height } = await sharp(await readFile(at('page-002.png'))).metadata();
    assert.deepEqual([format, width, height], ['png', 1728, 2386]);
  });

  test('warnings of a page are told', async () => {
    const black = await sharp({ create: { width: 1600, height: 2200, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    await writeFile(at('black.png'), black);
    const dark = await run([at('black.png'), '-o', at('black.tif')]);
    assert.match(dark.out, /\n {2}warning: page nearly black\n/);
  });

  test('a document that is refused ends with 6, names the file and the cause, and writes nothing', async () => {
    const { status, err } = await run([at('letter.pdf'), at('secret.pdf'), '-o', at('refused.tif')]);
    assert.equal(status, 6);
    assert.match(err, /secret\.pdf: The PDF is protected by a password\. \(encrypted\)/);
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith('refused') || name.startsWith('.')));
  });

  const wrong: [string, string[], RegExp][] = [
    ['no output', ['letter.pdf'], /--out/],
    ['an output of another kind', ['letter.pdf', '-o', 'out.doc'], /\.tif, \.pdf or \.png/],
    ['many pages in one PNG', ['letter.pdf', '-o', 'one.png'], /there are 2 pages: put %d/],
    ['a file that is missing', ['nowhere.pdf', '-o', 'out.tif'], /there is no such file/],
    ['an unknown resolution', ['letter.pdf', '-o', 'out.tif', '--resolution', 'best'], /--resolution is one of/],
  ];
  for (const [what, argv, complaint] of wrong) {
    test(`${what} is a wrong command line`, async () => {
      const { status, err } = await run(argv.map((word) => (/\./.test(word) ? at(word) : word)));
      assert.equal(status, 2);
      assert.match(err, complaint);
    });
  }

  test('the program knows it beside the commands that need a gateway', () => {
    const { stdout } = spawnSync(process.execPath, [MAIN, 'help'], { encoding: 'utf8' });
    assert.match(stdout, /^ {2}render {2,}turn documents into fax pages/m);
    assert.match(stdout, /^ {2}send /m);
  });

  test('its help names every option', async () => {
    const { status, out } = await run(['--help']);
    assert.equal(status, 0);
    for (const option of Object.keys(render.options)) assert.ok(out.includes(`--${option}`), option);
  });
});
