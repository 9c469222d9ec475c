import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildRtp, looksLikeRtp, parseRtp } from '../../../../carrier-adapters/sip-t38/call/rtp.ts';

const HEADER = { marker: true, payloadType: 0, sequence: 65_535, timestamp: 0xfffffff0, ssrc: 0xdeadbeef };
const PAYLOAD = Uint8Array.from({ length: 160 }, (_, at) => at);

describe('RTP', () => {
  test('RFC 3550 §5.1: the fixed header stands in its twelve octets', () => {
    const packet = buildRtp(HEADER, PAYLOAD.subarray(0, 2));
    assert.equal(Buffer.from(packet).toString('hex'), '8080fffffffffff0deadbeef0001');
  });

  test('what is built is read again', () => {
    const { marker: _, ...header } = HEADER;
    assert.deepEqual(parseRtp(buildRtp(HEADER, PAYLOAD)), { ...header, payload: PAYLOAD });
  });

  test('numbers go round at their width', () => {
    const packet = parseRtp(buildRtp({ ...HEADER, sequence: 65_536 + 7, timestamp: 2 ** 32 + 9 }, PAYLOAD));
    assert.deepEqual([packet?.sequence, packet?.timestamp], [7, 9]);
  });

  test('CSRC list, extension and padding are no payload', () => {
    const written = Buffer.from(`b2080001000000020000000311111111222222220abc0001deadbeef${'55aa'}000003`, 'hex');
    assert.deepEqual([...(parseRtp(written)?.payload ?? [])], [0x55, 0xaa]);
  });

  test('no truncation is read as more than it is, and none throws', () => {
    const written = Buffer.from('b1080001000000020000000311111111ffff0001deadbeef55aa000003', 'hex');
    for (let length = 0; length < written.length; length++) {
      const packet = parseRtp(written.subarray(0, length));
      assert.ok(packet === null || packet.payload.length <= length - 12);
    }
  });

  for (const [what, hex] of [
    ['another version', '0080ffff00000000deadbeef'],
    ['a CSRC list that is longer than the packet', '8f80ffff00000000deadbeef00000000'],
    ['an extension that is longer than the packet', '9080ffff00000000deadbeef0000ffff00'],
    ['padding that is longer than the packet', 'a080ffff00000000deadbeef000000ff'],
    ['padding of no octet', 'a080ffff00000000deadbeef00000000'],
  ] as const) {
    test(`${what} is no packet`, () => assert.equal(parseRtp(Buffer.from(hex, 'hex')), null));
  }

  test('UDPTL is not taken for a straggler of the audio', () => {
    // Sequence 0, no-signal, no redundancy; and a long one with data.
    assert.equal(looksLikeRtp(Buffer.from('000001000000', 'hex'), 0), false);
    assert.equal(looksLikeRtp(Buffer.from(`0123${'40'.repeat(60)}`, 'hex'), 0), false);
    assert.equal(looksLikeRtp(buildRtp(HEADER, PAYLOAD), 0), true);
    assert.equal(looksLikeRtp(buildRtp({ ...HEADER, payloadType: 101 }, PAYLOAD), 0), false);
  });
});
