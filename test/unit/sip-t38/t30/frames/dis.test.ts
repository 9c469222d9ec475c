import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disFif, parseCapabilities } from '../../../../../carrier-adapters/sip-t38/t30/frames/dis.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('DIS (T.30 §5.3.6.2.1, table 2)', () => {
  test('the DIS of a SpanDSP receiver says what that receiver can', () => {
    assert.deepEqual(parseCapabilities(octets('00771f23018901010118')), {
      internet: false,
      receives: true,
      canBePolled: false,
      modems: { modulations: ['V.27ter', 'V.29', 'V.17'], slow: false },
      fine: true,
      superfine: true,
      dpi300: false,
      dpi400: false,
      twoDimensional: true,
      t6: true,
      ecm: true,
      prefers64: false,
      width: 1728,
      length: 'unlimited',
      scanTimes: { standard: 0, fine: 0, superfine: 0 },
      subaddress: false,
      senderId: false,
    });
  });

  test('the smallest machine of T.4: V.27 ter at 2400, standard resolution, MH, A4, 20 ms', () => {
    const smallest = parseCapabilities(octets('004000'));
    assert.deepEqual(smallest.modems, { modulations: ['V.27ter'], slow: true });
    assert.deepEqual(smallest.scanTimes, { standard: 20, fine: 20, superfine: 20 });
    const { fine, superfine, twoDimensional, t6, ecm, width, length } = smallest;
    assert.deepEqual(
      { fine, superfine, twoDimensional, t6, ecm, width, length },
      {
        fine: false,
        superfine: false,
        twoDimensional: false,
        t6: false,
        ecm: false,
        width: 1728,
        length: 'A4',
      },
    );
  });

  test('our DIS is read as what it was made of', () => {
    const modems = { modulations: ['V.27ter', 'V.29', 'V.17'], slow: false } as const;
    const read = parseCapabilities(disFif({ internet: true, modems, ecm: true, width: 2432 }));
    assert.deepEqual(read, {
      internet: true,
      receives: true,
      canBePolled: false,
      modems,
      fine: true,
      superfine: true,
      dpi300: true,
      dpi400: true,
      twoDimensional: true,
      t6: true,
      ecm: true,
      prefers64: false,
      width: 2432,
      length: 'unlimited',
      scanTimes: { standard: 0, fine: 0, superfine: 0 },
      subaddress: true,
      senderId: false,
    });
  });

  test('without error correction there is no T.6 either', () => {
    const read = parseCapabilities(
      disFif({ internet: false, modems: { modulations: ['V.27ter'], slow: false }, ecm: false, width: 1728 }),
    );
    assert.equal(read.ecm, false);
    assert.equal(read.t6, false);
  });

  for (const [notation, width] of [
    ['00', 1728],
    ['10', 2048],
    ['01', 2432],
    ['11', 2432],
  ] as const) {
    test(`bits 17 and 18 of ${notation} are lines of ${width}`, () => {
      const octet = Number.parseInt(`${notation}000000`, 2);
      assert.equal(parseCapabilities(Uint8Array.of(0, 0x40, octet)).width, width);
    });
  }

  for (const [notation, length] of [
    ['00', 'A4'],
    ['10', 'B4'],
    ['01', 'unlimited'],
    ['11', 'unlimited'],
  ] as const) {
    test(`bits 19 and 20 of ${notation} are paper of ${length}`, () => {
      const octet = Number.parseInt(`00${notation}0000`, 2);
      assert.equal(parseCapabilities(Uint8Array.of(0, 0x40, octet)).length, length);
    });
  }

  for (const [notation, modulations, slow] of [
    ['0000', ['V.27ter'], true],
    ['0100', ['V.27ter'], false],
    ['1000', ['V.29'], false],
    ['1100', ['V.27ter', 'V.29'], false],
    ['1110', ['V.27ter', 'V.29'], false],
    ['1101', ['V.27ter', 'V.29', 'V.17'], false],
    ['0011', ['V.27ter'], true],
  ] as const) {
    test(`bits 11 to 14 of ${notation} are ${modulations.join(', ')}${slow ? ' at 2400 bit/s' : ''}`, () => {
      const octet = Number.parseInt(`01${notation}00`, 2);
      assert.deepEqual(parseCapabilities(Uint8Array.of(0, octet, 0)).modems, { modulations, slow });
    });
  }

  for (const [notation, standard, fine, superfine] of [
    ['000', 20, 20, 10],
    ['001', 40, 40, 20],
    ['010', 10, 10, 5],
    ['100', 5, 5, 5],
    ['011', 10, 5, 5],
    ['110', 20, 10, 5],
    ['101', 40, 20, 10],
    ['111', 0, 0, 0],
  ] as const) {
    test(`bits 21 to 23 of ${notation} are ${standard}, ${fine} and with bit 46 ${superfine} ms`, () => {
      const octet = Number.parseInt(`0000${notation}1`, 2);
      const times = parseCapabilities(Uint8Array.of(0, 0x40, octet, 1, 1, 0x04)).scanTimes;
      assert.deepEqual(times, { standard, fine, superfine });
      const without = parseCapabilities(Uint8Array.of(0, 0x40, octet, 0)).scanTimes;
      assert.equal(without.superfine, fine);
    });
  }

  test('every truncation says something', () => {
    const whole = octets('00771f23018901010118');
    for (let length = 0; length <= whole.length; length++) {
      const read = parseCapabilities(whole.subarray(0, length));
      assert.equal(read.receives, length >= 2);
      assert.equal(read.ecm, length >= 4);
      assert.equal(read.superfine, length >= 6);
    }
  });
});
