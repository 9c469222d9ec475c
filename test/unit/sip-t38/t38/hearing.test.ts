import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineEvent, Modem } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import type { DataType } from '../../../../carrier-adapters/sip-t38/t38/data-type.ts';
import type { Field, FieldType } from '../../../../carrier-adapters/sip-t38/t38/field.ts';
import type { Ifp } from '../../../../carrier-adapters/sip-t38/t38/ifp.ts';
import type { Indicator } from '../../../../carrier-adapters/sip-t38/t38/indicator.ts';
import { UdptlReceiver } from '../../../../carrier-adapters/sip-t38/udptl/receiver.ts';
import { CALLS, NO_CAPTURES, udptlOf } from '../../../vectors/sip-t38/captures.ts';
import { Bench, joined } from './wire.ts';

const V17: Modem = { modulation: 'V.17', rate: 14_400 };
const DIS = [0xff, 0xc8, 0x01, 0x00, 0x77];

const ind = (indicator: Indicator): Ifp => ({ kind: 'indicator', indicator });
const field = (type: FieldType, data?: readonly number[]): Field => ({
  type,
  data: data === undefined ? null : Uint8Array.from(data),
});
const data = (dataType: DataType, ...fields: Field[]): Ifp => ({ kind: 'data', dataType, fields });
const v21 = (...fields: Field[]) => data('v21', ...fields);
const v17 = (...fields: Field[]) => data('v17-14400', ...fields);
/** A packet before which as many were lost. */
const after = (lost: number, ifp: Ifp) => ({ lost, ifp });

/** What is heard of packets 20 ms apart; `wait`: so long after them. */
function heard(packets: readonly (Ifp | { lost: number; ifp: Ifp })[], wait = 0): LineEvent[] {
  const bench = new Bench();
  for (const packet of packets) {
    const { lost, ifp } = 'ifp' in packet ? packet : { lost: 0, ifp: packet };
    bench.until(bench.now + 20);
    bench.hear(ifp, bench.now, lost);
  }
  bench.until(bench.now + wait);
  return bench.heard;
}

const carrier = (modem: Modem | 'V.21'): LineEvent => ({ type: 'carrier', modem });
const frame = (octets: readonly number[], good = true): LineEvent => ({
  type: 'frame',
  octets: Uint8Array.from(octets),
  good,
});
const bits = (...octets: number[]): LineEvent => ({ type: 'data', octets: Uint8Array.from(octets) });
const NO_CARRIER: LineEvent = { type: 'no_carrier' };

const WHOLE = [carrier('V.21'), frame(DIS), NO_CARRIER];

