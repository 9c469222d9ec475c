import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Cdr, Client, InboxFax } from '../../../api/client/index.ts';
import { createSlotFileStore } from '../../../gateway/vault/index.ts';
import { type MarkedDocument, markedDocuments } from './documents.ts';
import { type Loot, openLoot, takeLoot, whole } from './loot.ts';
import { coreFile, filesBelow, flushDisk, mayLookAtChildren, memoryOf, named } from './memory.ts';
import { Needles } from './needles.ts';
import { addPage, codedPagesOf } from './page-needles.ts';
import { expectNothing, hitsIn, labelOf, PROMISED_MS, processes } from './scan.ts';
import { hexOf, RECEIVER, SENDER, startWatchedGateway, type WatchedGateway } from './watched-gateway.ts';

const FAXES = 20;
/** Received faxes that are fetched in every form; each form costs a rendering child. */
const FETCHED = 3;
const FORGETFUL = fileURLToPath(new URL('./forgetful.ts', import.meta.url));

const refusal = mayLookAtChildren() ? false : 'this system does not let a process read the memory of its children';

describe('erasure', { skip: refusal, timeout: 300_000 }, () => {
  const content = new Needles();
  const faxes: string[] = [];
  let gateway: WatchedGateway;
  let scratch: string;
  let loot: Loot;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'sealfax-adversary-'));
    gateway = await startWatchedGateway();
  });
  after(async () => {
    await gateway?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  test('a program that decrypts with createDecipheriv and zeroes nothing is caught by this scan', async () => {
    const page = randomBytes(300_000);
    const key = randomBytes(32);
    const needles = new Needles();
    needles.addContent('page', page);
    needles.addKey('key', key);
    const labels = await withForgetful(key, page, (pid) => new Set(hitsIn(needles, memoryOf(pid)).map(labelOf)));
    assert.deepEqual([...labels].sort(), ['key', 'page']);
  });

  test('pages on their way open under the key of their epoch, and are what the scan looks for', async () => {
    const documents = await markedDocuments(FAXES);
    await Promise.all(documents.map((document) => deliver(gateway, document, faxes)));
    documents.forEach(({ type, bytes }, index) => {
      content.addContent(`document ${index} (${type})`, bytes);
    });
    const others = await markedDocuments(5);
    content.exclude(others.map(({ name, bytes }) => named(name, bytes)));
    loot = await takeLoot(gateway.dataDir, join(scratch, 'vault'));
    const pages = await openLoot(loot, gateway.livingKeks());
    assert.equal(new Set(pages.map(({ fax }) => fax)).size, FAXES);
    for (const page of pages) addPage(content, page);
    await emptyInbox(gateway.client, async (one) => {
      faxes.push(one.fax.id);
      if (faxes.length > FAXES + FETCHED) return;
      const coded = pages.filter(({ fax }) => fax === one.fax.id).map(({ t6 }) => t6);
      assert.deepEqual(codedPagesOf(await whole(one.document('tiff'))), coded);
      assert.ok(hitsIn(content, [named('pdf', await whole(one.document('pdf')))]).length > 0);
      content.addContent(`PNG of ${one.fax.id}`, pictureOf(await one.page(1)));
    });
    assert.equal(faxes.length, 2 * FAXES);
  });

  test('previews are erased like the pages that they show', async () => {
    const { faxes: sent } = gateway.client;
    const [document] = await markedDocuments(1);
    assert.ok(document !== undefined);
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = await sent.send({ to: RECEIVER, from: SENDER, documents: [document.bytes], scheduledAt });
    await settled(async () => (await sent.get(id)).state === 'queued');
    content.addContent('document of a preview', document.bytes);
    content.addContent('preview', pictureOf(await sent.preview(id, 1)));
    assert.equal(await sent.cancel(id), 'ended');
    faxes.push(id);
  });

  test(`${PROMISED_MS} ms after the end no process holds a page, a data key or a session key`, async (t) => {
    await printLatencies(t, gateway.client, faxes.length);
    await gateway.client.close();
    await pause(PROMISED_MS);
    for (const kind of ['dek', 'c2s', 's2c', 'derived'] as const) assert.ok(gateway.told(kind).size > 0, kind);
    const sources = processes(t, gateway.pid);
    assert.ok(
      sources.some(([name]) => name.includes('rendering/child')),
      'a warm rendering child is among them',
    );
    expectNothing(t, [content, await gateway.deadKeys()], sources);
  });

  test('an epoch later nothing of it is in any process, core, file, row or log', async (t) => {
    const keks = gateway.livingKeks().map(hexOf);
    await settled(() => keks.every((kek) => gateway.told('destroyed').has(kek)));
    await pause(PROMISED_MS);
    flushDisk();
    const needles = [content, await gateway.deadKeys()];
    expectNothing(t, needles, processes(t, gateway.pid));
    expectNothing(t, needles, [
      ['data directory', filesBelow(gateway.dataDir)],
      ['key directory', filesBelow(gateway.keyDir)],
      ['log', [named('log', Buffer.from(gateway.log()))]],
    ]);
    if (process.env.SEALFAX_TEST_CORE === undefined) return;
    // The same memory once more, as gdb writes it down: gigabytes, most of them never touched.
    const core = coreFile(gateway.pid, scratch);
    assert.ok(core !== undefined, 'gcore (Debian package gdb) writes a core file');
    expectNothing(t, needles, [['core', filesBelow(core)]]);
  });

  test('what an adversary copied while the pages were on their way does not open with anything that is left', async () => {
    const path = join(scratch, 'epochs.slots');
    await copyFile(join(gateway.keyDir, 'epochs.slots'), path);
    const store = await createSlotFileStore({ path, rootKey: await gateway.rootKey() });
    const left = (await store.load()).map(({ kek }) => kek);
    assert.ok(left.length > 0);
    assert.deepEqual(await openLoot(loot, left), []);
    await store.close();
  });
});

