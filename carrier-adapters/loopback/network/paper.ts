import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PageGeometry } from './signals.ts';
import { tiffOfT6 } from './tiff.ts';

/** Where the network's fax machines print. A page is confirmed to its sender only after `whole` has resolved. */
export interface Paper {
  /** A sheet for one page of the call with this reference. */
  sheet(reference: string, page: PageGeometry): Sheet;
}

/** One page while it is printed: T.6 data in order, consumed before each promise resolves. */
export interface Sheet {
  block(data: Uint8Array): Promise<void>;
  whole(): Promise<void>;
  /** The page was answered with RTN or cut off: what was printed is thrown away. */
  spoiled(): Promise<void>;
}

/** Largest page that a machine has memory for, bytes of T.6. */
export const PAGE_LIMIT = 16 * 1_048_576;

/** The default: pages leave no trace. */
export const NO_PAPER: Paper = {
  sheet: () => ({ block: async () => {}, whole: async () => {}, spoiled: async () => {} }),
};

/** Prints each page as `<reference>-<page>.tif` into `directory` (made 0700). For tests of one's own software only: page images stay there. */
export function directoryPaper(directory: string): Paper {
  return { sheet: (reference, page) => directorySheet(directory, reference, page) };
}

function directorySheet(directory: string, reference: string, page: PageGeometry): Sheet {
  const blocks: Uint8Array[] = [];
  return {
    async block(data) {
      blocks.push(data.slice());
    },
    async whole() {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const name = `${reference.replace(/[^A-Za-z0-9_-]/g, '_')}-${page.number}.tif`;
      await writeFile(join(directory, name), tiffOfT6(page, blocks), { mode: 0o600 });
      forget(blocks);
    },
    async spoiled() {
      forget(blocks);
    },
  };
}

function forget(blocks: Uint8Array[]): void {
  for (const block of blocks.splice(0)) block.fill(0);
}
