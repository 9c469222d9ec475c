import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Bits } from '../../../../../carrier-adapters/sip-t38/t30/frames/bits.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (fif: Uint8Array) => Buffer.from(fif).toString('hex');

describe('bits of DIS and DCS (T.30 table 2)', () => {
  test('bit 1 is the first one sent, and there are three octets at least', () => {
    assert.equal(hex(new Bits().fif()), '000000');
    assert.equal(hex(new Bits().set(1).fif()), '800000');
    assert.equal(hex(new Bits().set(8).set(9).fif()), '018000');
  });

  test('bit 24 and each eighth one behind it say that another octet follows', () => {
    assert.equal(hex(new Bits().set(27).fif()), '00000120');
    assert.equal(hex(new Bits().set(41).fif()), '000001010180');
  });

  test('bits 8 and 16 are no extension bits', () => {
    assert.equal(new Bits(octets('000000')).has(17), false);
    assert.equal(hex(new Bits().set(16).fif()), '000100');
  });

  for (let bit = 1; bit <= 127; bit++) {
    if (bit >= 24 && bit % 8 === 0) continue;
    test(`bit ${bit} is read where it is written`, () => {
      const read = new Bits(new Bits().set(bit).fif());
      const set = Array.from({ length: 127 }, (_, i) => i + 1).filter((n) => !(n >= 24 && n % 8 === 0) && read.has(n));
      assert.deepEqual(set, [bit]);
    });
  }

  test('octets behind one without an extension bit are none', () => {
    assert.equal(new Bits(octets('000000ff')).has(25), false);
    assert.equal(new Bits(octets('00000100ff')).has(33), false);
  });

  test('every truncation reads as zeros', () => {
    const whole = octets('00771f23018901010118');
    for (let length = 0; length <= whole.length; length++) {
      const bits = new Bits(whole.subarray(0, length));
      for (let bit = length * 8 + 1; bit <= 128; bit++) assert.equal(bits.has(bit), false, `${length}: bit ${bit}`);
      assert.equal(bits.has(10), length >= 2);
    }
  });

  test('a FIF of any length is read up to bit 128', () => {
    assert.equal(new Bits(new Uint8Array(5_000).fill(0xff)).has(129), false);
  });

  test('groups are read and written in the notation of the table', () => {
    const bits = new Bits().write(11, '0101').write(21, '111');
    assert.equal(bits.read(11, 4), '0101');
    assert.equal(bits.read(21, 3), '111');
    assert.equal(bits.read(17, 4), '0000');
  });
});
