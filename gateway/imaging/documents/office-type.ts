import { DocumentError } from './error.ts';
import { sniffMediaType } from './media-type.ts';
import { checkZipExpansion, readZipDirectory } from './zip-directory.ts';

/** Documents that only a word processor can set, with the extension by which it knows them. */
export const OFFICE_TYPES = {
  'text/html': 'html',
  'application/rtf': 'rtf',
  'application/msword': 'doc',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
} as const;

/** Media type of such a document. */
export type OfficeType = keyof typeof OFFICE_TYPES;

/** What a name or a media type says, as far as it matters. */
export type DeclaredType = OfficeType | 'text/plain';

const BY_EXTENSION: Readonly<Record<string, DeclaredType>> = {
  ...Object.fromEntries(Object.entries(OFFICE_TYPES).map(([type, extension]) => [extension, type as OfficeType])),
  htm: 'text/html',
  xhtml: 'text/html',
  txt: 'text/plain',
};

const BY_MEDIA_TYPE: Readonly<Record<string, DeclaredType>> = {
  ...Object.fromEntries(Object.keys(OFFICE_TYPES).map((type) => [type, type as OfficeType])),
  'application/xhtml+xml': 'text/html',
  'text/rtf': 'application/rtf',
  'text/plain': 'text/plain',
};

/** The type that a client names; its media type counts more than its file name. */
export function declaredType(mediaType: string | undefined, fileName: string | undefined): DeclaredType | undefined {
  const type = mediaType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (Object.hasOwn(BY_MEDIA_TYPE, type)) return BY_MEDIA_TYPE[type];
  const extension = /\.([a-z]{1,5})$/i.exec(fileName ?? '')?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(BY_EXTENSION, extension) ? BY_EXTENSION[extension] : undefined;
}

/** Compound File Binary header ([MS-CFB] §2.2), and names of streams in it, UTF-16. */
const COMPOUND_FILE = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
const WORD_STREAM = 'W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0';
const ENCRYPTED_STREAM = 'E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0';

/**
 * What `bytes` are if they need a word processor, else undefined. HTML and text cannot be told apart for certain: what
 * is declared as text stays text, what is declared as HTML is HTML unless its bytes are of another kind.
 *
 * @throws {DocumentError} `encrypted`, `limit`
 */
export function sniffOfficeType(bytes: Uint8Array, declared?: DeclaredType): OfficeType | undefined {
  const start = latin1(bytes.subarray(0, 1024));
  if (start.startsWith('{\\rtf') && declared !== 'text/plain') return 'application/rtf';
  if (start.startsWith('PK\x03\x04')) return packageType(bytes);
  if (start.startsWith(COMPOUND_FILE)) return compoundType(bytes);
  if (sniffMediaType(bytes) !== 'text/plain' || declared === 'text/plain') return undefined;
  return declared === 'text/html' || looksLikeHtml(start) ? 'text/html' : undefined;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function packageType(bytes: Uint8Array): OfficeType | undefined {
  const directory = readZipDirectory(bytes);
  if (directory === undefined) return undefined;
  const type = typeOfParts(directory.names, bytes);
  if (type === undefined) return undefined;
  if (directory.encrypted) throw encrypted();
  checkZipExpansion(directory, bytes.length);
  return type;
}

/** ODF 1.2 part 3 §3.3: a part `mimetype` comes first and is stored as it is, so that it can be read in place. */
function typeOfParts(names: ReadonlySet<string>, bytes: Uint8Array): OfficeType | undefined {
  if (names.has('word/document.xml')) {
    return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  }
  const stored = latin1(bytes.subarray(30, 30 + 128));
  const text = stored.startsWith('mimetypeapplication/vnd.oasis.opendocument.text');
  return names.has('content.xml') && text ? 'application/vnd.oasis.opendocument.text' : undefined;
}

/** A Word document of 1997 to 2003, or the envelope of an encrypted one of today ([MS-OFFCRYPTO] §1.3.2). */
function compoundType(bytes: Uint8Array): OfficeType | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.includes(ENCRYPTED_STREAM, 0, 'latin1')) throw encrypted();
  return buffer.includes(WORD_STREAM, 0, 'latin1') ? 'application/msword' : undefined;
}

function encrypted(): DocumentError {
  return new DocumentError('encrypted', 'The document is protected by a password.');
}

function looksLikeHtml(start: string): boolean {
  return /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html)[\s>]/i.test(start);
}
