/** The programs that the benches measure beside us; each from Debian, each optional. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Programs and the Debian packages that bring them. */
const PACKAGES = { gs: 'ghostscript', tesseract: 'tesseract-ocr', tiffcp: 'libtiff-tools' } as const;

/** Name of a peer's program. */
export type Peer = keyof typeof PACKAGES;

/** Whether `peer` is installed. */
export function hasPeer(peer: Peer): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$1"', 'sh', peer], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a person has to do about a missing peer. */
export function missingPeer(peer: Peer): string {
  return `${peer} is not installed (apt-get install ${PACKAGES[peer]})`;
}

/** What one run of a program cost. */
export interface Cost {
  /** User and system time, milliseconds. */
  readonly cpu: number;
  /** Time on the clock, milliseconds, the start of the process included. */
  readonly wall: number;
}

/** Runs `args` to its end; the shell that asks the kernel what it cost must be bash, others count in steps of 10 ms. */
export function costOf(args: readonly string[]): Cost {
  const started = performance.now();
  const said = execFileSync('bash', ['-c', '{ time "$@" >/dev/null 2>&1; } 2>&1 || exit 1', 'bash', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TIMEFORMAT: '%3U %3S' },
  });
  const wall = performance.now() - started;
  return {
    cpu: said
      .trim()
      .split(' ')
      .reduce((sum, seconds) => sum + 1000 * Number(seconds), 0),
    wall,
  };
}

/** Vertical and horizontal resolution as gs takes it, of each of ours. */
const GS_RESOLUTIONS = { standard: '204x98', fine: '204x196', superfine: '204x391' } as const;

/** Name of a fax resolution. */
export type FaxResolution = keyof typeof GS_RESOLUTIONS;

/** The command that makes fax pages of `pdf` with ghostscript's defaults. */
export function ghostscriptFax(pdf: string, out: string, resolution: FaxResolution = 'fine'): string[] {
  const device = ['-sDEVICE=tiffg4', `-r${GS_RESOLUTIONS[resolution]}`, `-sOutputFile=${out}`];
  return ['gs', '-q', '-dSAFER', '-dBATCH', '-dNOPAUSE', ...device, pdf];
}

/** The TIFF file that ghostscript makes of `pdf`; `folder` is for its temporary files. */
export function ghostscriptTiff(pdf: Uint8Array, folder: string, resolution: FaxResolution = 'fine'): Uint8Array {
  const [source, out] = [join(folder, 'gs.pdf'), join(folder, 'gs.tif')];
  writeFileSync(source, pdf);
  const [program = '', ...args] = ghostscriptFax(source, out, resolution);
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return readFileSync(out);
  } finally {
    for (const path of [source, out]) rmSync(path, { force: true });
  }
}

/** Tag StripByteCounts (TIFF 6.0). */
const STRIP_BYTE_COUNTS = 279;

/** Coded bytes of each page of a little-endian classic TIFF file: the sums of StripByteCounts. */
export function codedBytes(tiff: Uint8Array): number[] {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const sizes: number[] = [];
  for (let at = view.getUint32(4, true); at !== 0; ) {
    const entries = view.getUint16(at, true);
    for (let n = 0; n < entries; n++) {
      const entry = at + 2 + n * 12;
      if (view.getUint16(entry, true) === STRIP_BYTE_COUNTS) sizes.push(sumOfEntry(view, entry));
    }
    at = view.getUint32(at + 2 + entries * 12, true);
  }
  return sizes;
}

/** Sum of the SHORT or LONG values of a directory entry. */
function sumOfEntry(view: DataView, entry: number): number {
  const size = view.getUint16(entry + 2, true) === 3 ? 2 : 4;
  const count = view.getUint32(entry + 4, true);
  const from = count * size <= 4 ? entry + 8 : view.getUint32(entry + 8, true);
  let sum = 0;
  for (let n = 0; n < count; n++) {
    sum += size === 2 ? view.getUint16(from + n * 2, true) : view.getUint32(from + n * 4, true);
  }
  return sum;
}
