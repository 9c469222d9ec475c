import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Tally } from '../../../../carrier-adapters/sip-t38/call/tally.ts';
import type { LineState } from '../../../../carrier-adapters/sip-t38/t30/remote-station.ts';

const LINE: LineState = {
  modem: { modulation: 'V.17', rate: 14_400 },
  compression: 'MMR',
  ecm: true,
  frameSize: 256,
  retrains: 0,
  badFrames: 0,
};
const stateOf = ({ confirmed, pageInFlight, pageWhole }: Tally) => [confirmed, pageInFlight, pageWhole];

describe('what is known of the pages', () => {
  test('a page is in flight from its first octet and whole from its post-message command', () => {
    const tally = new Tally();
    assert.deepEqual(stateOf(tally), [0, false, false]);
    tally.step('DCS');
    tally.begun();
    assert.deepEqual(stateOf(tally), [0, true, false]);
    tally.step('EOP');
    assert.deepEqual(stateOf(tally), [0, true, true]);
    tally.pageDone(LINE);
    assert.deepEqual(stateOf(tally), [1, false, false]);
  });

  for (const command of ['MPS', 'EOM', 'EOP', 'PRI-EOP', 'PPS-MPS', 'PPS-EOM', 'PPS-EOP', 'EOR-EOP']) {
    test(`${command} says that the page is through`, () => {
      const tally = new Tally();
      tally.begun();
      tally.step(command);
      assert.equal(tally.pageWhole, true);
    });
  }

  for (const command of ['PPS-NULL', 'EOR-NULL', 'RR', 'DCS', 'CTC']) {
    test(`${command} does not`, () => {
      const tally = new Tally();
      tally.begun();
      tally.step(command);
      assert.deepEqual(stateOf(tally), [0, true, false]);
    });
  }

  test('PPR asks for parts again: the page is not whole until its next command', () => {
    const tally = new Tally();
    tally.begun();
    tally.step('PPS-EOP');
    tally.step('PPR');
    assert.equal(tally.pageWhole, false);
    tally.step('PPS-EOP');
    assert.equal(tally.pageWhole, true);
  });

  test('a page that was refused or is void is not in flight', () => {
    const tally = new Tally();
    tally.begun();
    tally.step('EOP');
    tally.step('RTN');
    assert.deepEqual(stateOf(tally), [0, false, false]);
    tally.begun();
    tally.pageVoid();
    assert.deepEqual(stateOf(tally), [0, false, false]);
  });

  test('a command without a page changes nothing', () => {
    const tally = new Tally();
    tally.step('EOP');
    assert.deepEqual(stateOf(tally), [0, false, false]);
  });
});
