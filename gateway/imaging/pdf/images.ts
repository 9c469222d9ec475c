import { DOCUMENT_LIMITS } from '../documents/limits.ts';
import type { Rect } from '../raster/grey.ts';
import { allocate, type Pdfium, readFloats } from './pdfium.ts';

/** FPDF_PAGEOBJ_* of fpdf_edit.h. */
const TEXT = 1;
const IMAGE = 3;
const SHADING = 4;
const FORM = 5;

/** Objects looked at per page; a page with more is a drawing, and its pictures are found by their pixels. */
const MOST_OBJECTS = 20_000;

/** PDF matrix [a b c d e f] (ISO 32000-1 §8.3.3). */
type Matrix = readonly [number, number, number, number, number, number];

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** Where a page is drawn on the bitmap, as FPDF_RenderPageBitmap takes it. */
export interface Placement {
  readonly startX: number;
  readonly startY: number;
  readonly sizeX: number;
  readonly sizeY: number;
}

/** What a look at a page's objects tells, those inside forms included. */
export interface PageObjects {
  /** Rectangles, in bitmap pixels, drawn from images and shadings; null when there are too many objects to look at. */
  readonly images: Rect[] | null;
  /** Size of the smallest type in units of the page; infinite without text, 0 when it is not known. */
  readonly smallestType: number;
}

/** Looks at the objects of `page`, of which at most {@link MOST_OBJECTS} are looked at. */
export function surveyObjects(pdfium: Pdfium, page: number, placement: Placement): PageObjects {
  const scratch = allocate(pdfium, 32);
  const walk: Walk = {
    pdfium,
    page,
    placement,
    scratch,
    rects: [],
    objects: 0,
    smallestType: Number.POSITIVE_INFINITY,
  };
  try {
    const count = pdfium._FPDFPage_CountObjects(page);
    for (let i = 0; i < count; i++) visit(walk, pdfium._FPDFPage_GetObject(page, i), IDENTITY, 0);
    const all = walk.objects <= MOST_OBJECTS;
    return { images: all ? walk.rects : null, smallestType: all ? walk.smallestType : 0 };
  } finally {
    pdfium.wasmExports.free(scratch);
  }
}

interface Walk {
  readonly pdfium: Pdfium;
  readonly page: number;
  readonly placement: Placement;
  readonly scratch: number;
  readonly rects: Rect[];
  objects: number;
  smallestType: number;
}

function visit(walk: Walk, object: number, matrix: Matrix, depth: number): void {
  if (object === 0 || ++walk.objects > MOST_OBJECTS) return;
  const type = walk.pdfium._FPDFPageObj_GetType(object);
  if (type === TEXT) walk.smallestType = Math.min(walk.smallestType, typeSize(walk, object, matrix));
  if (type === IMAGE || type === SHADING) addRect(walk, object, matrix);
  if (type === FORM && depth < DOCUMENT_LIMITS.nesting) visitForm(walk, object, matrix, depth);
}

/** Height of the letters' em on the page; 0 when it is not known. */
function typeSize({ pdfium, scratch }: Walk, text: number, outer: Matrix): number {
  if (pdfium._FPDFTextObj_GetFontSize(text, scratch) === 0) return 0;
  const [size = 0] = readFloats(pdfium, scratch, 1);
  if (pdfium._FPDFPageObj_GetMatrix(text, scratch) === 0) return 0;
  const [a = 1, b = 0, c = 0, d = 1] = readFloats(pdfium, scratch, 4);
  const [, , x, y] = multiply([a, b, c, d, 0, 0], outer);
  return Math.abs(size) * Math.hypot(x, y);
}

function visitForm(walk: Walk, form: number, outer: Matrix, depth: number): void {
  const { pdfium, scratch } = walk;
  if (pdfium._FPDFPageObj_GetMatrix(form, scratch) === 0) return;
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = readFloats(pdfium, scratch, 6);
  const matrix = multiply([a, b, c, d, e, f], outer);
  const count = pdfium._FPDFFormObj_CountObjects(form);
  for (let i = 0; i < count && walk.objects <= MOST_OBJECTS; i++) {
    visit(walk, pdfium._FPDFFormObj_GetObject(form, i), matrix, depth + 1);
  }
}

function multiply(m: Matrix, n: Matrix): Matrix {
  return [
    m[0] * n[0] + m[1] * n[2],
    m[0] * n[1] + m[1] * n[3],
    m[2] * n[0] + m[3] * n[2],
    m[2] * n[1] + m[3] * n[3],
    m[4] * n[0] + m[5] * n[2] + n[4],
    m[4] * n[1] + m[5] * n[3] + n[5],
  ];
}

function addRect(walk: Walk, object: number, matrix: Matrix): void {
  const { pdfium, scratch } = walk;
  if (pdfium._FPDFPageObj_GetBounds(object, scratch, scratch + 4, scratch + 8, scratch + 12) === 0) return;
  const [left = 0, bottom = 0, right = 0, top = 0] = readFloats(pdfium, scratch, 4);
  const corners: [number, number][] = [
    [left, bottom],
    [left, top],
    [right, bottom],
    [right, top],
  ];
  const points = corners.map(([x, y]) => toDevice(walk, matrix, x, y));
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  walk.rects.push({ left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) });
}

function toDevice(walk: Walk, m: Matrix, x: number, y: number): { x: number; y: number } {
  const { pdfium, page, placement: p, scratch } = walk;
  const pageX = m[0] * x + m[2] * y + m[4];
  const pageY = m[1] * x + m[3] * y + m[5];
  pdfium._FPDF_PageToDevice(page, p.startX, p.startY, p.sizeX, p.sizeY, 0, pageX, pageY, scratch, scratch + 4);
  const view = new DataView(pdfium.HEAPU8.buffer, scratch, 8);
  return { x: view.getInt32(0, true), y: view.getInt32(4, true) };
}