/** Sends a document and waits for its end. */
async function deliver({ client, log }: WatchedGateway, document: MarkedDocument, faxes: string[]): Promise<void> {
  const { bytes, name, type } = document;
  const source = { open: () => once(bytes), size: bytes.length, name, type };
  const { id } = await client.faxes.send({ to: RECEIVER, from: SENDER, documents: [source] });
  const { state, detail } = await client.faxes.wait(id);
  assert.equal(state, 'delivered', `${detail}\n${log()}`);
  faxes.push(id);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice();
}

/** Takes and acknowledges what has come in. */
async function emptyInbox({ inbox }: Client, each: (one: InboxFax) => Promise<void>): Promise<void> {
  for (let one = await inbox.next(); one !== null; one = await inbox.next()) {
    await each(one);
    await one.acknowledge();
  }
}

/** Runs a careless program on `page`, sealed under `key`, and looks at it once it has finished. */
async function withForgetful<T>(key: Buffer, page: Buffer, look: (pid: number) => T): Promise<T> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(page), cipher.final()]);
  const child = spawn(process.execPath, [FORGETFUL], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    child.stdin.end(Buffer.concat([key, nonce, cipher.getAuthTag(), sealed]));
    for await (const line of child.stdout) {
      assert.equal(String(line).trim(), String(page.length));
      break;
    }
    return look(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

/**
 * How long after its call (received: after its acknowledgement) each fax was wiped; printed and not judged, because it
 * says more about the machine than about us.
 */
async function printLatencies(t: TestContext, { cdrs, faxes, inbox }: Client, count: number): Promise<void> {
  let records: Cdr[] = [];
  await settled(async () => {
    records = await listed(cdrs.all());
    return records.length === count && records.every(({ receipt }) => receipt !== null);
  });
  const all = [...(await listed(faxes.all())), ...(await listed(inbox.all()))];
  const acknowledged = new Map(all.map(({ id, acknowledgedAt }) => [id, acknowledgedAt]));
  const took = records.map(
    ({ fax, endedAt, receipt }) => wipedAt(receipt) - Date.parse(acknowledged.get(fax) ?? endedAt),
  );
  took.sort((a, b) => a - b);
  const at = (part: number) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
  t.diagnostic(`wiped after the end: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${took.length} faxes`);
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Milliseconds since 1970 in a receipt. */
function wipedAt(receipt: string | null): number {
  const claims = Buffer.from((receipt ?? '').split('.')[1] ?? '', 'base64url').toString('utf8');
  return Date.parse((JSON.parse(claims) as { wipedAt: string }).wipedAt);
}

/** Resolves when `done` says so; fails after half a minute. */
async function settled(done: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + 30_000;
  while (!(await done())) {
    assert.ok(performance.now() < late, 'it takes too long');
    await pause(50);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Signature, IHDR, pHYs and the beginning of IDAT, which all PNGs of a size share: a child that warms up makes one, too. */
const PNG_HEAD = 64;

/** What only this PNG has. */
function pictureOf(png: Uint8Array): Uint8Array {
  return png.subarray(PNG_HEAD);
}
