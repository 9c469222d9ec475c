// Compiles gateway/imaging/raster/kernels.as into kernels-code.ts:
//
//    npm run kernels
//
// The same source gives the same octets everywhere; a test compares them.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SOURCE = new URL('../gateway/imaging/raster/kernels.as', import.meta.url);
const CODE = new URL('../gateway/imaging/raster/kernels-code.ts', import.meta.url);

/** No allocator and no collector: the kernels hold nothing. Without bounds checks of our own; WebAssembly has its own. */
const OPTIONS = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--converge', '--initialMemory', '1'];

/** Characters of a line of the code. */
const LINE = 100;

/** The text of kernels-code.ts. @throws Error with the compiler's own words */
export async function compileKernels(): Promise<string> {
  let code = new Uint8Array(0);
  const { error, stderr } = await asc.main(['kernels.ts', '--outFile', 'kernels.wasm', ...OPTIONS], {
    readFile: (name) => (name === 'kernels.ts' ? readFileSync(SOURCE, 'utf8') : null),
    writeFile: (_name, content) => {
      if (typeof content !== 'string') code = Uint8Array.from(content);
    },
    listFiles: () => [],
  });
  if (error !== null || code.length === 0) throw new Error(`${stderr}`, { cause: error });
  const text = Buffer.from(code).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [
    '// Made from kernels.as by ops/compile-kernels.ts; do not edit.',
    '',
    '/** A WebAssembly module in base64. */',
    'export const KERNELS =',
    ...lines.map((line, index) => `  '${line}'${index + 1 < lines.length ? ' +' : ';'}`),
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(fileURLToPath(CODE), await compileKernels());
