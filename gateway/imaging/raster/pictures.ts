import type { Grey, Rect } from './grey.ts';
import { clipRect, rectArea } from './grey.ts';
import { TILE } from './tile-levels.ts';
import type { TileSurvey } from './tiles.ts';

/** Share of smooth middle tones (of 255) from which a tile belongs to a photograph. */
const TONE = 56;

/** A rectangle drawn from an image counts as a photograph when this share of its tiles does. */
const PICTURE_SHARE = 0.2;

/** Smallest photograph in tiles; below it an icon or a smear is sharper by threshold. */
const SMALLEST = 4;

/** An image that covers this share of its page may be a scan of a letter: grey paper, shadows and all. */
const SCAN_SHARE = 0.85;

/** A page with tones on this share of its tiles is one photograph. */
const FULL_PAGE = 0.4;

/** A shadow along the edge of a scan is at most this wide, in tiles: 20 mm. */
const SHADOW = 5;

/**
 * The photographs among the rectangles that a document drew as images: not a logo, and of a scanned letter only the
 * pictures on it.
 */
export function photographsAmong(rects: readonly Rect[], grey: Grey, tiles: TileSurvey): Rect[] {
  const clipped = rects.map((rect) => clipRect(widened(rect), grey.width, grey.rows));
  const page = grey.width * grey.rows * SCAN_SHARE;
  if (clipped.some((rect) => rectArea(rect) >= page)) return findPhotographs(grey, tiles);
  return clipped.filter((rect) => isPhotograph(rect, tiles));
}

/** One pixel more on each side: the edge of an image covers part of a pixel, which alone would print as a line. */
function widened(rect: Rect): Rect {
  return { left: rect.left - 1, top: rect.top - 1, right: rect.right + 1, bottom: rect.bottom + 1 };
}

function isPhotograph(rect: Rect, tiles: TileSurvey): boolean {
  if (rectArea(rect) < SMALLEST * TILE * TILE) return false;
  let toned = 0;
  let total = 0;
  for (let line = Math.floor(rect.top / TILE); line * TILE < rect.bottom; line++) {
    for (let column = Math.floor(rect.left / TILE); column * TILE < rect.right; column++) {
      total++;
      if ((tiles.tone[line * tiles.columns + column] ?? 0) >= TONE) toned++;
    }
  }
  return toned >= total * PICTURE_SHARE;
}

/**
 * Photographs in a picture of which nothing is known but its pixels (a scan, a PNG): groups of neighbouring tiles
 * with middle tones, as the rectangles around them.
 */
export function findPhotographs(grey: Grey, tiles: TileSurvey): Rect[] {
  const seen = new Uint8Array(tiles.shade.length);
  const found: Rect[] = [];
  let toned = 0;
  for (let at = 0; at < tiles.shade.length; at++) {
    if (seen[at] === 1 || (tiles.shade[at] ?? 0) < TONE) continue;
    const { rect, size } = collectGroup(at, tiles, seen);
    if (isShadow(rect, tiles)) continue;
    toned += size;
    if (size >= SMALLEST * 2) found.push(clipRect(rect, grey.width, grey.rows));
  }
  if (toned >= tiles.shade.length * FULL_PAGE) return [{ left: 0, top: 0, right: grey.width, bottom: grey.rows }];
  return mergeOverlaps(found);
}

/** A narrow band along one edge of the page, from one end of it nearly to the other. */
function isShadow(rect: Rect, { columns, lines }: TileSurvey): boolean {
  const wide = (rect.right - rect.left) / TILE;
  const high = (rect.bottom - rect.top) / TILE;
  const beside = (rect.left === 0 || rect.right >= columns * TILE) && wide <= SHADOW && high >= lines * 0.5;
  const across = (rect.top === 0 || rect.bottom >= lines * TILE) && high <= SHADOW && wide >= columns * 0.5;
  return beside || across;
}

function collectGroup(start: number, tiles: TileSurvey, seen: Uint8Array): { rect: Rect; size: number } {
  const { columns } = tiles;
  const rect = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };
  const queue = [start];
  let size = 0;
  seen[start] = 1;
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    size++;
    const column = at % columns;
    const line = (at - column) / columns;
    rect.left = Math.min(rect.left, column * TILE);
    rect.top = Math.min(rect.top, line * TILE);
    rect.right = Math.max(rect.right, (column + 1) * TILE);
    rect.bottom = Math.max(rect.bottom, (line + 1) * TILE);
    for (const next of neighbours(column, line, tiles)) {
      if (seen[next] === 1 || (tiles.shade[next] ?? 0) < TONE) continue;
      seen[next] = 1;
      queue.push(next);
    }
  }
  return { rect, size };
}

/** Tiles up to two steps away, so that a bright spot or a caption does not cut a photograph in two. */
function* neighbours(column: number, line: number, tiles: TileSurvey): Generator<number> {
  for (let l = Math.max(0, line - 2); l <= Math.min(tiles.lines - 1, line + 2); l++) {
    for (let c = Math.max(0, column - 2); c <= Math.min(tiles.columns - 1, column + 2); c++)
      yield l * tiles.columns + c;
  }
}

function mergeOverlaps(rects: Rect[]): Rect[] {
  const merged: Rect[] = [];
  for (let rect of rects) {
    for (let i = merged.findIndex((other) => overlaps(other, rect)); i >= 0; ) {
      const [other] = merged.splice(i, 1);
      if (other !== undefined) rect = around(other, rect);
      i = merged.findIndex((next) => overlaps(next, rect));
    }
    merged.push(rect);
  }
  return merged;
}

function overlaps(a: Rect, b: Rect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function around(a: Rect, b: Rect): Rect {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
