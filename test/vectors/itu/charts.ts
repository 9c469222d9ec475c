/** The eight ITU-T test charts, where the shared data are at hand, and libtiff as a second opinion. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bitmap, readTiff } from '../../../gateway/imaging/index.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/data/itu-charts/', import.meta.url));

/** Why tests over the charts are skipped, or false. */
export const NO_CHARTS: string | false = existsSync(FOLDER)
  ? false
  : 'the ITU charts (../shared/data/itu-charts) are not here';

/** Names of the charts; none when the data are absent. */
export const CHARTS: readonly number[] = NO_CHARTS === false ? [1, 2, 3, 4, 5, 6, 7, 8] : [];

/** What the tests accept of a file. */
export const LIMITS = { maxPages: 300, maxPixels: 50_000_000 };

export function chartFile(chart: number): string {
  return join(FOLDER, `itu${chart}.tif`);
}

/** The bilevel pixels of a page of a TIFF file. */
export function bilevelPage(file: Uint8Array, page = 0): Bitmap {
  const picture = readTiff(file, LIMITS).pages[page]?.decode();
  if (picture?.kind !== 'bilevel') throw new Error('no bilevel page');
  return picture.bitmap;
}

export function chart(number: number): Bitmap {
  return bilevelPage(readFileSync(chartFile(number)));
}

/** Whether a program can be run. */
export function installed(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** Why tests beside libtiff are skipped, or false. */
export const NO_LIBTIFF: string | false = installed('tiffcp')
  ? false
  : 'tiffcp (Debian libtiff-tools) is not installed';

/** Runs `work` in a folder that is removed afterwards. */
export function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'sealfax-imaging-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A TIFF file as libtiff's `tiffcp` writes it anew. */
export function throughTiffcp(file: Uint8Array, args: readonly string[]): Uint8Array {
  return inTemporaryFolder((folder) => {
    writeFileSync(join(folder, 'in.tif'), file);
    execFileSync('tiffcp', [...args, join(folder, 'in.tif'), join(folder, 'out.tif')], { stdio: 'pipe' });
    return readFileSync(join(folder, 'out.tif'));
  });
}

/** The stored bytes of the first strip of a page of a TIFF file. */
export function firstStrip(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const directory = view.getUint32(4, little);
  const field = (tag: number): number => {
    for (let i = 0; i < view.getUint16(directory, little); i++) {
      const at = directory + 2 + 12 * i;
      if (view.getUint16(at, little) !== tag) continue;
      return view.getUint16(at + 2, little) === 3 ? view.getUint16(at + 8, little) : view.getUint32(at + 8, little);
    }
    throw new Error(`no field ${tag}`);
  };
  return file.subarray(field(273), field(273) + field(279));
}
