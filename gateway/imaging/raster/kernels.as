// The loops over the pixels of a grey page, in AssemblyScript: sixteen pixels at a time, and nothing that an engine has to
// learn before it is fast. `node ops/compile-kernels.ts` makes kernels-code.ts of it. The memory is laid out and filled by
// kernels.ts; pointers are octets, a page is `width × rows` octets without padding, and sixteen octets before and behind
// it may be read.

/** Edge of a tile, as in tile-levels.ts. */
const TILE: i32 = 32;

// Levels of tile-levels.ts and threshold.ts.
const WHITE: u8 = 232;
const DARKEST_TINT: u8 = 40;
const PALE: u8 = 120;
const NEAR: u8 = 24;
const HAIRLINE_LIMIT: u8 = 224;
const HAIRLINE_CONTRAST: u8 = 28;

/** Bit n is set for pixel n of sixteen below `count`. */
// @ts-ignore: decorator
@inline
function firstLanes(count: i32): i32 {
  return count >= 16 ? 0xffff : count <= 0 ? 0 : (1 << count) - 1;
}

/** All ones where a ≥ b. */
// @ts-ignore: decorator
@inline
function reaches(a: v128, b: v128): v128 {
  return i8x16.eq(i8x16.max_u(a, b), a);
}

/** All ones where a and b differ by less than NEAR. */
// @ts-ignore: decorator
@inline
function near(a: v128, b: v128): v128 {
  const apart = v128.sub<u8>(v128.max<u8>(a, b), v128.min<u8>(a, b));
  return v128.lt<u8>(apart, v128.splat<u8>(NEAR));
}

// Shares of tiles.ts.
const PAPER_SHARE: f64 = 0.5;
const TINT_SHARE: f64 = 0.08;
const INK_SHARE: f64 = 0.004;

/** Whether every pixel of a tile is white. */
function isBlank(at: usize, width: i32, across: i32, rows: i32): bool {
  const first = firstLanes(across);
  const second = firstLanes(across - 16);
  for (let y = 0; y < rows; y++, at += width) {
    const a = v128.bitmask<i8>(v128.eq<u8>(v128.load(at), v128.splat<u8>(255)));
    const b = v128.bitmask<i8>(v128.eq<u8>(v128.load(at, 16), v128.splat<u8>(255)));
    if (((~a & first) | (~b & second)) != 0) return false;
  }
  return true;
}

/** What a tile is that is not plain: its levels have to be counted, of every pixel or, of the other, of every second one. */
const OPEN: i32 = -1;
const NO_PAPER: i32 = -2;

/**
 * Looks at all tiles of a page. Writes a 1 into `blank` for each that is white, and into `tone` the share of flat tints (0…255) of each
 * that is plainly paper with ink on it. The others are listed in `open` as twice their number, plus 1 for those that do not look like
 * paper; returns how many they are. `giveUp`: pixels after which a tile that is hardly white is given up.
 */
export function surveyTiles(
  page: usize, width: i32, rows: i32, giveUp: i32, blank: usize, tone: usize, open: usize,
): i32 {
  let found: usize = 0;
  for (let top = 0; top < rows; top += TILE) {
    const high = min(TILE, rows - top);
    for (let left = 0; left < width; left += TILE, blank++, tone++) {
      const across = min(TILE, width - left);
      if (isBlank(page + top * width + left, width, across, high)) {
        store<u8>(blank, 1);
        continue;
      }
      const share = tintShare(page, width, rows, left, top, across, high, giveUp);
      if (share >= 0) {
        store<u8>(tone, <u8>share);
        continue;
      }
      const columns = (width + TILE - 1) / TILE;
      const at = (top / TILE) * columns + left / TILE;
      store<i32>(open + (found++ << 2), (at << 1) | <i32>(share == NO_PAPER));
    }
  }
  return <i32>found;
}

