import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fcd } from '../../../../../carrier-adapters/sip-t38/t30/ecm/frames.ts';
import { Alarms } from '../../../../../carrier-adapters/sip-t38/t30/phases/alarms.ts';
import { Ear } from '../../../../../carrier-adapters/sip-t38/t30/phases/ear.ts';

const V17 = { modulation: 'V.17', rate: 14_400 } as const;
const MCF = Uint8Array.of(0xff, 0xc8, 0x31);
const CSI = Uint8Array.of(0xff, 0xc0, 0x02, 0x0c);
const DIS = Uint8Array.of(0xff, 0xc8, 0x01, 0, 0x40, 0);

function ear() {
  const alarms = new Alarms();
  return { alarms, ear: new Ear(alarms) };
}

const good = (octets: Uint8Array) => ({ type: 'frame', octets, good: true }) as const;
const bad = (octets: Uint8Array) => ({ type: 'frame', octets, good: false }) as const;
const V21 = { type: 'carrier', modem: 'V.21' } as const;
const SILENCE = { type: 'no_carrier' } as const;

describe('a signal', () => {
  test('is complete when its carrier has gone', () => {
    const { ear: it } = ear();
    assert.deepEqual(it.hear(V21, 0), [{ what: 'carrier', of: 'V.21' }]);
    assert.equal(it.carrier, 'V.21');
    assert.deepEqual(it.hear(good(CSI), 100), []);
    assert.deepEqual(it.hear(good(DIS), 200), []);
    const [signal, silence] = it.hear(SILENCE, 210);
    assert.deepEqual(signal?.what === 'signal' ? signal.frames.map(({ fcf }) => fcf) : [], ['CSI', 'DIS']);
    assert.deepEqual(silence, { what: 'silence', of: 'V.21' });
    assert.equal(it.carrier, null);
  });

  test('is complete when another carrier comes', () => {
    const { ear: it } = ear();
    it.hear(good(MCF), 0);
    const heard = it.hear({ type: 'carrier', modem: V17 }, 10);
    assert.deepEqual(
      heard.map(({ what }) => what),
      ['signal', 'carrier'],
    );
  });

  test('is complete a moment after its final frame, and then the line is free', () => {
    const { alarms, ear: it } = ear();
    it.hear(V21, 0);
    it.hear(good(MCF), 100);
    assert.equal(alarms.dueAt('turn'), 400);
    assert.deepEqual(
      it.turn(400).map(({ what }) => what),
      ['signal'],
    );
    assert.equal(it.carrier, null);
  });

  test('has no frames where all were damaged or are no frames', () => {
    const { ear: it } = ear();
    it.hear(V21, 0);
    it.hear(bad(MCF), 1);
    it.hear(good(Uint8Array.of(1, 2, 3)), 2);
    assert.deepEqual(it.hear(SILENCE, 3)[0], { what: 'signal', frames: [] });
  });

  test('has sixteen frames at most', () => {
    const { ear: it } = ear();
    for (let i = 0; i < 1_000; i++) it.hear(good(CSI), i);
    const [signal] = it.hear(SILENCE, 2_000);
    assert.equal(signal?.what === 'signal' ? signal.frames.length : 0, 16);
  });

  test('that is to be forgotten never completes', () => {
    const { alarms, ear: it } = ear();
    it.hear(good(MCF), 0);
    it.forget();
    assert.equal(alarms.dueAt('turn'), null);
    assert.deepEqual(it.hear(SILENCE, 1), [{ what: 'silence', of: null }]);
  });
});

describe('frames of the message channel', () => {
  test('are told from control frames by what they are, whatever carrier was heard', () => {
    const { ear: it } = ear();
    const frame = fcd(3, Uint8Array.of(1), 64);
    assert.deepEqual(it.hear(good(frame), 0), [{ what: 'message_frame', octets: frame, good: true }]);
    it.hear(V21, 1);
    assert.deepEqual(it.hear(good(frame), 2), [{ what: 'message_frame', octets: frame, good: true }]);
  });

  test('damaged ones belong to the carrier that is up', () => {
    const { ear: it } = ear();
    it.hear({ type: 'carrier', modem: V17 }, 0);
    assert.deepEqual(it.hear(bad(MCF), 1), [{ what: 'message_frame', octets: MCF, good: false }]);
  });
});

describe('the wait for an answer', () => {
  test('stands still while a control signal is being heard, and goes on behind it', () => {
    const { alarms, ear: it } = ear();
    it.await(3_000);
    it.hear(V21, 2_900);
    assert.equal(alarms.dueAt('answer'), 12_900);
    it.hear(SILENCE, 4_000);
    assert.equal(alarms.dueAt('answer'), 3_000);
  });

  test('has an end whatever is heard', () => {
    const { alarms, ear: it } = ear();
    it.await(3_000);
    for (let now = 0; now < 100_000; now += 1_000) it.hear(V21, now);
    assert.equal(alarms.dueAt('answer'), 33_000);
  });

  test('for a command begins anew behind each signal, up to an end', () => {
    const { alarms, ear: it } = ear();
    it.awaitCommand(0);
    assert.equal(alarms.dueAt('answer'), 7_000);
    it.hear(V21, 5_000);
    it.hear(SILENCE, 6_000);
    assert.equal(alarms.dueAt('answer'), 13_000);
    for (let now = 7_000; now < 100_000; now += 1_000) it.hear(SILENCE, now);
    assert.equal(alarms.dueAt('answer'), 37_000);
  });

  test('does not care for a page', () => {
    const { alarms, ear: it } = ear();
    it.await(3_000);
    it.hear({ type: 'carrier', modem: V17 }, 2_900);
    assert.equal(alarms.dueAt('answer'), 3_000);
  });

  test('ends with rest', () => {
    const { alarms, ear: it } = ear();
    it.await(3_000);
    it.rest();
    it.hear(V21, 1);
    it.hear(SILENCE, 2);
    assert.equal(alarms.next, null);
  });
});
