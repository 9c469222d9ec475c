import { type Bitmap, blankBitmap, encodeT6 } from '../../gateway/imaging/index.ts';

/** A page that calls of the bench carry. */
export interface Letter {
  readonly bitmap: Bitmap;
  readonly t6: Uint8Array;
  readonly width: number;
  readonly rows: number;
}

/** Different pages that there are. */
export const LETTERS = 8;

const WIDTH = 1_728;
const ROWS = 2_286;
const letters = new Map<number, Letter>();

/** Page `number` (0 to {@link LETTERS} − 1): lines of strokes as a letter has them, about 20 KB coded; the same each time. */
export function letter(number: number): Letter {
  const made = letters.get(number) ?? drawn(number);
  letters.set(number, made);
  return made;
}

function drawn(number: number): Letter {
  const bitmap = blankBitmap(WIDTH, ROWS);
  let state = number + 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * below);
  };
  for (let top = 200; top < ROWS - 400; top += 44) {
    for (let at = 14; at < bitmap.stride - 14; at += 2) {
      if (random(5) > 0) strokes(bitmap, top, at, random(32));
    }
  }
  return { bitmap, t6: encodeT6(bitmap), width: WIDTH, rows: ROWS };
}

/** A letter of 16 pels by 22 rows: stems and bars by the bits of `shape`. */
function strokes({ data, stride }: Bitmap, top: number, at: number, shape: number): void {
  const put = (row: number, octet: number, bits: number) => {
    const place = (top + row) * stride + octet;
    data[place] = (data[place] ?? 0) | bits;
  };
  for (let row = 0; row < 22; row++) {
    if (shape & 1) put(row, at, 0x70);
    if (shape & 2 && row > 6) put(row, at + 1, 0x38);
    if (shape & 4 && row < 3) put(row, at, 0x7f);
    if (shape & 8 && row > 18) put(row, at, 0x7f);
    if (shape & 16 && row > 9 && row < 13) put(row, at, 0x3f);
  }
}
