import { DocumentError } from '../documents/error.ts';

/**
 * Text of an uploaded file: UTF-8, UTF-16 with a byte order mark, and Windows-1252 when it is not valid UTF-8.
 * @throws {DocumentError} `damaged` when it holds characters that no text has
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decodeBytes(bytes)
    .replace(/\r\n?/g, '\n')
    .replace(/[\v\b]/g, ' ');
  if (hasControls(text)) throw new DocumentError('damaged', 'The text holds control characters.');
  return text;
}

function decodeBytes(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0c) || code === 0x7f) return true;
  }
  return false;
}
