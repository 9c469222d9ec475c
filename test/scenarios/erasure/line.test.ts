import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blankBitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { writeTiffF } from '../../../gateway/imaging/tiff-f/index.ts';
import { openLoot, takeLoot } from './loot.ts';
import { mayLookAtChildren, stillMemoryOf } from './memory.ts';
import { Needles } from './needles.ts';
import { addLinePage, addPage } from './page-needles.ts';
import { expectNothing, hitsIn, PROMISED_MS, processes } from './scan.ts';
import { RECEIVER, SENDER, startWatchedGateway, type WatchedGateway } from './watched-gateway.ts';

/** A machine without error correction, which prints what comes. */
const MACHINE = '+15550190003';
/** Rows of noise on a page: some seconds of a line at 14,400 bit/s. */
const NOISY_ROWS = 30;

const refusal = mayLookAtChildren() ? false : 'this system does not let a process read the memory of its children';

/** The gateway is both ends of a real call in T.38: one in error correction mode to its own number, one without. */
describe('erasure after faxes over a line', { skip: refusal, timeout: 240_000 }, () => {
  let gateway: WatchedGateway;
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'sealfax-adversary-'));
    gateway = await startWatchedGateway({
      SEALFAX_CARRIERS: JSON.stringify([
        // Its machine would refuse a page that no fax has.
        { kind: 'loopback', speed: 14_400, rules: [{ number: MACHINE, behaviour: 'rtn', page: 999 }] },
      ]),
    });
  });
  after(async () => {
    await gateway?.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  test(`${PROMISED_MS} ms after the end no process holds a page, sent or received, with or without ECM`, async (t) => {
    const { client } = gateway;
    const content = new Needles();
    const sent: string[] = [];
    for (const to of [RECEIVER, MACHINE]) {
      const { id } = await client.faxes.send({ to, from: SENDER, documents: [document()] });
      sent.push(id);
    }
    await waiting(async () => {
      const pages = await openLoot(await takeLoot(gateway.dataDir, join(scratch, 'vault')), gateway.livingKeks());
      if (pages.length < sent.length) return false;
      for (const page of pages) {
        addPage(content, page);
        addLinePage(content, page);
      }
      return true;
    });
    let over = false;
    const ended = Promise.all(sent.map((id) => client.faxes.wait(id))).finally(() => {
      over = true;
    });
    // That what the lines carry is what is looked for shows while they carry it.
    const forms = new Set<string>();
    while (!over && !(forms.has('T.6') && forms.has('MR'))) {
      for (const { label } of hitsIn(content, stillMemoryOf(gateway.pid))) forms.add(label.replace(/.* /, ''));
      await pause(1_000);
    }
    assert.ok(forms.has('T.6') && forms.has('MR'), `during the calls: ${[...forms].join(', ')}`);
    for (const { state, detail } of await ended) assert.equal(state, 'delivered', `${detail}\n${gateway.log()}`);
    // The far end of a call is over a little later than ours.
    await waiting(async () => {
      const one = await client.inbox.next();
      await one?.acknowledge();
      return one !== null;
    });
    await client.close();
    await pause(PROMISED_MS);
    expectNothing(t, [content], processes(t, gateway.pid));
  });
});

/** One page of its own. */
function document(): Uint8Array {
  const bitmap = blankBitmap(1_728, 1_100);
  bitmap.data.set(randomBytes(bitmap.stride * NOISY_ROWS), bitmap.stride * 100);
  return writeTiffF([{ width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) }]);
}

async function waiting(done: () => Promise<boolean>): Promise<void> {
  const late = performance.now() + 30_000;
  while (!(await done())) {
    assert.ok(performance.now() < late, 'it takes too long');
    await pause(200);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
