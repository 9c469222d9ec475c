/**
 * Mutated TIFF files through the reader, as long as one likes:
 *
 *     node test/fuzz/imaging/tiff.fuzz.ts [rounds] [seed]
 *
 * Each file must end in pictures or a TiffError, within a second. A file that does not is named by its round.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import { encodeT6, readTiff, TiffError, type TiffFPage, writeTiffF } from '../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../../unit/imaging/pictures.ts';
import { buildTiff, short } from '../../unit/imaging/tiff-f/build.ts';

const SLOW_MS = 1000;

function inflate(packed: Uint8Array, size: number): Uint8Array {
  try {
    return new Uint8Array(inflateSync(packed, { maxOutputLength: Math.max(1, size) }));
  } catch {
    return new Uint8Array(0);
  }
}

function seeds(): Uint8Array[] {
  const bitmap = runsPicture(200, 60, 40, seeded(1));
  const page: TiffFPage = { width: 200, rows: 60, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) };
  const base = [short(256, 40), short(257, 30), short(258, 8)];
  const noise = Uint8Array.from({ length: 3600 }, (_, i) => (i * i) >> 3);
  const rgb = [...base.slice(0, 2), short(258, 8, 8, 8), short(262, 2), short(277, 3)];
  return [
    writeTiffF([page, page]),
    writeTiffF([page, page], { compression: 'G3-1D' }),
    writeTiffF([page], { compression: 'G3-2D' }),
    writeTiffF([page], { profile: 'S', software: 'fuzz' }),
    buildTiff([{ fields: [...base, short(262, 1), short(259, 5)], strips: [noise] }]),
    buildTiff([{ fields: [...rgb, short(259, 8), short(317, 2)], strips: [deflateSync(noise)] }], false),
    buildTiff([{ fields: [...rgb, short(322, 16), short(323, 16)], strips: new Array(6).fill(noise), tiles: true }]),
    buildTiff([{ fields: [...rgb, short(284, 2), short(274, 6)], strips: [noise, noise, noise] }]),
  ];
}

/** Some bytes replaced by telling values, a piece moved, or the end cut. */
function mutate(file: Uint8Array, random: () => number): Uint8Array {
  const out = file.slice();
  const telling = [0, 1, 2, 4, 0x7f, 0x80, 0xff];
  for (let n = 1 + (random() % 6); n > 0; n--) {
    const at = random() % out.length;
    const kind = random() % 8;
    if (kind === 0) out.copyWithin(at, random() % out.length, random() % out.length);
    else out[at] = kind < 5 ? (telling[random() % telling.length] ?? 0) : random() >>> 24;
  }
  return random() % 8 === 0 ? out.subarray(0, random() % out.length) : out;
}

/** Reads a file to its last pixel; returns what went wrong, if anything did. */
function attempt(file: Uint8Array): string | null {
  const begin = performance.now();
  try {
    for (const page of readTiff(file, { maxPages: 8, maxPixels: 1_000_000, inflate }).pages) page.decode();
  } catch (error) {
    if (!(error instanceof TiffError)) return String(error);
  }
  const ms = performance.now() - begin;
  return ms > SLOW_MS ? `took ${Math.round(ms)} ms` : null;
}

const rounds = Number(process.argv[2] ?? 20_000);
const random = seeded(Number(process.argv[3] ?? 1));
const files = seeds();
let failures = 0;
for (let round = 0; round < rounds; round++) {
  const wrong = attempt(mutate(files[round % files.length] ?? new Uint8Array(0), random));
  if (wrong === null) continue;
  failures++;
  process.stdout.write(`round ${round}: ${wrong}\n`);
}
process.stdout.write(`${rounds} files, ${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;
