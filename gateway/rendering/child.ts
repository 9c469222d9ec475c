// The program of a rendering child: one process, one document, no network, no files. It reads a key, a job and sealed
// objects from standard input, and writes sealed pages (or, for a conversion, a plain file) to descriptor 3.

import { getCompileCacheDir } from 'node:module';
import { restoreCode } from '../imaging/compiled-module.ts';
import { DocumentError } from '../imaging/documents/error.ts';
import type { Assignment } from './assignment.ts';
import { convertPages } from './convert-pages.ts';
import { RenderingError } from './error.ts';
import type { Frame } from './frames.ts';
import { parseOrder } from './order.ts';
import { ChildPipe } from './pipe.ts';
import { renderDocuments } from './render-documents.ts';
import { trainChildren, warmUp } from './warm-up.ts';
import { WARM_UPS } from './warm-up-kind.ts';

const pipe = new ChildPipe();
const assignment: Assignment = { pipe, dek: new Uint8Array(0), document: null };

async function main(): Promise<void> {
  pipe.write('ready');
  const key = await nextJob();
  if (key === undefined) return;
  const order = pipe.read();
  if (key.kind !== 'key' || order?.kind !== 'job') throw new RenderingError('protocol', 'a key and a job come first');
  assignment.dek = key.payload;
  const parsed = parseOrder(order.payload);
  if (parsed.kind === 'render') await renderDocuments(assignment, parsed);
  else await convertPages(assignment, parsed);
}

/** Warms up, and keeps what it has learned, as often as it is told to; the first frame of a job, or undefined when there is none. */
async function nextJob(): Promise<Frame | undefined> {
  for (;;) {
    const frame = pipe.read();
    if (frame?.kind === 'keep') {
      if (codeFolder !== undefined) await trainChildren(codeFolder);
      continue;
    }
    if (frame?.kind !== 'warm') return frame;
    const kind = WARM_UPS[frame.payload[0] ?? 0];
    if (kind === undefined) throw new RenderingError('protocol', 'unknown kind of warm-up');
    await warmUp(kind).catch(() => undefined); // costs the next job its head start; what is wrong, the job will say
  }
}

/** Tells the gateway why. Only texts of our own classes leave: others could quote the document. */
function reject(error: unknown): void {
  const known = error instanceof DocumentError;
  const cause = known ? error.code : isExhausted(error) ? 'memory' : 'crash';
  const message = known ? error.message : REASONS[cause === 'memory' ? 'memory' : 'crash'];
  pipe.writeJson('rejected', { cause, message, document: assignment.document });
}

const REASONS = {
  memory: 'The document needs more memory than a document may use.',
  crash: 'The document made the renderer fail.',
};

/** WebAssembly and typed arrays say it in these words when there is no more memory. */
function isExhausted(error: unknown): boolean {
  return error instanceof Error && /out of memory|allocation failed|OOM|enlarge memory/i.test(error.message);
}

/** The folder with the compiled program, of this very Node; undefined without one. */
const codeFolder = getCompileCacheDir();
if (codeFolder !== undefined) restoreCode(codeFolder);

try {
  await main();
} catch (error) {
  reject(error);
}
process.exit(0);
