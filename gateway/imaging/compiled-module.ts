import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { compileFunction } from 'node:vm';
import { crc32 } from 'node:zlib';

/** What is used of WebAssembly's interface, which the types of Node leave to browsers. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => { readonly exports: unknown };
};

/** A WebAssembly module of this process: what it was made of, and what it became. */
interface Compiled {
  readonly wasm: Uint8Array;
  readonly module: object;
}

const compiled = new Map<string, Compiled>();
let folder: string | undefined;

/**
 * Lets modules begin with the machine code that {@link keepCode} has left in `from`. V8 optimises a module anew in every
 * process, some 250 ms for PDFium, and hands what it made to browsers alone: Node has no interface for it, so that it is
 * reached by the names under which V8's own tests call it.
 */
export function restoreCode(from: string): void {
  folder = from;
}

/** The module of `wasm`, with its optimised code where an earlier process has kept that under `name`. */
export function compileModule(name: string, wasm: Uint8Array): object {
  const module = restoredModule(name, wasm) ?? new WebAssembly.Module(wasm);
  compiled.set(name, { wasm, module });
  return module;
}

/** An instance of `module`. */
export function instantiate(module: object, imports?: object): { readonly exports: unknown } {
  return new WebAssembly.Instance(module, imports);
}

/** Makes V8 optimise at once, in the calling thread, what it else leaves to others; for a process that keeps its code. */
export function optimiseAtOnce(on: boolean): void {
  setFlagsFromString(on ? '--wasm-sync-tier-up' : '--no-wasm-sync-tier-up');
}

/** Writes what V8 has optimised of this process's modules into `to`. V8 ends a process that has optimised nothing. */
export function keepCode(to: string): void {
  for (const [name, { wasm, module }] of compiled) {
    const code = new Uint8Array(natives().serialize(module));
    const path = join(to, `${name}.code`);
    writeFileSync(`${path}.new`, Buffer.concat([describe(wasm, code), code]), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

/** Octets before the kept code: checksums of the module and of the code, and the module's length. */
const HEADER = 12;

/** V8 takes the code of its own version, flags and processor only, but looks neither at the module nor for damage. */
function describe(wasm: Uint8Array, code: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(crc32(wasm), 0);
  header.writeUInt32BE(crc32(code), 4);
  header.writeUInt32BE(wasm.length, 8);
  return header;
}

/** The module of `wasm` with kept code; undefined where there is none that fits. */
export function restoredModule(name: string, wasm: Uint8Array): object | undefined {
  const kept = folder === undefined ? undefined : read(join(folder, `${name}.code`));
  if (kept === undefined) return undefined;
  const code = new Uint8Array(kept.subarray(HEADER));
  if (!describe(wasm, code).equals(kept.subarray(0, HEADER))) return undefined;
  return natives().deserialize(code.buffer, wasm);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // costs time and nothing else
  }
}

/** V8's functions for kept code (runtime-test-wasm.cc). */
interface Natives {
  serialize(module: object): ArrayBuffer;
  /** undefined for code of another V8, other flags or another processor. */
  deserialize(code: ArrayBuffer, wasm: Uint8Array): object | undefined;
}

let found: Natives | undefined;

/** Their names are read while the flag is set, for a moment only, so that no other code can say them. */
function natives(): Natives {
  if (found !== undefined) return found;
  setFlagsFromString('--allow-natives-syntax');
  try {
    found = {
      serialize: compileFunction('return %SerializeWasmModule(module)', ['module']) as Natives['serialize'],
      deserialize: compileFunction('return %DeserializeWasmModule(code, wasm)', [
        'code',
        'wasm',
      ]) as Natives['deserialize'],
    };
    return found;
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}