/** The share of flat tints in a tile, counted in every second row; OPEN or NO_PAPER when that does not tell what it is. */
function tintShare(
  page: usize, width: i32, rows: i32, left: i32, top: i32, across: i32, high: i32, giveUp: i32,
): i32 {
  let white = 0;
  let dark = 0;
  let tinted = 0;
  let seen = 0;
  const first = firstLanes(across);
  const second = firstLanes(across - 16);
  for (let y = 0; y < high; y += 2) {
    const at = page + (top + y) * width + left;
    const below = top + y + 1 < rows ? width : 0;
    const a = inkOf(at, below, first);
    const b = second != 0 ? inkOf(at + 16, below, second) : 0;
    const sum = a + b;
    white += <i32>(sum & 0xff);
    dark += <i32>((sum >> 8) & 0xff);
    tinted += <i32>((sum >> 16) & 0xff);
    seen += across;
    if (white * 4 < seen && seen > giveUp) return NO_PAPER;
  }
  const total = <f64>seen;
  const isPaper = <f64>white >= total * PAPER_SHARE && <f64>tinted <= total * TINT_SHARE;
  return isPaper && <f64>dark >= total * INK_SHARE ? <i32>Math.floor((255 * <f64>tinted) / total + 0.5) : OPEN;
}

/** Of sixteen pixels those that are in `lanes`: white ones, dark ones times 2⁸, tinted ones times 2¹⁶. */
// @ts-ignore: decorator
@inline
function inkOf(at: usize, below: i32, lanes: i32): i32 {
  const here = v128.load(at);
  const white = v128.bitmask<i8>(v128.eq<u8>(here, v128.splat<u8>(255))) & lanes;
  if (white == lanes) return popcnt(white);
  const dark = v128.bitmask<i8>(v128.lt<u8>(here, v128.splat<u8>(PALE))) & lanes;
  const tint = v128.and(
    v128.ge<u8>(here, v128.splat<u8>(DARKEST_TINT)),
    v128.lt<u8>(here, v128.splat<u8>(WHITE)),
  );
  const flat = v128.and(
    v128.and(near(here, v128.load(at - 1)), near(here, v128.load(at + 1))),
    near(here, v128.load(at + below)),
  );
  const tinted = v128.bitmask<i8>(v128.and(tint, flat)) & lanes;
  return popcnt(white) | (popcnt(dark) << 8) | (popcnt(tinted) << 16);
}

// @ts-ignore: decorator
@inline
function isNear(a: i32, b: i32): bool {
  return <u32>(a - b + <i32>NEAR - 1) < 2 * <u32>NEAR - 1;
}

/**
 * Counts the levels of the tile with its corner at `left`, `top`: of every `step`th pixel of every second row, as on a
 * chess board where `step` is 2. Writes three lists of 257 numbers, of which element n tells of the levels below n: 32-bit sums of the levels,
 * 32-bit counts of all pixels and 32-bit counts of the flat ones.
 */
export function countLevels(page: usize, width: i32, rows: i32, left: i32, top: i32, step: i32, out: usize): void {
  const all = out + 257 * 4;
  const flat = all + 257 * 4;
  memory.fill(out, 0, 3 * 257 * 4);
  const right = min(left + TILE, width - 1);
  const bottom = min(top + TILE, rows);
  for (let y = top; y < bottom; y += 2) {
    const shift = (y >> 1) & (step - 1);
    const below = y + 1 < rows ? width : 0;
    // The first and last pixel of a page's row have neighbours in other rows and are left out.
    let at = page + y * width + max(1, left + shift);
    const end = page + y * width + right;
    for (; at < end; at += step) {
      const value = <i32>load<u8>(at);
      const count = all + 4 + (value << 2);
      store<i32>(count, load<i32>(count) + 1);
      if (isNear(value, load<u8>(at - 1)) && isNear(value, load<u8>(at + 1)) && isNear(value, load<u8>(at + below))) {
        const flats = flat + 4 + (value << 2);
        store<i32>(flats, load<i32>(flats) + 1);
      }
    }
  }
  for (let level = 0; level < 256; level++) {
    const at = <usize>(level << 2);
    const count = load<i32>(all + at, 4);
    store<i32>(out + at, load<i32>(out + at) + level * count, 4);
    store<i32>(all + at, load<i32>(all + at) + count, 4);
    store<i32>(flat + at, load<i32>(flat + at) + load<i32>(flat + at, 4), 4);
  }
}

