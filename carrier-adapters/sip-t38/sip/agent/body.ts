import { contentType, type ReceivedMessage } from '../message/index.ts';

/** Parts of a multipart body that are looked at. */
const PARTS = 16;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The session description that a message bears, also as a part of `multipart/mixed` (RFC 3261 §7.4.1: trunks that carry
 * ISUP send it so). Null: it has no body; `other`: a body without a description that we can read.
 */
export function sdpOf(message: ReceivedMessage): string | null | 'other' {
  if (message.body.length === 0) return null;
  const encoding = (message.headers.get('content-encoding') ?? 'identity').toLowerCase();
  const type = contentType(message.headers);
  if (encoding !== 'identity' || type === undefined) return 'other';
  if (type.type === 'application/sdp') return utf8.decode(message.body);
  if (!type.type.startsWith('multipart/')) return 'other';
  return partOf(message.body, unquoted(type.params.get('boundary') ?? '')) ?? 'other';
}

/** The first part that is `application/sdp` (RFC 2046 §5.1.1). */
function partOf(body: Uint8Array, boundary: string): string | null {
  if (boundary === '' || boundary.length > 70) return null;
  // Parts of other types may be no text at all; they are not looked at.
  const parts = utf8.decode(body).split(`--${boundary}`, PARTS + 1);
  for (const part of parts.slice(1)) {
    const end = part.indexOf('\r\n\r\n');
    const head = end < 0 ? '' : part.slice(0, end).toLowerCase();
    if (/\ncontent-type:[ \t]*application\/sdp[ \t]*(?:;|\r|$)/.test(head)) return part.slice(end + 4);
  }
  return null;
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}
