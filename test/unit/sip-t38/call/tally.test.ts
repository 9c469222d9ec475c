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

/** A page (or a part of it) is given to the line, with its post-message command behind it. */
function send(tally: Tally, command: string): void {
  tally.begun();
  tally.step(command);
}

/** The page has left, and its command begins to. */
function leave(tally: Tally): void {
  tally.left('v17-14400-short-training');
  tally.left('v21-preamble');
}

describe('what is known of the pages', () => {
  test('a page is in flight from the moment in which it is given to the line, and whole when its command leaves', () => {
    const tally = new Tally();
    assert.deepEqual(stateOf(tally), [0, false, false]);
    send(tally, 'EOP');
    assert.deepEqual(stateOf(tally), [0, true, false]);
    tally.left('v17-14400-long-training');
    assert.deepEqual(stateOf(tally), [0, true, false]);
    tally.left('v21-preamble');
    assert.deepEqual(stateOf(tally), [0, true, true]);
    tally.pageDone(LINE);
    assert.deepEqual(stateOf(tally), [1, false, false]);
  });

  for (const command of ['MPS', 'EOM', 'EOP', 'PRI-EOP', 'PPS-MPS', 'PPS-EOM', 'PPS-EOP', 'EOR-EOP']) {
    test(`${command} says that the page is through`, () => {
      const tally = new Tally();
      send(tally, command);
      leave(tally);
      assert.equal(tally.pageWhole, true);
    });
  }

  for (const command of ['PPS-NULL', 'EOR-NULL']) {
    test(`${command} does not`, () => {
      const tally = new Tally();
      send(tally, command);
      leave(tally);
      assert.deepEqual(stateOf(tally), [0, true, false]);
    });
  }

  test('parts that are sent again make the page less than whole until its command leaves again', () => {
    const tally = new Tally();
    send(tally, 'PPS-EOP');
    leave(tally);
    tally.step('PPR');
    send(tally, 'PPS-EOP');
    assert.deepEqual(stateOf(tally), [0, true, false]);
    leave(tally);
    assert.equal(tally.pageWhole, true);
  });

  test('a page that was refused is not in flight', () => {
    const tally = new Tally();
    send(tally, 'EOP');
    leave(tally);
    tally.step('RTN');
    assert.deepEqual(stateOf(tally), [0, false, false]);
    send(tally, 'EOP');
    tally.pageRefused();
    assert.deepEqual(stateOf(tally), [0, false, false]);
  });

  test('signals without a page change nothing', () => {
    const tally = new Tally();
    tally.step('EOP');
    leave(tally);
    assert.deepEqual(stateOf(tally), [0, false, false]);
  });
});
