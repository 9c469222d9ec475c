import type { RenderJob, RenderOptions } from '../ports/renderer.ts';
import { decodeJson, encodeJson } from './frames.ts';

/** What a standing child does with fax pages: say whether they can be sent, or make them ready for the line. */
export type StandingTask = 'inspect' | 'pages';

/** What a standing child is told of a job: everything but the key and the bytes. */
export interface StandingOrder {
  readonly task: StandingTask;
  readonly fax: string;
  /** Names of the documents' objects, in order. */
  readonly objects: readonly string[];
  readonly options: RenderOptions;
}

/** What one standing job may ask for; larger ones take the ordinary way, where memory is given back with the process. */
export const STANDING_LIMITS = {
  /** Octets of all documents, sealed. */
  bytes: 2 * 1024 * 1024,
  /** Documents. */
  documents: 4,
  /** Fax pages. */
  pages: 16,
  /** Pixels of one page: A4 at 408 × 391 dpi, twice as long. */
  pixels: 32_000_000,
  /** Octets of all pages, sealed: four pages of noise at 204 × 391 dpi. */
  pageBytes: 16 * 1024 * 1024,
} as const;

/** The payload of an order. */
export function standingOrder(job: RenderJob, task: StandingTask): Uint8Array {
  const { fax, documents, options } = job;
  return encodeJson({ task, fax, objects: documents.map(({ object }) => object), options } satisfies StandingOrder);
}

/** Reads an order in the child. The gateway wrote it and is trusted. */
export function parseStandingOrder(payload: Uint8Array): StandingOrder {
  const order: unknown = decodeJson(payload);
  return order as StandingOrder;
}
