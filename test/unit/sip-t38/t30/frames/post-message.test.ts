import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { infoOf, nameOf } from '../../../../../carrier-adapters/sip-t38/t30/frames/describe.ts';
import { encodeSignal, frame } from '../../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import {
  afterBlockOf,
  eor,
  postMessageOf,
  pps,
} from '../../../../../carrier-adapters/sip-t38/t30/frames/post-message.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('post-message commands (T.30 §5.3.6.1.6, §A.4.3)', () => {
  test('PPS of SpanDSP: the second FCF, then page, block and frames', () => {
    assert.deepEqual(encodeSignal([pps('EOP', octets('000096'))], true), [octets('ffc8fdf4000096')]);
  });

  for (const after of ['NULL', 'MPS', 'EOM', 'EOP'] as const) {
    test(`PPS-${after} and EOR-${after} are read as they are written`, () => {
      assert.deepEqual(afterBlockOf(pps(after, octets('000000'))), { after, interrupt: false });
      assert.deepEqual(afterBlockOf(eor(after)), { after, interrupt: false });
      assert.equal(nameOf(pps(after, octets('000000'))), `PPS-${after}`);
      assert.equal(nameOf(eor(after)), `EOR-${after}`);
    });
  }

  for (const [octet, after] of [
    [0xf9, 'EOM'],
    [0xfa, 'MPS'],
    [0xfc, 'EOP'],
    [0x7c, 'EOP'],
  ] as const) {
    test(`a second FCF of ${octet.toString(16)} is PRI-${after}`, () => {
      const heard = frame('PPS', Uint8Array.of(octet, 0, 0, 0));
      assert.deepEqual(afterBlockOf(heard), { after, interrupt: true });
      assert.equal(nameOf(heard), `PPS-PRI-${after}`);
    });
  }

  test('without a second FCF, or with one that says nothing of pages, nothing is said', () => {
    for (const fif of ['', '31000000', 'ff000000', 'f8000000']) {
      const heard = frame('PPS', octets(fif));
      assert.equal(afterBlockOf(heard), null);
      assert.equal(nameOf(heard), 'PPS-?');
    }
  });

  for (const [fcf, after, interrupt] of [
    ['MPS', 'MPS', false],
    ['EOM', 'EOM', false],
    ['EOP', 'EOP', false],
    ['PRI-MPS', 'MPS', true],
    ['PRI-EOM', 'EOM', true],
    ['PRI-EOP', 'EOP', true],
  ] as const) {
    test(`${fcf} says ${after}`, () => assert.deepEqual(postMessageOf(frame(fcf)), { after, interrupt }));
  }

  test('other frames say nothing of what follows', () => {
    for (const fcf of ['EOS', 'MCF', 'PPS', 'DCN'] as const) assert.equal(postMessageOf(frame(fcf)), null);
  });
});

describe('frames in the call ladder', () => {
  test('DIS and DCS say what they settle', () => {
    assert.equal(
      infoOf(frame('DIS', octets('00771f23018901010118'))),
      'V.27ter V.29 V.17 ECM MH MR MMR fine superfine 1728 unlimited',
    );
    assert.equal(infoOf(frame('DCS', octets('00461f22'))), 'V.17 14400 ECM 256 MMR 204×196 1728 unlimited');
    assert.equal(infoOf(frame('DCS', octets('004a00'))), 'unknown modem');
  });

  test('frames that hold a number say nothing', () => {
    for (const fcf of ['CSI', 'TSI', 'CIG', 'SUB', 'SEP', 'SID', 'PWD', 'NSF'] as const)
      assert.equal(infoOf(frame(fcf, octets('0c0c8c0cacacac'))), undefined);
  });
});
