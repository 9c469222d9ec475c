import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { T30Error } from '../../../../../carrier-adapters/sip-t38/t30/errors.ts';
import { Bits } from '../../../../../carrier-adapters/sip-t38/t30/frames/bits.ts';
import {
  ctcFif,
  type Dcs,
  type DcsResolution,
  dcsFif,
  parseCtc,
  parseDcs,
} from '../../../../../carrier-adapters/sip-t38/t30/frames/dcs.ts';
import { MODEMS } from '../../../../../carrier-adapters/sip-t38/t30/frames/modems.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (fif: Uint8Array) => Buffer.from(fif).toString('hex');

const FINE: Dcs = {
  internet: false,
  modem: { modulation: 'V.17', rate: 14_400 },
  compression: 'MMR',
  ecm: true,
  frameSize: 256,
  resolution: '204×196',
  width: 1728,
  length: 'unlimited',
  scanTime: 0,
  subaddress: false,
  senderId: false,
};

describe('DCS (T.30 §5.3.6.2.3, table 2)', () => {
  test('a DCS of SpanDSP is read and written as that machine does', () => {
    assert.deepEqual(parseDcs(octets('00461f22')), FINE);
    assert.equal(hex(dcsFif(FINE)), '00461f22');
  });

  test('its MR page without error correction in standard resolution', () => {
    const dcs: Dcs = { ...FINE, ecm: false, compression: 'MR', resolution: '204×98' };
    assert.equal(hex(dcsFif(dcs)), '00451e');
    assert.deepEqual(parseDcs(octets('00451e')), dcs);
  });

  for (const modem of MODEMS) {
    test(`${modem.modulation} at ${modem.rate} is read as it is written, in DCS and in CTC`, () => {
      assert.deepEqual(parseDcs(dcsFif({ ...FINE, modem })), { ...FINE, modem });
      assert.equal(ctcFif(modem).length, 2);
      assert.deepEqual(parseCtc(ctcFif(modem)), modem);
    });
  }

  const resolutions: DcsResolution[] = [
    '204×98',
    '204×196',
    '204×391',
    '408×391',
    '200×100',
    '200×200',
    '200×400',
    '300×300',
    '400×400',
  ];
  for (const resolution of resolutions) {
    test(`${resolution} is read as it is written`, () => {
      assert.deepEqual(parseDcs(dcsFif({ ...FINE, resolution })), { ...FINE, resolution });
    });
  }

  for (const change of [
    { width: 2048 },
    { width: 2432 },
    { length: 'A4' },
    { length: 'B4' },
    { compression: 'MH' },
    { compression: 'MR' },
    { frameSize: 64 },
    { scanTime: 5 },
    { scanTime: 10 },
    { scanTime: 20 },
    { scanTime: 40 },
    { internet: true },
    { subaddress: true },
    { senderId: true },
  ] satisfies Partial<Dcs>[]) {
    test(`${JSON.stringify(change)} is read as it is written`, () => {
      assert.deepEqual(parseDcs(dcsFif({ ...FINE, ...change })), { ...FINE, ...change });
    });
  }

  test('T.6 without error correction is no T.6 (table 2, bit 31)', () => {
    const read = parseDcs(new Bits().set(10).write(11, '0001').set(31).fif());
    assert.equal(typeof read === 'string' ? read : read.compression, 'MH');
  });

  for (const bits of ['0010', '0110', '1010', '0011', '1111']) {
    test(`bits 11 to 14 of ${bits} command no modem that we have`, () => {
      assert.equal(parseDcs(new Bits().set(10).write(11, bits).fif()), 'modem');
      assert.equal(parseCtc(new Bits().write(11, bits).fif()), null);
    });
  }

  for (const bit of [26, 36, 53, 60, 62, 68, 78, 79, 105, 106, 107, 108, 109]) {
    test(`bit ${bit} announces something other than a fax page`, () => {
      assert.equal(parseDcs(new Bits().set(10).write(11, '0001').set(bit).fif()), 'coding');
    });
  }

  test('every truncation is read or refused', () => {
    const whole = octets('00461f2201890101');
    for (let length = 0; length <= whole.length; length++) {
      const read = parseDcs(whole.subarray(0, length));
      assert.equal(typeof read === 'string' ? read : read.modem.rate, length < 2 ? 2_400 : 14_400);
    }
    assert.deepEqual(parseCtc(octets('00')), { modulation: 'V.27ter', rate: 2_400 });
  });

  test('a modem that no modulation has is our own fault', () => {
    const modem = { modulation: 'V.29', rate: 14_400 } as const;
    const unfit = (error: unknown) => error instanceof T30Error && error.code === 'unfit_value';
    assert.throws(() => dcsFif({ ...FINE, modem }), unfit);
    assert.throws(() => ctcFif(modem), unfit);
  });
});