describe('a T.38 terminal that hears', () => {
  test('a frame in one octet a packet, and its FCS in another', () => {
    const packets = DIS.map((octet) => v21(field('hdlc-data', [octet])));
    assert.deepEqual(
      heard([ind('v21-preamble'), ...packets, v21(field('hdlc-fcs-OK-sig-end')), ind('no-signal')]),
      WHOLE,
    );
  });

  test('a whole signal in one packet', () => {
    assert.deepEqual(heard([v21(field('hdlc-data', DIS), field('hdlc-fcs-OK'), field('hdlc-sig-end'))]), WHOLE);
  });

  test('indicators that come several times, also between frames, are one', () => {
    const preamble = ind('v21-preamble');
    const one = [v21(field('hdlc-data', DIS)), v21(field('hdlc-fcs-OK'))];
    const got = heard([preamble, preamble, ...one, preamble, ...one, ind('no-signal'), ind('no-signal')]);
    assert.deepEqual(got, [carrier('V.21'), frame(DIS), frame(DIS), NO_CARRIER]);
  });

  test('tones, each once', () => {
    const got = heard([ind('cng'), ind('cng'), ind('no-signal'), ind('cng'), ind('ced'), ind('ced'), ind('v8-ansam')]);
    const tone = (name: 'cng' | 'ced'): LineEvent => ({ type: 'tone', tone: name });
    assert.deepEqual(got, [tone('cng'), tone('cng'), tone('ced'), tone('ced')]);
  });

  test('an FCS that the far end found bad', () => {
    const got = heard([ind('v21-preamble'), v21(field('hdlc-data', DIS)), v21(field('hdlc-fcs-BAD-sig-end'))]);
    assert.deepEqual(got, [carrier('V.21'), frame(DIS, false), NO_CARRIER]);
  });

  test('a page, and the end of its signal said in either way', () => {
    for (const end of ['t4-non-ecm-sig-end', 'hdlc-sig-end'] as const) {
      const got = heard([
        ind('v17-14400-long-training'),
        v17(field('t4-non-ecm-data', [1, 2])),
        v17(field('t4-non-ecm-data', [3])),
        v17(field(end)),
      ]);
      assert.deepEqual(got, [carrier(V17), bits(1, 2, 3), NO_CARRIER]);
    }
  });

  test('bits that trail behind the end of their signal are passed over', () => {
    const got = heard([
      ind('v17-14400-long-training'),
      v17(field('t4-non-ecm-data', [0])),
      v17(field('t4-non-ecm-sig-end')),
      v17(field('t4-non-ecm-data', [9])),
      ind('no-signal'),
    ]);
    assert.deepEqual(got, [carrier(V17), bits(0), NO_CARRIER]);
  });

  test('a signal ends with the next one when its own end was lost', () => {
    const got = heard([
      ind('v17-14400-short-training'),
      v17(field('t4-non-ecm-data', [1])),
      after(2, ind('v21-preamble')),
      v21(field('hdlc-data', DIS), field('hdlc-fcs-OK-sig-end')),
    ]);
    assert.deepEqual(got, [carrier(V17), { ...bits(1) }, { ...bits(), gap: 2 }, NO_CARRIER, ...WHOLE]);
  });

  test('the same modem trained anew is a new signal', () => {
    const page = [ind('v17-14400-short-training'), v17(field('t4-non-ecm-data', [1]))];
    assert.deepEqual(heard([...page, ...page, ind('no-signal')]), [
      carrier(V17),
      bits(1),
      NO_CARRIER,
      carrier(V17),
      bits(1),
      NO_CARRIER,
    ]);
  });

  test('data begin their signal by themselves when its indicator was lost', () => {
    assert.deepEqual(heard([after(1, v21(field('hdlc-data', DIS))), v21(field('hdlc-fcs-OK-sig-end'))]), WHOLE);
  });

  test('a loss within a frame makes it bad, and the next one is good again', () => {
    const got = heard([
      ind('v21-preamble'),
      v21(field('hdlc-data', [0xff, 0xc8])),
      after(1, v21(field('hdlc-data', [0x77]))),
      v21(field('hdlc-fcs-OK')),
      v21(field('hdlc-data', DIS), field('hdlc-fcs-OK-sig-end')),
    ]);
    assert.deepEqual(got, [carrier('V.21'), frame([0xff, 0xc8, 0x77], false), frame(DIS), NO_CARRIER]);
  });

  test('a loss between frames: a control frame is believed when it begins as one, a frame of a page never', () => {
    const ecm = [0xff, 0xc0, 0x60, 0x00, 0x11];
    for (const [first, good] of [
      [DIS, true],
      [DIS.slice(1), false],
    ] as const) {
      const got = heard([ind('v21-preamble'), after(1, v21(field('hdlc-data', first))), v21(field('hdlc-fcs-OK'))]);
      assert.deepEqual(got, [carrier('V.21'), frame(first, good)]);
    }
    const got = heard([
      ind('v17-14400-short-training'),
      v17(field('hdlc-data', ecm), field('hdlc-fcs-OK')),
      after(1, v17(field('hdlc-data', ecm), field('hdlc-fcs-OK'))),
      v17(field('hdlc-data', ecm), field('hdlc-fcs-OK')),
    ]);
    assert.deepEqual(got, [carrier(V17), frame(ecm), frame(ecm, false), frame(ecm)]);
  });

  test('a lost copy of an indicator takes nothing away from the frame behind it', () => {
    const training = ind('v17-14400-short-training');
    const got = heard([training, after(1, training), v17(field('hdlc-data', DIS), field('hdlc-fcs-OK-sig-end'))]);
    assert.deepEqual(got, [carrier(V17), frame(DIS), NO_CARRIER]);
  });

  test('a frame lost whole is told as a bad one without octets', () => {
    const got = heard([ind('v21-preamble'), after(1, v21(field('hdlc-fcs-OK-sig-end')))]);
    assert.deepEqual(got, [carrier('V.21'), frame([], false), NO_CARRIER]);
  });

  test('bits missing in a page are told', () => {
    const got = heard([
      ind('v17-14400-short-training'),
      v17(field('t4-non-ecm-data', [1])),
      after(3, v17(field('t4-non-ecm-data', [2]))),
      v17(field('t4-non-ecm-sig-end', [3])),
    ]);
    assert.deepEqual(got, [carrier(V17), bits(1), { type: 'data', octets: Uint8Array.of(2, 3), gap: 3 }, NO_CARRIER]);
  });

  test('a packet that cannot be read is as good as lost', () => {
    const bench = new Bench();
    bench.hear(ind('v21-preamble'));
    bench.hear(v21(field('hdlc-data', [0xff, 0xc8])));
    bench.tell({ type: 'packet', ifp: Uint8Array.of(0xc0, 0x05), lost: 0 });
    bench.hear(v21(field('hdlc-data', [0x77]), field('hdlc-fcs-OK-sig-end')));
    assert.deepEqual(bench.heard, [carrier('V.21'), frame([0xff, 0xc8, 0x77], false), NO_CARRIER]);
  });

  test('a frame of more than 512 octets is bad, however it goes on', () => {
    const long = new Array(400).fill(0x11);
    const got = heard([
      ind('v21-preamble'),
      v21(field('hdlc-data', long)),
      v21(field('hdlc-data', long)),
      v21(field('hdlc-fcs-OK')),
    ]);
    assert.deepEqual(got, [carrier('V.21'), frame(new Array(512).fill(0x11), false)]);
  });

  test('a signal whose data stop ends 2 s later, and what it leaves of a frame is bad', () => {
    const packets = [ind('v21-preamble'), v21(field('hdlc-data', [0xff]))];
    assert.deepEqual(heard(packets, 1_999), [carrier('V.21')]);
    assert.deepEqual(heard(packets, 2_000), [carrier('V.21'), frame([0xff], false), NO_CARRIER]);
  });

  test('a page whose data stop is told as incomplete', () => {
    const packets = [ind('v17-14400-short-training'), v17(field('t4-non-ecm-data', [1]))];
    assert.deepEqual(heard(packets, 2_000), [carrier(V17), bits(1), { ...bits(), gap: 1 }, NO_CARRIER]);
  });

  test('a signal without data ends 4 s after its indicator', () => {
    assert.deepEqual(heard([ind('v17-14400-long-training')], 3_999), [carrier(V17)]);
    assert.deepEqual(heard([ind('v17-14400-long-training')], 4_000), [carrier(V17), NO_CARRIER]);
  });

  test('modulations that were never agreed on are not heard', () => {
    const got = heard([
      ind('v34-pri-channel'),
      data('v34-pri-ch', field('hdlc-data', DIS), field('hdlc-fcs-OK')),
      ind('v33-14400-training'),
      data('v33-14400', field('t4-non-ecm-data', [1])),
      v21(field('t4-non-ecm-data', [1])),
    ]);
    assert.deepEqual(got, [carrier('V.21')]);
  });

  test('the ladder names what is heard', () => {
    const bench = new Bench();
    for (const name of ['ced', 'ced', 'no-signal', 'v21-preamble', 'v21-preamble', 'v17-14400-long-training'] as const)
      bench.hear(ind(name));
    assert.deepEqual(bench.steps, ['heard ced', 'heard v21-preamble', 'heard v17-14400-long-training']);
  });
});

