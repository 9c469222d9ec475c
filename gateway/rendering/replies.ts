import type { Inspected, RejectionCause, RenderedPage, RenderSummary } from '../ports/renderer.ts';
import { DocumentRejected } from '../ports/renderer.ts';
import { RenderingError } from './error.ts';
import { decodeJson } from './frames.ts';

// What a child says is checked like anything from a network: a document may have taken it over.

/** Causes that a child may name; `timeout` and `crash` of a whole process are found from outside. */
const CAUSES: readonly RejectionCause[] = [
  'encrypted',
  'damaged',
  'unsupported_type',
  'converter_missing',
  'empty',
  'too_many_pages',
  'too_large',
  'timeout',
  'memory',
  'crash',
  'limit',
  'form_fields',
  'form_script',
  'form_xfa',
  'cover_overflow',
];

/** Longest text taken from a child. */
const LONGEST_TEXT = 200;

/** Most warnings taken for a page. */
const MOST_WARNINGS = 16;

/** Most fields taken for a cover form: more than a cover knows. */
const MOST_FIELDS = 32;

/** Largest page the formats allow: A3 at 408 dpi across, 10 m long. */
const WIDEST = 4864;
const LONGEST_PAGE = 160_000;

export function parseInspected(payload: Uint8Array, mostPages: number): Inspected {
  const { pages, mediaTypes, coverFields } = decodeJson(payload);
  if (!Array.isArray(mediaTypes)) throw new RenderingError('protocol', 'no media types');
  return {
    type: 'inspected',
    pages: integer(pages, 1, mostPages),
    mediaTypes: mediaTypes.slice(0, 1000).map(shortText),
    ...(Array.isArray(coverFields) ? { coverFields: coverFields.slice(0, MOST_FIELDS).map(shortText) } : {}),
  };
}

/** A page without its sealed bytes. */
export type PageNotice = Omit<RenderedPage, 'sealed'>;

export function parsePage(payload: Uint8Array, expected: number): PageNotice {
  const reply = decodeJson(payload);
  if (reply.page !== expected) throw new RenderingError('protocol', 'a page is out of order');
  if (typeof reply.mark !== 'string' || !/^[0-9a-f]{64}$/.test(reply.mark)) {
    throw new RenderingError('protocol', 'a page has no mark');
  }
  return {
    type: 'page',
    page: expected,
    object: `page/${expected}`,
    width: integer(reply.width, 1, WIDEST),
    rows: integer(reply.rows, 1, LONGEST_PAGE),
    xDpi: integer(reply.xDpi, 1, 1200),
    yDpi: integer(reply.yDpi, 1, 1200),
    bytes: integer(reply.bytes, 1, 2 ** 30),
    mark: reply.mark,
    warnings: Array.isArray(reply.warnings) ? reply.warnings.slice(0, MOST_WARNINGS).map(shortText) : [],
  };
}

export function parseSummary(payload: Uint8Array): RenderSummary {
  const { pages, bytes } = decodeJson(payload);
  return { pages: integer(pages, 1, 100_000), bytes: integer(bytes, 1, 2 ** 40) };
}

export function parseRejection(payload: Uint8Array): DocumentRejected {
  const { cause, message, document } = decodeJson(payload);
  const known = CAUSES.find((name) => name === cause) ?? 'crash';
  const index = typeof document === 'number' && Number.isSafeInteger(document) && document >= 0 ? document : undefined;
  return new DocumentRejected(known, shortText(message), index);
}

function integer(value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RenderingError('protocol', 'a number is missing or out of bounds');
}

function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT).replace(/\p{C}/gu, ' ') : '';
}
