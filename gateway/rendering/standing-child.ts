// The program of a standing child: fax pages only, of many faxes one after the other, no network, no files. It holds no
// PDFium, no libvips and no other native code beside Node's own; what reads the documents is our TypeScript, which
// cannot read memory that it did not write. Whatever it held of a document is zeroed before it answers, and whatever
// goes wrong ends it.

import { runCollection, wipe } from '../../crypto/objects.ts';
import { DocumentError } from '../imaging/documents/error.ts';
import { encodeT6 } from '../imaging/t4-t6/index.ts';
import type { Assignment } from './assignment.ts';
import { RenderingError } from './error.ts';
import { type FaxPages, openFaxPages } from './fax-pages.ts';
import type { Frame } from './frames.ts';
import { markOf, readObject, writeObject } from './objects.ts';
import { ChildPipe } from './pipe.ts';
import { parseStandingOrder, STANDING_LIMITS, type StandingOrder } from './standing-order.ts';

const pipe = new ChildPipe();

async function main(): Promise<void> {
  pipe.write('ready');
  for (let frame = pipe.read(); frame !== undefined; frame = pipe.read()) {
    if (frame.kind === 'rest') await rest();
    else await serve(frame);
  }
}

/**
 * Frees the key handles and buffers of the jobs before; glibc overwrites what it frees, see `standingCommand`. What a
 * collection finds is freed in turns of the event loop, which stands still while the child waits for a frame.
 */
async function rest(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    wipe(); // asks for a collection
    runCollection();
    await new Promise((resolve) => setImmediate(resolve));
  }
  pipe.write('ready');
}

async function serve(key: Frame): Promise<void> {
  const order = pipe.read();
  if (key.kind !== 'key' || order?.kind !== 'job') throw new RenderingError('protocol', 'a key and a job come first');
  const answer = await work({ pipe, dek: key.payload, document: null }, parseStandingOrder(order.payload));
  pipe.writeJson(answer.kind, answer.told);
}

/** The last word on a job. */
interface Answer {
  readonly kind: 'unsuited' | 'inspected' | 'done';
  readonly told: object;
}

/** One job from its first document to its last page; documents and key are zeroed when it is over. */
async function work(job: Assignment, { task, fax, objects, options }: StandingOrder): Promise<Answer> {
  const documents: Uint8Array[] = [];
  try {
    for (const object of objects) documents.push(await readObject(job, fax, object, STANDING_LIMITS.bytes));
    const pages = await openFaxPages(documents, options).catch(refused);
    if (pages === undefined) return { kind: 'unsuited', told: {} };
    if (task === 'inspect') {
      return {
        kind: 'inspected',
        told: { pages: pages.layout.pages.length, mediaTypes: objects.map(() => 'image/tiff') },
      };
    }
    return { kind: 'done', told: await writePages(job, fax, pages) };
  } finally {
    wipe(job.dek, ...documents);
  }
}

/** A document that is refused here is refused again, and told about, by the ordinary way. */
function refused(error: unknown): undefined {
  if (!(error instanceof DocumentError)) throw error;
}

/** Writes every page; answers how many there are, and their coded bytes. */
async function writePages(job: Assignment, fax: string, pages: FaxPages): Promise<{ pages: number; bytes: number }> {
  const count = pages.layout.pages.length;
  let bytes = 0;
  for (let number = 1; number <= count; number++) bytes += await writePage(job, fax, pages, number);
  return { pages: count, bytes };
}

/** Draws, codes, seals and writes one page; returns the length of its coded data. */
async function writePage(
  job: Assignment,
  fax: string,
  { layout, xDpi, yDpi }: FaxPages,
  number: number,
): Promise<number> {
  const { bitmap, warnings } = await layout.draw(number);
  const t6 = encodeT6(bitmap);
  const { width, rows, data } = bitmap;
  wipe(new Uint8Array(data.buffer));
  const bytes = t6.length;
  pipe.writeJson('page', { page: number, width, rows, xDpi, yDpi, bytes, mark: markOf(job.dek, t6), warnings });
  await writeObject(job, fax, `page/${number}`, t6);
  return bytes;
}

try {
  await main();
} finally {
  process.exit(0);
}
