import { compileModule, instantiate } from '../compiled-module.ts';
import { KERNELS } from './kernels-code.ts';

/** Memory of a WebAssembly module; after it has grown, `buffer` is another. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What kernels.as exports; what the numbers mean stands there. */
export interface Kernels {
  readonly memory: Memory;
  surveyTiles(
    page: number,
    width: number,
    rows: number,
    giveUp: number,
    blank: number,
    tone: number,
    open: number,
  ): number;
  countLevels(page: number, width: number, rows: number, left: number, top: number, step: number, out: number): void;
  thresholdPage(
    page: number,
    width: number,
    rows: number,
    limits: number,
    blank: number,
    bias: number,
    row: number,
    bits: number,
  ): void;
  codeT6(bits: number, width: number, rows: number, words: number, lists: number, out: number): number;
}

/** Octets of a page of WebAssembly's memory. */
const MEMORY_PAGE = 65_536;

let compiled: Kernels | undefined;

/** The kernels of this process, compiled at the first call in a millisecond. Whoever uses their memory zeroes it before the next one does. */
export function kernels(): Kernels {
  compiled ??= instantiate(compileModule('kernels', Buffer.from(KERNELS, 'base64'))).exports as Kernels;
  return compiled;
}

/** The next place for numbers of any size behind `length` octets at `at`. */
export function behind(at: number, length: number): number {
  return (at + length + 15) & ~15;
}

/** The memory of the kernels, of at least `octets`. Views of it before the call are void. */
export function roomFor({ memory }: Kernels, octets: number): ArrayBuffer {
  const missing = octets - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / MEMORY_PAGE));
  return memory.buffer;
}
