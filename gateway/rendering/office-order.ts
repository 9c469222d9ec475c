import type { DeclaredType } from '../imaging/documents/office-type.ts';
import type { RenderOptions } from '../ports/renderer.ts';
import { decodeJson } from './frames.ts';

/** What a converter is told: which object comes, and under which name the PDF made of it goes back. */
export interface OfficeOrder {
  readonly fax: string;
  readonly object: string;
  readonly output: string;
  readonly declared: DeclaredType | null;
  /** Page of documents that name none. */
  readonly paper: RenderOptions['paper'];
  /** The program that converts, inside the sandbox. */
  readonly program: string;
  /** Most bytes of the document, and of the PDF. */
  readonly documentBytes: number;
}

/** Reads an order in the child. The gateway wrote it and is trusted. */
export function parseOfficeOrder(payload: Uint8Array): OfficeOrder {
  const order: unknown = decodeJson(payload);
  return order as OfficeOrder;
}
