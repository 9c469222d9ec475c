import { type DeclaredType, declaredType } from '../imaging/documents/office-type.ts';
import type { ConvertJob, RenderJob, RenderOptions } from '../ports/renderer.ts';
import { decodeJson } from './frames.ts';

/** A document without its bytes. */
export interface DocumentOrder {
  readonly object: string;
  readonly declared: DeclaredType | null;
}

/** What the child is told of a rendering: everything but the key and the bytes. */
export interface RenderOrder {
  readonly kind: 'render';
  readonly fax: string;
  readonly documents: readonly DocumentOrder[];
  /** Name of the object with the cover form, which comes after the documents; null without one. */
  readonly coverForm: string | null;
  readonly options: RenderOptions;
  /** Most bytes of all documents together. */
  readonly documentBytes: number;
}

/** A stored page without its bytes. */
export interface PageOrder {
  readonly object: string;
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
}

/** What the child is told of a conversion. */
export interface ConvertOrder extends Pick<ConvertJob, 'fax' | 'format'> {
  readonly kind: 'convert';
  readonly pages: readonly PageOrder[];
  readonly squarePixels: boolean;
  readonly title: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number | null;
}

/** The order for `job`. */
export function renderOrder(job: RenderJob, documentBytes: number): RenderOrder {
  const documents = job.documents.map(({ object, mediaType, fileName }) => {
    return { object, declared: declaredType(mediaType, fileName) ?? null };
  });
  const coverForm = job.coverForm?.object ?? null;
  return { kind: 'render', fax: job.fax, documents, coverForm, options: job.options, documentBytes };
}

/** The order for `job`. */
export function convertOrder(job: ConvertJob): ConvertOrder {
  return {
    kind: 'convert',
    fax: job.fax,
    format: job.format,
    pages: job.pages.map(({ object, width, rows, xDpi, yDpi }) => ({ object, width, rows, xDpi, yDpi })),
    squarePixels: job.squarePixels ?? true,
    title: job.info?.title ?? null,
    createdAt: job.info?.createdAt ?? null,
  };
}

/** Reads an order in the child. The gateway wrote it and is trusted. */
export function parseOrder(payload: Uint8Array): RenderOrder | ConvertOrder {
  const order: unknown = decodeJson(payload);
  return order as RenderOrder | ConvertOrder;
}