describe('calls of the lab, as a terminal hears them', { skip: NO_CAPTURES }, () => {
  /** Names of what one end of a call said: V.21 frames by their FCF, other signals by their modem. */
  function signals(flow: readonly { payload: Uint8Array; time: number }[]): { names: string[]; events: LineEvent[] } {
    const bench = new Bench({}, (flow[0]?.time ?? 0) * 1_000);
    const udptl = new UdptlReceiver();
    for (const { payload, time } of flow) {
      bench.until(time * 1_000);
      for (const { ifp, lost } of udptl.handle(payload, bench.now)) bench.tell({ type: 'packet', ifp, lost });
    }
    bench.until(bench.now + 10_000);
    const events = joined(bench.heard);
    let control = false;
    const names = events.flatMap((event) => {
      if (event.type === 'carrier') control = event.modem === 'V.21';
      if (event.type === 'carrier' && event.modem !== 'V.21') return [`${event.modem.modulation} ${event.modem.rate}`];
      if (event.type === 'frame' && control) return [(event.octets[2] ?? 0).toString(16).padStart(2, '0')];
      return event.type === 'tone' ? [event.tone] : [];
    });
    return { names, events };
  }

  for (const kind of ['redundancy', 'fec'] as const) {
    test(`a page with ECM and ${kind}: every frame good, every signal with its end`, () => {
      const [sender, receiver] = udptlOf(CALLS[kind]).map(signals);
      // CNG; TSI, DCS, TCF; the page; PPS-EOP; DCN.
      assert.deepEqual(sender?.names, ['cng', 'c2', 'c1', 'V.17 14400', 'V.17 14400', 'fd', 'df']);
      // CED; CSI, DIS; CFR; MCF.
      assert.deepEqual(receiver?.names, ['ced', '02', '01', '21', '31']);
      for (const { events } of [sender, receiver]) {
        assert.ok(events.every((event) => event.type !== 'frame' || event.good));
        const count = (type: LineEvent['type']) => events.filter((event) => event.type === type).length;
        assert.equal(count('carrier'), count('no_carrier'));
      }
    });
  }
});