/** Rows that share their thresholds. */
const CELL: i32 = 8;

/** Thresholds below and above which nothing is left to decide. */
const LEAST: f64 = 8;
const MOST: f64 = 250;

/** Threshold of white paper, as in tiles.ts. */
const PAPER: u8 = 160;

/**
 * Turns a page into bits, most significant first: 1 where a pixel is below the limit of its group of eight or a hairline. `limits` and
 * `blank` tell of each tile its threshold and whether it is white; the bits of those stay as they are. Between the middles of four tiles
 * the limits go over into each other; `bias` is added to all. `row` has room for the limits of one row, and behind the last row two octets of
 * bits may be written.
 */
export function thresholdPage(
  page: usize, width: i32, rows: i32, limits: usize, blank: usize, bias: f64, row: usize, bits: usize,
): void {
  const columns = (width + TILE - 1) / TILE;
  const lines = (rows + TILE - 1) / TILE;
  for (let y = 0; y < rows; y += CELL) {
    fillLimits(limits, columns, lines, y, bias, row, (width + 7) >> 3);
    thresholdRows(page, width, rows, y, min(rows, y + CELL), row, blank + (y / TILE) * columns, bits);
  }
}

/** The limits of the groups of eight pixels in the rows from `y` on. */
function fillLimits(limits: usize, columns: i32, lines: i32, y: i32, bias: f64, row: usize, groups: i32): void {
  // In eighths of a tile from the middle of the first one.
  const down = (y >> 2) - 3;
  const upper = limits + columns * max(0, down >> 3);
  const lower = limits + columns * min(lines - 1, (down >> 3) + 1);
  if (isClean(upper, columns) && isClean(lower, columns)) {
    memory.fill(row, limitOf(<f64>PAPER + bias), groups);
    return;
  }
  const fy = down & 7;
  for (let group = 0; group < groups; group++) {
    const along = 2 * group - 3;
    const left = max(0, along >> 3);
    const right = min(columns - 1, (along >> 3) + 1);
    const fx = along & 7;
    const above = <i32>load<u8>(upper + left) * (8 - fx) + <i32>load<u8>(upper + right) * fx;
    const under = <i32>load<u8>(lower + left) * (8 - fx) + <i32>load<u8>(lower + right) * fx;
    store<u8>(row + group, limitOf(<f64>(above * (8 - fy) + under * fy) / 64 + bias));
  }
}

/** Whether all tiles of a line are white paper. */
function isClean(limits: usize, columns: i32): bool {
  for (let column = 0; column < columns; column++) if (load<u8>(limits + column) != PAPER) return false;
  return true;
}

// @ts-ignore: decorator
@inline
function limitOf(level: f64): u8 {
  return <u8>max(LEAST, min(MOST, level));
}

/** Rows `from` to `to`, all in one line of tiles. */
function thresholdRows(
  page: usize, width: i32, rows: i32, from: i32, to: i32, limits: usize, blank: usize, bits: usize,
): void {
  const stride = (width + 7) >> 3;
  for (let y = from; y < to; y++) {
    const inside = y >= 2 && y < rows - 2;
    const row = page + y * width;
    for (let left = 0; left < width; left += TILE) {
      if (load<u8>(blank + (left >> 5)) != 0) continue;
      thresholdBlock(row, width, left, inside, limits, bits + y * stride);
      if (left + 16 < width) thresholdBlock(row, width, left + 16, inside, limits, bits + y * stride);
    }
  }
}

