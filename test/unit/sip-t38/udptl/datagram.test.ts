import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildDatagram, type Datagram, parseDatagram } from '../../../../carrier-adapters/sip-t38/udptl/datagram.ts';

const octets = (...lengths: number[]) => lengths.map((length) => Uint8Array.from({ length }, (_, i) => i * 7 + length));

const SAMPLES: Readonly<Record<string, Datagram>> = {
  'no recovery data': { sequence: 0, primary: Uint8Array.of(2), redundancy: { kind: 'secondary', parts: [] } },
  'three packets before': {
    sequence: 65_535,
    primary: Uint8Array.of(6),
    redundancy: { kind: 'secondary', parts: octets(7, 1, 3) },
  },
  'parity of three by three': {
    sequence: 258,
    primary: Uint8Array.of(6),
    redundancy: { kind: 'parity', span: 3, parts: octets(7, 7, 5) },
  },
  'parts of 127, 128 and 300 octets': {
    sequence: 7,
    primary: new Uint8Array(300).fill(9),
    redundancy: { kind: 'secondary', parts: octets(127, 128) },
  },
};

describe('a UDPTL datagram', () => {
  for (const [name, sample] of Object.entries(SAMPLES)) {
    test(`with ${name} is read as it was built`, () => {
      assert.deepEqual(parseDatagram(buildDatagram(sample)), sample);
    });

    test(`with ${name} that is cut short is refused, or taken without what is missing`, () => {
      const whole = buildDatagram(sample);
      const primaryEnd = 2 + (sample.primary.length < 128 ? 1 : 2) + sample.primary.length;
      for (let length = 0; length < whole.length; length++) {
        const read = parseDatagram(whole.subarray(0, length));
        if (length < primaryEnd) assert.equal(read, null);
        else assert.deepEqual(read, { ...sample, redundancy: { kind: 'secondary', parts: [] } });
      }
    });
  }

  test('a length of 128 octets and more takes two octets, as X.691 writes it', () => {
    const bytes = buildDatagram({
      sequence: 1,
      primary: new Uint8Array(300),
      redundancy: { kind: 'secondary', parts: [] },
    });
    assert.deepEqual([...bytes.subarray(0, 4)], [0, 1, 0x81, 0x2c]);
  });

  test('a packet without octets, and one in fragments, are refused', () => {
    assert.equal(parseDatagram(Uint8Array.of(0, 1, 0, 0, 0)), null);
    assert.equal(parseDatagram(Uint8Array.of(0, 1, 0xc1, 0, 0, 0)), null);
  });

  for (const [name, tail] of Object.entries({
    'more parts than can be': [0, 33, ...new Array(33).fill(0)],
    'a span of 17': [0x80, 1, 17, 1, 1, 5],
    'a span in two octets': [0x80, 2, 0, 3, 1, 1, 5],
    'a negative span': [0x80, 1, 0xff, 1, 1, 5],
    'nine entries over eight packets each': [0x80, 1, 8, 9, ...new Array(9).fill(0)],
    'a count that is not there': [0x80, 1, 3],
  })) {
    test(`${name}: the packet itself is taken, its recovery data is not`, () => {
      const read = parseDatagram(Uint8Array.of(0, 1, 1, 6, ...tail));
      assert.deepEqual(read, { sequence: 1, primary: Uint8Array.of(6), redundancy: { kind: 'secondary', parts: [] } });
    });
  }
});
