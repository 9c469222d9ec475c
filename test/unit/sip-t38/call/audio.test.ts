import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AudioStream } from '../../../../carrier-adapters/sip-t38/call/audio.ts';
import { buildRtp, parseRtp } from '../../../../carrier-adapters/sip-t38/call/rtp.ts';
import { tonePackets } from '../../../../carrier-adapters/sip-t38/call/tones.ts';
import type { AudioMedia } from '../../../../carrier-adapters/sip-t38/sdp/media.ts';

const MEDIA: AudioMedia = {
  kind: 'audio',
  local: { address: '192.0.2.1', port: 40_000 },
  remote: { address: '192.0.2.2', port: 30_000 },
  codec: 'PCMU',
  payloadType: 0,
  direction: 'sendrecv',
};
const random = (octets: number) => new Uint8Array(octets).fill(0xff);

/** Runs the stream's own deadlines from `from` to `to`. */
function run(stream: AudioStream, from: number, to: number) {
  const sent: { readonly at: number; readonly packet: ReturnType<typeof parseRtp> }[] = [];
  for (let at = stream.deadline; at !== null && at <= to; at = stream.deadline) {
    const now = Math.max(at, from);
    for (const packet of stream.time(now)) sent.push({ at: now, packet: parseRtp(packet) });
  }
  return sent;
}

describe('audio before T.38', () => {
  test('a packet leaves every 20 ms, numbered and timed without a gap', () => {
    const stream = new AudioStream(MEDIA, 'cng', random, 1_000);
    const sent = run(stream, 1_000, 2_000);
    assert.equal(sent.length, 51);
    for (const [index, { at, packet }] of sent.entries()) {
      assert.equal(at, 1_000 + 20 * index);
      assert.equal(packet?.sequence, (0xffff + index) & 0xffff);
      assert.equal(packet?.timestamp, (0xffffffff + 160 * index) >>> 0);
      assert.equal(packet?.payload.length, 160);
    }
  });

  test('a turn that comes a little late sends what is due; one that slept leaves it out and has no gap in its numbers', () => {
    const stream = new AudioStream(MEDIA, 'cng', random, 0);
    assert.equal(stream.time(0).length, 1);
    assert.equal(stream.time(100).length, 5);
    const late = stream.time(10_000).map((packet) => parseRtp(packet));
    assert.equal(late.length, 1);
    assert.equal(late[0]?.sequence, (0xffff + 6) & 0xffff);
    assert.equal(late[0]?.timestamp, (0xffffffff + 160 * 500) >>> 0);
  });

  test('RFC 3264 §5.1: nothing is sent to a far end that is on hold or only sends', () => {
    for (const change of [{ remote: null }, { direction: 'recvonly' }, { direction: 'inactive' }] as const) {
      const stream = new AudioStream({ ...MEDIA, ...change }, 'cng', random, 0);
      assert.equal(stream.deadline, null);
      assert.deepEqual(stream.time(1_000), []);
    }
  });

  test('tones of the negotiated coding are heard, other payloads and rubbish are not', () => {
    const header = { marker: false, sequence: 0, timestamp: 0, ssrc: 1 };
    const { ced } = tonePackets('PCMU');
    const stream = new AudioStream(MEDIA, 'cng', random, 0);
    const other = Array.from({ length: 50 }, () => stream.hear(buildRtp({ ...header, payloadType: 101 }, ced)));
    assert.deepEqual(new Set(other), new Set([null]));
    assert.equal(stream.hear(new Uint8Array(3)), null);
    const heard = Array.from({ length: 50 }, () => stream.hear(buildRtp({ ...header, payloadType: 0 }, ced)));
    assert.deepEqual(
      heard.filter((tone) => tone !== null),
      ['ced'],
    );
  });
});
