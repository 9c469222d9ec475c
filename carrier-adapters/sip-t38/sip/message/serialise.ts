import { SipError } from '../errors.ts';
import { endsLine } from './headers.ts';
import { STREAM_LIMIT } from './limits.ts';
import type { SipMessage } from './message.ts';

const encoder = new TextEncoder();
/** Where heads are encoded before their length is known: three octets for each character that a stream's limit allows. */
const scratch = new Uint8Array(3 * STREAM_LIMIT);

/**
 * The octets of a message. Content-Length is written from the body, whatever the headers say.
 *
 * @throws SipError `unsafe_value` when a method, URI or reason phrase would end its line
 */
export function serialise(message: SipMessage): Uint8Array {
  const { headers, body } = message;
  let text = startLine(message);
  for (const { name, key, value } of headers.lines()) {
    if (key !== 'content-length') text += `${name}: ${value}\r\n`;
  }
  text += `Content-Length: ${body.length}\r\n\r\n`;
  const head = encoded(text);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Text as UTF-8, valid until the next call. */
function encoded(text: string): Uint8Array {
  if (text.length > STREAM_LIMIT) return encoder.encode(text);
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
}

function startLine(message: SipMessage): string {
  const line =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  if (endsLine(line)) throw new SipError('unsafe_value', 'a start line would end early');
  return `${line}\r\n`;
}