/** Sixteen pixels from column `x` on; those behind the width are white. */
// @ts-ignore: decorator
@inline
function thresholdBlock(row: usize, width: i32, x: i32, inside: bool, limits: usize, bits: usize): void {
  const at = row + x;
  const here = v128.load(at);
  const pair = v128.load16_splat(limits + (x >> 3));
  const limit = v128.shuffle<u8>(pair, pair, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
  const black = v128.lt<u8>(here, limit);
  const open = v128.andnot(v128.lt<u8>(here, v128.splat<u8>(HAIRLINE_LIMIT)), black);
  if (!v128.any_true(v128.or(black, open))) return; // white already
  let printed = turned(black);
  if (inside && v128.any_true(open)) {
    const thin = v128.or(valley(at, here, 1, width), valley(at, here, width, 1));
    // The first and last two columns have too few neighbours.
    const lanes = firstLanes(width - 2 - x) & (x == 0 ? ~3 : ~0);
    printed |= turned(v128.and(open, thin)) & turnedLanes(lanes);
  }
  store<u16>(bits + (x >> 3), <u16>(printed & turnedLanes(firstLanes(width - x))));
}

/** The highest bits of sixteen octets as two octets, the first pixel's bit the most significant of the first octet. */
// @ts-ignore: decorator
@inline
function turned(mask: v128): i32 {
  return v128.bitmask<i8>(v128.shuffle<u8>(mask, mask, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
}

/** The same of bits that begin with the first pixel's as the lowest. */
// @ts-ignore: decorator
@inline
function turnedLanes(lanes: i32): i32 {
  if (lanes == 0xffff) return lanes;
  const even = ((lanes & 0x5555) << 1) | ((lanes >> 1) & 0x5555);
  const two = ((even & 0x3333) << 2) | ((even >> 2) & 0x3333);
  return ((two & 0x0f0f) << 4) | ((two >> 4) & 0x0f0f);
}

/**
 * Which of sixteen pixels are the darkest of a thin stroke: darker than those one and two `step`s to both sides, of equal
 * ones the later, with paper within two, and the stroke goes on in both directions `along`. The light grey tip of a letter's stem or
 * bowl is no hairline and would print as a spur.
 */
// @ts-ignore: decorator
@inline
function valley(at: usize, here: v128, step: usize, along: usize): v128 {
  const before = v128.load(at - step);
  const after = v128.load(at + step);
  const floor = v128.add_sat<u8>(here, v128.splat<u8>(HAIRLINE_CONTRAST));
  const lightBefore = v128.max<u8>(before, v128.load(at - 2 * step));
  const lightAfter = v128.max<u8>(after, v128.load(at + 2 * step));
  const dip = v128.and(v128.ge<u8>(before, here), v128.gt<u8>(after, here));
  const paper = v128.and(v128.ge<u8>(lightBefore, floor), v128.ge<u8>(lightAfter, floor));
  const found = v128.and(dip, paper);
  if (!v128.any_true(found)) return found;
  return v128.and(found, v128.and(goesOn(at - along, step, floor), goesOn(at + along, step, floor)));
}

/** Whether one of three neighbouring pixels belongs to the stroke; a slanted one moves aside. */
// @ts-ignore: decorator
@inline
function goesOn(at: usize, step: usize, floor: v128): v128 {
  const darkest = v128.min<u8>(v128.load(at), v128.min<u8>(v128.load(at - step), v128.load(at + step)));
  return v128.lt<u8>(darkest, floor);
}

/** Places in the table of code words (each `word << 4 | length`): white runs, black runs, the modes of T.6, EOL. */
const BLACK_RUNS: usize = 104 * 4;
const VERTICAL: usize = 2 * 104 * 4;
const PASS: usize = VERTICAL + 7 * 4;
const HORIZONTAL: usize = PASS + 4;
const EOL: usize = HORIZONTAL + 4;

/** The longest run that one code word can name (T.4 §4.1.1). */
const LONGEST: i32 = 2560;

/** Coded bits that have not been stored, and how many they are: fewer than 32. */
let acc: u64 = 0;
let pending: i32 = 0;

/**
 * Codes `rows` packed rows as one T.6 image with EOFB (T.6 §2), padded to an octet; returns its length in octets. The procedures are those of
 * symbols.ts and bit-sink.ts. `lists` has room for two lists of changing elements and the code words of one row.
 */
export function codeT6(bits: usize, width: i32, rows: i32, words: usize, lists: usize, out: usize): i32 {
  const stride = (width + 7) >> 3;
  const room = <usize>(width + 8) << 2;
  const symbols = lists + 2 * room;
  let reference = lists;
  let row = lists + room;
  let at = out;
  acc = 0;
  pending = 0;
  closeRow(reference, width);
  for (let y = 0; y < rows; y++) {
    findChanges(bits + y * stride, width, row);
    at = pack(symbols, listModes(row, reference, width, words, symbols), at);
    const last = reference;
    reference = row;
    row = last;
  }
  store<u32>(symbols, load<u32>(words, EOL));
  store<u32>(symbols, load<u32>(words, EOL), 4);
  at = pack(symbols, symbols + 8, at);
  store<u32>(at, bswap<u32>(<u32>(acc << (32 - pending))));
  return <i32>(at - out) + ((pending + 7) >> 3);
}

/** Writes the sentinels behind the last change: b1 and b2 may lie there. */
// @ts-ignore: decorator
@inline
function closeRow(end: usize, width: i32): void {
  v128.store(end, i32x4.splat(width));
}

/** Lists the columns at which a packed row changes its colour, beginning from white. */
function findChanges(bits: usize, width: i32, row: usize): void {
  let at = row;
  let before: u32 = 0;
  for (let x = 0; x < width; x += 32) {
    const v = bswap<u32>(load<u32>(bits + (x >> 3)));
    let turns = v ^ ((v >> 1) | (before << 31));
    if (width - x < 32) turns &= ~(<u32>0xffff_ffff >> (width - x));
    before = v & 1;
    for (; turns != 0; at += 4) {
      const k = clz(turns);
      store<i32>(at, x + <i32>k);
      turns &= ~(<u32>0x8000_0000 >> k);
    }
  }
  closeRow(at, width);
}

/** Appends the code words of one run; returns their end. */
// @ts-ignore: decorator
@inline
function pushRun(symbols: usize, table: usize, length: i32): usize {
  let at = symbols;
  let rest = length;
  for (; rest >= LONGEST + 64; rest -= LONGEST, at += 4) store<u32>(at, load<u32>(table + ((63 + LONGEST / 64) << 2)));
  if (rest >= 64) {
    store<u32>(at, load<u32>(table + ((63 + (rest >> 6)) << 2)));
    rest &= 63;
    at += 4;
  }
  store<u32>(at, load<u32>(table + (rest << 2)));
  return at + 4;
}

/** Lists the two-dimensional coding of a row against the one above it (T.6 §2.2.4); returns the end of the list. */
function listModes(row: usize, reference: usize, width: i32, words: usize, symbols: usize): usize {
  let at = symbols;
  let cur = row;
  let ref = reference;
  let a0 = 0;
  while (a0 < width) {
    const a1 = load<i32>(cur);
    const b1 = load<i32>(ref);
    const b2 = load<i32>(ref, 4);
    if (b2 < a1) {
      store<u32>(at, load<u32>(words, PASS));
      at += 4;
      a0 = b2;
      ref += 8;
      continue;
    }
    const shift = a1 - b1 + 3;
    if (<u32>shift <= 6) {
      store<u32>(at, load<u32>(words + (shift << 2), VERTICAL));
      at += 4;
      a0 = a1;
      cur += 4;
      ref += ref > reference ? -4 : 4;
    } else {
      const a2 = load<i32>(cur, 4);
      const black = <usize>((cur - row) >> 2) & 1;
      store<u32>(at, load<u32>(words, HORIZONTAL));
      at = pushRun(at + 4, words + black * BLACK_RUNS, a1 - a0);
      at = pushRun(at, words + (black ^ 1) * BLACK_RUNS, a2 - a1);
      a0 = a2;
      cur += 8;
    }
    while (load<i32>(ref) <= a0 && a0 < width) ref += 8;
  }
  return at;
}

/** Packs code words into octets; returns where the next ones go. */
function pack(symbols: usize, end: usize, out: usize): usize {
  let bits = acc;
  let count = pending;
  let at = out;
  for (let next = symbols; next < end; next += 4) {
    const packed = load<u32>(next);
    bits = (bits << (packed & 15)) | (packed >> 4);
    count += packed & 15;
    if (count >= 32) {
      count -= 32;
      store<u32>(at, bswap<u32>(<u32>(bits >> count)));
      at += 4;
    }
  }
  acc = bits;
  pending = count;
  return at;
}
