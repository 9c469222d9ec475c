import assert from 'node:assert/strict';
import {
  parseMessage,
  type ReceivedMessage,
  type ReceivedRequest,
  type ReceivedResponse,
} from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';

/** The octets of lines, each ended by CRLF, as UTF-8. */
export function octets(...lines: readonly string[]): Uint8Array {
  return new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join(''));
}

/** The lines of a request that has what it must, and `more` headers; its body comes behind the empty line. */
export function requestLines(method: string, more: readonly string[] = [], body: readonly string[] = []): string[] {
  return [
    `${method} sip:bob@biloxi.example.com SIP/2.0`,
    'Via: SIP/2.0/UDP client.atlanta.example.com:5060;branch=z9hG4bK74bf9;rport',
    'Max-Forwards: 70',
    'From: Alice <sip:alice@atlanta.example.com>;tag=9fxced76sl',
    'To: Bob <sip:bob@biloxi.example.com>',
    'Call-ID: 3848276298220188511@atlanta.example.com',
    `CSeq: 1 ${method}`,
    ...more,
    '',
    ...body,
  ];
}

/** The message that octets are. */
export function read(bytes: Uint8Array): ReceivedMessage {
  const parsed = parseMessage(bytes);
  assert.ok('message' in parsed, 'error' in parsed ? parsed.error : '');
  return parsed.message;
}

/** The request that lines are. */
export function request(...lines: readonly string[]): ReceivedRequest {
  const message = read(octets(...lines));
  assert.ok(message.kind === 'request');
  return message;
}

/** The response that octets are. */
export function response(bytes: Uint8Array): ReceivedResponse {
  const message = read(bytes);
  assert.ok(message.kind === 'response');
  return message;
}
