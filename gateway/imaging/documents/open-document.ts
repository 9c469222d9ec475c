import { openPdf } from '../pdf/pdf-document.ts';
import { openText } from '../text/text-document.ts';
import { openBmp } from './bmp-document.ts';
import type { OpenDocument, Target } from './document.ts';
import { DocumentError } from './error.ts';
import { openImage } from './image-document.ts';
import { type MediaType, sniffMediaType } from './media-type.ts';
import { openTiff } from './tiff-document.ts';

/** What opens each kind of document. */
const OPENERS: Record<MediaType, (bytes: Uint8Array, target: Target) => Promise<OpenDocument>> = {
  'application/pdf': openPdf,
  'image/png': (bytes, target) => openImage(bytes, 'image/png', target),
  'image/jpeg': (bytes, target) => openImage(bytes, 'image/jpeg', target),
  'image/webp': (bytes, target) => openImage(bytes, 'image/webp', target),
  'image/gif': (bytes, target) => openImage(bytes, 'image/gif', target),
  'image/tiff': openTiff,
  'image/bmp': openBmp,
  'text/plain': openText,
};

/**
 * Recognises `bytes` by their signature and opens them.
 * @throws {DocumentError} `empty`, `unsupported_type`, or what the reader of that kind finds
 */
export async function openDocument(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  if (bytes.length === 0) throw new DocumentError('empty', 'The document is empty.');
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
