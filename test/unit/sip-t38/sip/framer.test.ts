import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFramer, type Framed, STREAM_LIMIT } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { octets, requestLines } from './messages.ts';

const PING = octets('', '');
const PONG = octets('');

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function kinds(framed: readonly Framed[]): string[] {
  return framed.map((frame) => (frame.type === 'error' ? frame.code : frame.type));
}

const FIRST = octets(...requestLines('INVITE', ['Content-Length: 5'], ['abc']));
const SECOND = octets(...requestLines('BYE', ['l : 0']));

describe('framing of a stream (RFC 3261 §18.3)', () => {
  test('messages are cut by Content-Length, however the octets come', () => {
    const stream = joined(FIRST, SECOND, FIRST);
    for (const size of [1, 2, 3, 7, 100, 500, stream.length]) {
      const framer = createFramer();
      const framed: Framed[] = [];
      for (let at = 0; at < stream.length; at += size) framed.push(...framer.push(stream.subarray(at, at + size)));
      const messages = framed.map((frame) => (frame.type === 'message' ? [...frame.bytes] : frame.type));
      assert.deepEqual(messages, [[...FIRST], [...SECOND], [...FIRST]], `pieces of ${size}`);
    }
  });

  test('a message given out is not changed by what comes later', () => {
    const framer = createFramer();
    const [frame] = framer.push(FIRST);
    framer.push(joined(SECOND, SECOND, SECOND));
    assert.deepEqual(frame?.type === 'message' && [...frame.bytes], [...FIRST]);
  });

  test('keep-alives are told from the line ends before a message (RFC 5626 §4.4.1)', () => {
    assert.deepEqual(kinds(createFramer().push(PING)), ['ping']);
    assert.deepEqual(kinds(createFramer().push(PONG)), ['pong']);
    assert.deepEqual(kinds(createFramer().push(joined(PING, FIRST))), ['ping', 'message']);
    assert.deepEqual(kinds(createFramer().push(joined(FIRST, PING))), ['message', 'ping']);
    const framer = createFramer();
    const pieces = [...PING].flatMap((octet) => framer.push(Uint8Array.of(octet)));
    assert.deepEqual(kinds(pieces), ['pong', 'ping']);
  });

  test('a flood of keep-alives is one of each push', () => {
    const flood = joined(...Array.from({ length: 10_000 }, () => PING));
    assert.deepEqual(kinds(createFramer().push(flood)), ['ping']);
  });

  test('a stream without Content-Length, or with a malformed one, is at its end', () => {
    for (const headers of [[], ['Content-Length: x'], ['l: 1', 'l: 2'], ['no colon']]) {
      const framer = createFramer();
      assert.deepEqual(kinds(framer.push(octets(...requestLines('BYE', headers)))), ['bad_length']);
      assert.deepEqual(framer.push(SECOND), []);
    }
  });

  test('nothing longer than the limit is held', () => {
    const endless = new Uint8Array(2 * STREAM_LIMIT).fill(97);
    assert.deepEqual(kinds(createFramer().push(endless)), ['too_long']);
    const big = octets(...requestLines('BYE', [`Content-Length: ${STREAM_LIMIT}`]));
    assert.deepEqual(kinds(createFramer().push(big)), ['too_long']);
    const framer = createFramer();
    const drops = Array.from({ length: STREAM_LIMIT }, () => framer.push(Uint8Array.of(97))).flat();
    assert.deepEqual(kinds(drops), ['too_long']);
  });

  test('the longest message passes, and many behind it', () => {
    const head = octets(...requestLines('INFO', ['Content-Length: 60000']));
    const longest = joined(head, new Uint8Array(60_000).fill(13));
    const framed = createFramer().push(joined(longest, longest, longest, SECOND));
    assert.deepEqual(kinds(framed), ['message', 'message', 'message', 'message']);
  });
});
