import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeSample } from '../../../../carrier-adapters/sip-t38/call/g711.ts';
import { type FaxTone, ToneEar, toneAt, tonePackets } from '../../../../carrier-adapters/sip-t38/call/tones.ts';

/** What an ear makes of `seconds` of a signal (amplitude 1 is full scale). */
function heard(seconds: number, signal: (time: number) => number, coding: 'PCMU' | 'PCMA' = 'PCMU'): FaxTone[] {
  const ear = new ToneEar();
  const found: FaxTone[] = [];
  for (let packet = 0; packet < seconds * 50; packet++) {
    const payload = Uint8Array.from({ length: 160 }, (_, at) =>
      encodeSample(coding, Math.round(32_000 * signal((packet * 160 + at) / 8_000))),
    );
    const tone = ear.hear(coding, payload);
    if (tone !== null) found.push(tone);
  }
  return found;
}

const sine =
  (frequency: number, amplitude = 0.1) =>
  (time: number) =>
    amplitude * Math.sin(2 * Math.PI * frequency * time);

/** V.21 channel 2 at 300 bit/s: a one is 1650 Hz, a zero 1850 Hz; flags are 01111110. */
function flags(): (time: number) => number {
  let phase = 0;
  let last = 0;
  return (time) => {
    const bit = Math.floor(time * 300) % 8;
    phase += 2 * Math.PI * (bit === 0 || bit === 7 ? 1_850 : 1_650) * (time - last);
    last = time;
    return 0.1 * Math.sin(phase);
  };
}

describe('tones', () => {
  test('T.30 §4.2: CNG is 0.5 s on and 3 s off, again and again', () => {
    const packets = tonePackets('PCMA');
    const on = Array.from({ length: 350 }, (_, index) => toneAt('cng', index, packets) === packets.cng);
    assert.deepEqual(
      on.flatMap((now, index) => (now === (on[index - 1] ?? false) ? [] : [index * 20])),
      [0, 500, 3_500, 4_000],
    );
  });

  test('T.30 §4.3.3: CED lasts between 2.6 and 4 s, once', () => {
    const packets = tonePackets('PCMU');
    const on = Array.from({ length: 1_000 }, (_, index) => toneAt('ced', index, packets) === packets.ced);
    const length = on.filter(Boolean).length * 20;
    assert.ok(length >= 2_600 && length <= 4_000);
    assert.equal(on.indexOf(false) * 20, length);
  });

  test('what we play is what we hear', () => {
    for (const coding of ['PCMU', 'PCMA'] as const) {
      for (const tone of ['cng', 'ced'] as const) {
        const ear = new ToneEar();
        const heard = Array.from({ length: 25 }, () => ear.hear(coding, tonePackets(coding)[tone]));
        assert.deepEqual(
          heard.filter((one) => one !== null),
          [tone],
        );
      }
    }
  });

  test('a tone is told once for as long as it lasts, and a faint or slightly detuned one as well', () => {
    assert.deepEqual(heard(3, sine(2_100)), ['ced']);
    assert.deepEqual(heard(3, sine(2_100 + 15, 0.01)), ['ced']);
    assert.deepEqual(heard(0.5, sine(1_100 - 38)), ['cng']);
  });

  test('the flags of a preamble are a fax machine', () => assert.deepEqual(heard(1, flags()), ['v21']));

  test('silence, dial tones, speech-like mixtures and noise are none', () => {
    let seed = 1;
    const noise = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return 0.2 * (seed / 2 ** 30 - 1);
    };
    const voice = (time: number) =>
      [150, 300, 700, 1_100, 2_100].reduce((sum, frequency) => sum + sine(frequency, 0.05)(time), 0);
    for (const signal of [() => 0, sine(425), sine(440), sine(1_004), noise, voice]) {
      assert.deepEqual(heard(5, signal), []);
    }
  });

  test('a burst that is too short is none', () => {
    assert.deepEqual(
      heard(4, (time) => (time % 0.5 < 0.2 ? sine(2_100)(time) : 0)),
      [],
    );
  });

  test('payloads of any length and content are taken', () => {
    const ear = new ToneEar();
    for (const length of [0, 1, 159, 160, 161, 1_000]) assert.equal(ear.hear('PCMU', new Uint8Array(length)), null);
  });
});
