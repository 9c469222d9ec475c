import { openPdf } from '../pdf/pdf-document.ts';
import { openBmp } from './bmp-document.ts';
import type { OpenDocument, Target } from './document.ts';
import { DocumentError } from './error.ts';
import type { ImageType } from './image-document.ts';
import { type MediaType, sniffMediaType } from './media-type.ts';
import { type DeclaredType, OFFICE_TYPES, sniffOfficeType } from './office-type.ts';
import { openTiff } from './tiff-document.ts';

/** What opens each kind of document. */
const OPENERS: Record<MediaType, (bytes: Uint8Array, target: Target) => Promise<OpenDocument>> = {
  'application/pdf': openPdf,
  'image/png': (bytes, target) => openWithSharp(bytes, 'image/png', target),
  'image/jpeg': (bytes, target) => openWithSharp(bytes, 'image/jpeg', target),
  'image/webp': (bytes, target) => openWithSharp(bytes, 'image/webp', target),
  'image/gif': (bytes, target) => openWithSharp(bytes, 'image/gif', target),
  'image/tiff': openTiff,
  'image/bmp': openBmp,
  'text/plain': openTypeset,
};

/**
 * Recognises `bytes` by their signature and opens them. `declared` parts HTML from text, which no signature does.
 * @throws {DocumentError} `empty`, `unsupported_type`, `converter_missing`, or what the reader of that kind finds
 */
export async function openDocument(bytes: Uint8Array, target: Target, declared?: DeclaredType): Promise<OpenDocument> {
  if (bytes.length === 0) throw new DocumentError('empty', 'The document is empty.');
  const office = sniffOfficeType(bytes, declared);
  if (office !== undefined) throw needsConverter(OFFICE_TYPES[office]);
  const mediaType = sniffMediaType(bytes);
  const open = mediaType === undefined ? undefined : OPENERS[mediaType];
  if (open === undefined) {
    throw new DocumentError(
      'unsupported_type',
      'The document is of no supported type: PDF, TIFF, PNG, JPEG, WebP, GIF, BMP or plain text.',
    );
  }
  return open(bytes, target);
}

/** Office documents come here only when no converter has made a PDF of them. */
function needsConverter(extension: string): DocumentError {
  const kind = extension.toUpperCase();
  return new DocumentError(
    'converter_missing',
    `The document is ${kind}, which only LibreOffice can set; send it as PDF.`,
  );
}

/** libvips is loaded when the first image comes: most documents are PDFs, and a child lives for one. */
async function openWithSharp(bytes: Uint8Array, mediaType: ImageType, target: Target): Promise<OpenDocument> {
  const { openImage } = await import('./image-document.ts');
  return openImage(bytes, mediaType, target);
}

/** The typesetter likewise. */
async function openTypeset(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const { openText } = await import('../text/text-document.ts');
  return openText(bytes, target);
}
