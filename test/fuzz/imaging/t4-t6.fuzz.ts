/**
 * Damaged coded pages through the decoders, as long as one likes:
 *
 *     node test/fuzz/imaging/t4-t6.fuzz.ts [rounds] [seed]
 *
 * Each must end in a result within a second, with no pixel behind the last column.
 */
import {
  createT4Encoder,
  type DecodeResult,
  decodeRuns,
  decodeT4,
  decodeT6,
  encodeT6,
} from '../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../../unit/imaging/pictures.ts';

const SLOW_MS = 1000;
const rounds = Number(process.argv[2] ?? 20_000);
const random = seeded(Number(process.argv[3] ?? 1));

function coded(width: number): Uint8Array {
  const bitmap = runsPicture(width, 1 + (random() % 40), 1 + (random() % 80), random);
  const kind = random() % 3;
  if (kind === 0) return encodeT6(bitmap);
  const encoder = createT4Encoder({ width, mode: kind === 1 ? 'MH' : 'MR', k: 1 + (random() % 8) });
  encoder.rows(bitmap.data, 0, bitmap.rows);
  return encoder.finish();
}

function damage(bytes: Uint8Array): Uint8Array {
  for (let n = random() % 8; n > 0; n--) bytes[random() % bytes.length] = random() >>> 24;
  return random() % 4 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
}

function wrongWith({ bitmap, rows, consumed }: DecodeResult, bytes: Uint8Array): string | null {
  const spare = 0xff >> (bitmap.width & 7 || 8);
  for (let y = 1; y <= bitmap.rows; y++) {
    if (((bitmap.data[y * bitmap.stride - 1] ?? 0) & spare) !== 0) return `row ${y - 1} reaches behind the last column`;
  }
  return rows > 100 || consumed > bytes.length ? `${rows} rows, ${consumed} of ${bytes.length} bytes` : null;
}

let failures = 0;
for (let round = 0; round < rounds; round++) {
  const width = 1 + (random() % 400);
  const bytes = damage(coded(width));
  const size = { width, maxRows: 100, ...(random() % 2 === 0 ? { rows: random() % 60 } : {}) };
  const begin = performance.now();
  const results = [
    decodeT6(bytes, size),
    decodeT4(bytes, { ...size, mode: 'MH' }),
    decodeT4(bytes, { ...size, mode: 'MR' }),
    decodeRuns(bytes, { ...size, alignBits: 8 }),
  ];
  const slow = performance.now() - begin > SLOW_MS ? 'too slow' : null;
  const wrong = results.map((result) => wrongWith(result, bytes)).find((text) => text !== null) ?? slow;
  if (wrong === null) continue;
  failures++;
  process.stdout.write(`round ${round}: ${wrong}\n`);
}
process.stdout.write(`${rounds} pages, ${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;
