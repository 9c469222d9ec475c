/** Kinds of documents that can be told apart by their bytes. */
export type MediaType =
  | 'application/pdf'
  | 'image/tiff'
  | 'image/png'
  | 'image/jpeg'
  | 'image/webp'
  | 'image/gif'
  | 'image/bmp'
  | 'text/plain';

/** PDF readers accept a header within the first kilobyte (ISO 32000-1 annex H.3.4.1). */
const PDF_HEADER_WITHIN = 1024;

/** Bytes looked at before a document without a signature is taken for text. */
const TEXT_SAMPLE = 64 * 1024;

/**
 * What `bytes` are, by signature; undefined when nothing fits. Names and declared types are not asked: they are
 * what an attacker chooses.
 */
export function sniffMediaType(bytes: Uint8Array): MediaType | undefined {
  if (startsWith(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (startsWith(bytes, '\xff\xd8\xff')) return 'image/jpeg';
  if (startsWith(bytes, 'II*\0') || startsWith(bytes, 'MM\0*')) return 'image/tiff';
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a')) return 'image/gif';
  if (startsWith(bytes, 'RIFF') && startsWith(bytes.subarray(8), 'WEBP')) return 'image/webp';
  if (startsWith(bytes, 'BM') && isBmpHeader(bytes)) return 'image/bmp';
  if (latin1(bytes.subarray(0, PDF_HEADER_WITHIN)).includes('%PDF-')) return 'application/pdf';
  return looksLikeText(bytes) ? 'text/plain' : undefined;
}

function startsWith(bytes: Uint8Array, signature: string): boolean {
  return latin1(bytes.subarray(0, signature.length)) === signature;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** The two reserved words of a BMP file header are zero, its info header has one of the known sizes. */
function isBmpHeader(bytes: Uint8Array): boolean {
  if (bytes.length < 18) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(6, true) === 0 && [12, 40, 52, 56, 64, 108, 124].includes(view.getUint32(14, true));
}

/** UTF-16 with a byte order mark, or a sample without control characters other than white space. */
function looksLikeText(bytes: Uint8Array): boolean {
  if (startsWith(bytes, '\xff\xfe') || startsWith(bytes, '\xfe\xff')) return bytes.length % 2 === 0;
  const sample = bytes.subarray(0, TEXT_SAMPLE);
  return sample.length > 0 && sample.every((byte) => (byte >= 0x20 ? byte !== 0x7f : byte >= 0x08 && byte <= 0x0d));
}
