import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FCFS, type Fcf, fcfOctet, fcfOf } from '../../../../../carrier-adapters/sip-t38/t30/frames/fcf.ts';

/** T.30 §5.3.6.1 as it is written there. */
const TABLE: Readonly<Record<Fcf, string>> = {
  DIS: '0000 0001',
  CSI: '0000 0010',
  NSF: '0000 0100',
  DTC: '1000 0001',
  CIG: '1000 0010',
  NSC: '1000 0100',
  PWD: '1000 0011',
  SEP: '1000 0101',
  PSA: '1000 0110',
  CIA: '1000 0111',
  ISP: '1000 1000',
  DCS: 'X100 0001',
  TSI: 'X100 0010',
  NSS: 'X100 0100',
  SUB: 'X100 0011',
  SID: 'X100 0101',
  TSA: 'X100 0110',
  IRA: 'X100 0111',
  CTC: 'X100 1000',
  CFR: 'X010 0001',
  FTT: 'X010 0010',
  CTR: 'X010 0011',
  CSA: 'X010 0100',
  EOM: 'X111 0001',
  MPS: 'X111 0010',
  EOP: 'X111 0100',
  EOS: 'X111 1000',
  'PRI-EOM': 'X111 1001',
  'PRI-MPS': 'X111 1010',
  'PRI-EOP': 'X111 1100',
  PPS: 'X111 1101',
  EOR: 'X111 0011',
  RR: 'X111 0110',
  MCF: 'X011 0001',
  RTP: 'X011 0011',
  RTN: 'X011 0010',
  PIP: 'X011 0101',
  PIN: 'X011 0100',
  PID: 'X011 0110',
  FDM: 'X011 1111',
  PPR: 'X011 1101',
  RNR: 'X011 0111',
  ERR: 'X011 1000',
  DCN: 'X101 1111',
  CRP: 'X101 1000',
  FNV: 'X101 0011',
  TNR: 'X101 0111',
  TR: 'X101 0110',
};

describe('facsimile control field (T.30 §5.3.6.1)', () => {
  for (const fcf of FCFS) {
    const notation = TABLE[fcf].replace(' ', '');

    test(`${fcf} is ${TABLE[fcf]}`, () => {
      assert.equal(fcfOctet(fcf, false), Number.parseInt(notation.replace('X', '0'), 2));
      assert.equal(fcfOctet(fcf, true), Number.parseInt(notation.replace('X', '1'), 2));
    });

    test(`${fcf} is understood with either X bit where it has one`, () => {
      assert.equal(fcfOf(fcfOctet(fcf, true)), fcf);
      assert.equal(fcfOf(fcfOctet(fcf, false)), fcf);
    });
  }

  test('DTC is not DIS with an X bit', () => {
    assert.equal(fcfOf(0x81), 'DTC');
    assert.equal(fcfOf(0x01), 'DIS');
  });

  test('octets that are no signal have no name', () => {
    const known = new Set(FCFS.flatMap((fcf) => [fcfOctet(fcf, false), fcfOctet(fcf, true)]));
    for (let octet = 0; octet < 256; octet++) assert.equal(fcfOf(octet) !== null, known.has(octet), octet.toString(16));
  });

  test('FCD and RCP of the message channel are no control signals', () => {
    for (const octet of [0x60, 0x61, 0xe0, 0xe1]) assert.equal(fcfOf(octet), null);
  });
});
