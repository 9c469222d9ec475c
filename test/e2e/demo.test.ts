import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { sampleLetter, writeTiffF } from '../../gateway/imaging/index.ts';
import { blankBitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../gateway/imaging/t4-t6/index.ts';
import type { DemoResult } from '../../ops/demo/demo.ts';

const LAUNCHER = fileURLToPath(new URL('../../ops/launch.mjs', import.meta.url));
/** The account `nobody`: an ordinary user that every Linux has. */
const NOBODY = 65_534;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sealfax-e2e-'));
  chmodSync(dir, 0o755);
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs the demo as a person would, in `cwd`; `uid` null = as this user. */
function runDemo(cwd: string, args: readonly string[], uid: number | null = null): Promise<Ran> {
  const env = { PATH: process.env.PATH, TMPDIR: cwd };
  const who = uid === null ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, [LAUNCHER, 'demo', ...args], { cwd, env, ...who });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    out.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...out }));
  });
}

async function twoPages(): Promise<Uint8Array> {
  const letter = await PDFDocument.load(await sampleLetter());
  const both = await PDFDocument.create();
  for (const page of await both.copyPages(letter, [0])) both.addPage(page);
  both.addPage([595, 842]).drawText('second page', { x: 80, y: 600, size: 24 });
  return both.save();
}

function tiff(): Uint8Array {
  const bitmap = blankBitmap(1728, 1100);
  for (let row = 100; row < 1000; row += 50)
    bitmap.data.fill(0xff, row * bitmap.stride + 20, row * bitmap.stride + 180);
  return writeTiffF([{ width: 1728, rows: 1100, xDpi: 204, yDpi: 98, t6: encodeT6(bitmap) }]);
}

const png = (): Promise<Uint8Array> =>
  sharp({ create: { width: 800, height: 1100, channels: 3, background: '#fff' } })
    .composite([
      { input: { create: { width: 400, height: 300, channels: 3, background: '#000' } }, left: 200, top: 200 },
    ])
    .png()
    .toBuffer();

/** Everything that the issue of the demo promises about its result. */
async function assertWhole(result: DemoResult, pages: number): Promise<void> {
  const { outbound, inbound, webhook } = result;
  assert.equal(outbound.fax.state, 'delivered');
  assert.equal(outbound.fax.pagesConfirmed, pages);
  assert.equal(outbound.cdr.result, 'ok');
  assert.equal(inbound.cdr.result, 'ok');
  assert.equal(outbound.cdr.receipt, outbound.receipt.receipt);
  assert.equal(inbound.cdr.receipt, inbound.receipt.receipt);
  assert.equal(outbound.fax.imageExists, false);
  assert.equal(inbound.fax.imageExists, false);
  assert.equal(webhook.type, 'fax.received');
  assert.equal(webhook.data.fax, inbound.fax.id);
  assert.equal(inbound.pages.length, pages);
  for (const page of inbound.pages) assert.equal((await sharp(page).metadata()).width, 1728, page);
  const pdf = await PDFDocument.load(readFileSync(inbound.pdf));
  assert.equal(pdf.getPageCount(), pages);
}

describe('the demo', () => {
  const documents: Record<string, { make: () => Promise<Uint8Array> | Uint8Array; pages: number }> = {
    'letter.pdf': { make: twoPages, pages: 2 },
    'form.tif': { make: tiff, pages: 1 },
    'scan.png': { make: png, pages: 1 },
    'note.txt': { make: () => Buffer.from('Ein Brief.\n\nGrüße\n'), pages: 1 },
  };
  for (const [name, { make, pages }] of Object.entries(documents)) {
    test(`sends ${name} out and takes it in again, and prints one JSON object`, async (t) => {
      const dir = directory(t);
      writeFileSync(join(dir, name), await make());
      const ran = await runDemo(dir, [name, '--json', '--speed', 'instant']);
      assert.equal(ran.status, 0, ran.stderr);
      assert.equal(ran.stderr, '');
      await assertWhole(JSON.parse(ran.stdout) as DemoResult, pages);
      assert.deepEqual(readdirSync(dir).sort(), [name, 'sealfax-demo'].sort(), 'nothing is left behind');
    });
  }

  test('works for an ordinary user', {
    skip: process.getuid?.() === 0 ? false : 'not root: the tests above have shown it',
  }, async (t) => {
    const dir = directory(t);
    chownSync(dir, NOBODY, NOBODY);
    const ran = await runDemo(dir, ['--json', '--speed', 'instant'], NOBODY);
    assert.equal(ran.status, 0, ran.stderr);
    await assertWhole(JSON.parse(ran.stdout) as DemoResult, 1);
  });

  test('says in plain lines what happens when nobody watches a terminal', async (t) => {
    const dir = directory(t);
    const ran = await runDemo(dir, ['--speed', 'instant']);
    assert.equal(ran.status, 0, ran.stderr);
    const receipt = join(dir, 'sealfax-demo', 'outbound-receipt.jws');
    const verified = spawnSync(process.execPath, [LAUNCHER, 'verify', 'receipt', receipt], { encoding: 'utf8' });
    assert.equal(verified.status, 0, verified.stderr);
    assert.match(verified.stdout, /signature +genuine/);
    for (const word of [
      'gateway',
      'session',
      'accepted',
      'page',
      'delivered',
      'webhook',
      'received',
      'wiped',
      'page-1.png',
    ]) {
      assert.ok(ran.stdout.includes(word), word);
    }
    assert.equal(ran.stdout.includes('\u001b'), false);
  });

  test('ends with a clear message and status for what cannot be sent', async (t) => {
    const dir = directory(t);
    const missing = await runDemo(dir, ['none.pdf']);
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /none\.pdf does not exist/);
    writeFileSync(join(dir, 'broken.pdf'), '%PDF-1.7\nnothing follows');
    const broken = await runDemo(dir, ['broken.pdf', '--json', '--speed', 'instant']);
    assert.equal(broken.status, 1);
    assert.equal(broken.stdout, '');
    assert.match(broken.stderr, /PDF is damaged/);
    assert.deepEqual(readdirSync(dir), ['broken.pdf'], 'nothing is left behind');
  });
});
