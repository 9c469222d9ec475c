import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeFrame, type Frame, FrameReader } from '../../../carrier-adapters/loopback/wire/frame.ts';

const FRAME = encodeFrame({ kind: 'ask', id: 7, head: { ask: 'x' }, data: Uint8Array.of(1, 2, 3) });
const plain = ({ kind, id, head, data }: Frame) => ({ kind, id, head, data: [...data] });
const EXPECTED = { kind: 'ask', id: 7, head: { ask: 'x' }, data: [1, 2, 3] };

describe('frames', () => {
  test('whatever the pieces in which they arrive, the same frames come out', () => {
    const stream = Uint8Array.of(...FRAME, ...FRAME);
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new FrameReader();
      const seen = [stream.subarray(0, cut), stream.subarray(cut)].flatMap((part) => [...reader.read(part)].map(plain));
      assert.deepEqual(seen, [EXPECTED, EXPECTED]);
    }
  });

  test('every truncation waits for more and yields nothing', () => {
    for (let length = 0; length < FRAME.length; length++) {
      assert.deepEqual([...new FrameReader().read(FRAME.subarray(0, length))], []);
    }
  });

  test('a part of a buffer that is overwritten later is kept whole', () => {
    const reader = new FrameReader();
    const buffer = Buffer.from(FRAME.subarray(0, 12));
    assert.deepEqual([...reader.read(buffer)], []);
    buffer.fill(0xff);
    assert.deepEqual([...reader.read(FRAME.subarray(12))].map(plain), [EXPECTED]);
  });

  for (const [what, at, value] of [
    ['a length beyond the limit', 1, 0xff],
    ['a length below the header', 3, 6],
    ['an unknown kind', 4, 3],
    ['a head longer than the frame', 9, 0xff],
  ] as const) {
    test(`${what} throws`, () => {
      const broken = FRAME.slice();
      broken[at] = value;
      assert.throws(() => [...new FrameReader().read(broken)]);
    });
  }

  test('a head that is no UTF-8 throws', () => {
    const broken = FRAME.slice();
    broken[12] = 0xff;
    assert.throws(() => [...new FrameReader().read(broken)]);
  });

  test('nothing longer than its limit is made', () => {
    assert.throws(() => encodeFrame({ kind: 'ask', id: 1, head: 'x'.repeat(9_000) }), RangeError);
    assert.throws(() => encodeFrame({ kind: 'ask', id: 1, head: {}, data: new Uint8Array(16_385) }), RangeError);
  });
});
