import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { T30Error } from '../../../../../carrier-adapters/sip-t38/t30/errors.ts';
import { encodeSignal, frame, MAX_FIF, parseFrame } from '../../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('frames of the control channel (T.30 §5.3)', () => {
  test('the last frame of a signal, and only that, has the final bit', () => {
    const signal = encodeSignal([frame('CSI', octets('aa')), frame('DIS', octets('00771f'))], false);
    assert.deepEqual(signal, [octets('ffc002aa'), octets('ffc80100771f')]);
  });

  test('X is 1 in the frames of the station that has received DIS', () => {
    assert.deepEqual(encodeSignal([frame('DCN')], true), [octets('ffc8df')]);
    assert.deepEqual(encodeSignal([frame('DCN')], false), [octets('ffc85f')]);
  });

  test('what is encoded is read again', () => {
    const [first, second] = encodeSignal([frame('TSI', octets('0102')), frame('DCS', octets('0046'))], true);
    assert.deepEqual(first && parseFrame(first), { fcf: 'TSI', final: false, fif: octets('0102') });
    assert.deepEqual(second && parseFrame(second), { fcf: 'DCS', final: true, fif: octets('0046') });
  });

  for (const [what, hex] of [
    ['without octets', ''],
    ['of an address alone', 'ff'],
    ['without FCF', 'ffc8'],
    ['with another address', 'fec801'],
    ['with another control field', 'ffc001'.replace('c0', 'd0')],
    ['with the control field of an image', 'ff0301'],
    ['with an FCF that T.30 does not have', 'ffc800'],
  ] as const) {
    test(`a frame ${what} is none`, () => assert.equal(parseFrame(octets(hex)), null));
  }

  test('octets of a FIF over the longest one are left out', () => {
    const heard = parseFrame(Uint8Array.of(0xff, 0xc0, 0x04, ...new Uint8Array(4_000)));
    assert.equal(heard?.fif.length, MAX_FIF);
  });

  test('a FIF of a frame that is heard is its own: what the line does with its octets does not change it', () => {
    const heard = octets('ffc80100771f');
    const parsed = parseFrame(heard);
    heard.fill(0);
    assert.deepEqual(parsed?.fif, octets('00771f'));
  });

  test('a FIF that is too long is not sent', () => {
    assert.throws(
      () => frame('NSF', new Uint8Array(MAX_FIF + 1)),
      (error) => error instanceof T30Error && error.code === 'unfit_value',
    );
  });
});
