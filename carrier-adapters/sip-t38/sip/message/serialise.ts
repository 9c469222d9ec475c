import { SipError } from '../errors.ts';
import { endsLine } from './headers.ts';
import type { SipMessage } from './message.ts';

const encoder = new TextEncoder();

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
  const head = encoder.encode(text);
  if (body.length === 0) return head;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

function startLine(message: SipMessage): string {
  const line =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  if (endsLine(line)) throw new SipError('unsafe_value', 'a start line would end early');
  return `${line}\r\n`;
}
