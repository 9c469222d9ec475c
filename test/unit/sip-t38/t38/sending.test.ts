import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineCommand, Modem } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import type { Ifp } from '../../../../carrier-adapters/sip-t38/t38/ifp.ts';
import { type At, Bench, pageOctets } from './wire.ts';

const V17: Modem = { modulation: 'V.17', rate: 14_400 };
const FRAME = Uint8Array.from([0xff, 0xc8, 0x8c]);

const named = ({ what }: At<Ifp>) =>
  what.kind === 'indicator' ? what.indicator : what.fields.map(({ type }) => `${what.dataType} ${type}`).join(' ');

/** What leaves, without repetitions, and when it first does. */
function course(bench: Bench): [string, number][] {
  const all: [string, number][] = [];
  for (const packet of bench.packets) {
    const name = named(packet);
    if (all.at(-1)?.[0] !== name) all.push([name, Math.round(packet.at)]);
  }
  return all;
}

/** A bench that has carried `commands` out, all asked for at 1000 ms. */
function sent(commands: readonly LineCommand[], options: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench(options);
  bench.until(1_000);
  for (const command of commands) bench.command(command);
  bench.drain();
  return bench;
}

const sentAt = (bench: Bench) =>
  bench.events.filter(({ what }) => what.type === 'sent').map(({ at }) => Math.round(at));

describe('a T.38 terminal that sends', () => {
  test('says no-signal at once, and again every 10 s while nothing is to be said', () => {
    const bench = new Bench();
    bench.until(25_000);
    assert.deepEqual(
      bench.packets.map((packet) => [named(packet), packet.at]),
      [
        ['no-signal', 0],
        ['no-signal', 10_000],
        ['no-signal', 20_000],
      ],
    );
    assert.deepEqual(bench.steps, []);
  });

  test('a control signal: 75 ms of silence, 1 s of preamble, frames at 300 bit/s', () => {
    const bench = sent([{ do: 'control', frames: [FRAME, FRAME] }]);
    // 3 octets of 26.7 ms, FCS and flag of 24 bits, and two bits stuffed into FF C8.
    assert.deepEqual(course(bench), [
      ['no-signal', 0],
      ['v21-preamble', 1_075],
      ['v21 hdlc-data', 2_075],
      ['v21 hdlc-fcs-OK', 2_155],
      ['v21 hdlc-data', 2_242],
      ['v21 hdlc-fcs-OK-sig-end', 2_322],
      ['no-signal', 2_408],
    ]);
    assert.deepEqual(sentAt(bench), [2_408]);
    assert.deepEqual(bench.steps, ['sent v21-preamble']);
  });

  test('an octet a packet in V.21, as the lab does', () => {
    const bench = sent([{ do: 'control', frames: [FRAME] }]);
    const data = bench.packets
      .flatMap(({ what }) => (what.kind === 'data' ? what.fields : []))
      .filter(({ data }) => data !== null);
    assert.deepEqual(
      data.map(({ data }) => data?.length),
      [1, 1, 1],
    );
  });

  test('TCF: long training, then zeros for 1.5 s', () => {
    const bench = sent([{ do: 'training', modem: V17 }]);
    assert.deepEqual(course(bench), [
      ['no-signal', 0],
      ['v17-14400-long-training', 1_075],
      ['v17-14400 t4-non-ecm-data', 2_468],
      ['v17-14400 t4-non-ecm-sig-end', 3_938],
      ['no-signal', 3_968],
    ]);
    const fields = bench.packets.flatMap(({ what }) => (what.kind === 'data' ? what.fields : []));
    const octets = Buffer.concat(fields.map(({ data }) => data ?? new Uint8Array(0)));
    assert.deepEqual(octets, Buffer.alloc(2_700));
  });

  for (const [modem, short, training] of [
    [V17, true, 142],
    [V17, false, 1_393],
    [{ modulation: 'V.29', rate: 9_600 }, true, 253],
    [{ modulation: 'V.29', rate: 7_200 }, false, 253],
    [{ modulation: 'V.27ter', rate: 4_800 }, false, 708],
    [{ modulation: 'V.27ter', rate: 2_400 }, false, 943],
  ] as const) {
    test(`a page by ${modem.modulation} at ${modem.rate} bit/s${short ? ' after resynchronisation' : ''} takes training, bits and 60 ms of zeros`, () => {
      const data = pageOctets(9_001);
      const bench = sent([{ do: 'image', modem, short, data }]);
      const [at] = sentAt(bench);
      assert.ok(Math.abs((at ?? 0) - (1_075 + training + (9_001 * 8_000) / modem.rate + 60)) < 4, `${at}`);
    });
  }

  test('a partial page: 200 ms of flags, then its frames at the rate of the modem with FCS, flag and stuffed bits', () => {
    const frames = Array.from({ length: 40 }, () => new Uint8Array(260).fill(0x55));
    const bench = sent([{ do: 'ecm', modem: V17, short: true, frames }]);
    const bits = 40 * (260 * 8 + 24);
    assert.deepEqual(sentAt(bench), [Math.round(1_075 + 142 + 200 + (bits * 1_000) / 14_400)]);
    assert.deepEqual(course(bench).slice(1, 4), [
      ['v17-14400-short-training', 1_075],
      ['v17-14400 hdlc-data', 1_417],
      ['v17-14400 hdlc-fcs-OK', 1_417 + 144],
    ]);
    const told = bench.events.flatMap(({ what }) => (what.type === 'progress' ? [what.octets] : []));
    assert.deepEqual(
      told,
      [7, 14, 21, 28, 35].map((n) => n * 260),
    );
  });

  test('packets leave within a millisecond of their time, none earlier', () => {
    const bench = sent([{ do: 'image', modem: V17, short: true, data: pageOctets(5_400) }]);
    const data = bench.packets.filter(({ what }) => what.kind === 'data');
    assert.equal(data.length, 102);
    data.forEach(({ at }, i) => {
      assert.ok(Math.abs(at - (1_217 + i * 30)) < 0.01);
    });
  });

  test('signals asked for together follow each other with 75 ms between', () => {
    const bench = sent([
      { do: 'control', frames: [FRAME] },
      { do: 'training', modem: V17 },
    ]);
    const [first = 0] = sentAt(bench);
    assert.equal(sentAt(bench).length, 2);
    assert.deepEqual(course(bench).slice(4, 6), [
      ['no-signal', first],
      ['v17-14400-long-training', first + 75],
    ]);
  });

  test('every indicator is sent three times, and no-signal behind a signal as well', () => {
    const bench = sent([{ do: 'training', modem: V17 }]);
    const count = (name: string) => bench.packets.filter((packet) => named(packet) === name).length;
    assert.equal(count('v17-14400-long-training'), 3);
    assert.equal(count('no-signal'), 1 + 3);
  });

  test('CED lasts 3 s', () => {
    const bench = sent([{ do: 'tone', tone: 'ced' }]);
    assert.deepEqual(course(bench).slice(1), [
      ['ced', 1_075],
      ['no-signal', 4_075],
    ]);
    assert.deepEqual(sentAt(bench), [4_075]);
  });

  test('CNG repeats until something else is asked for', () => {
    const bench = new Bench();
    bench.command({ do: 'tone', tone: 'cng' });
    bench.until(5_000);
    bench.command({ do: 'listen', expect: { signal: 'control' } });
    bench.until(9_000);
    assert.equal(bench.packets.filter((packet) => named(packet) === 'cng').length, 9);
    bench.command({ do: 'control', frames: [FRAME] });
    bench.drain();
    assert.deepEqual(course(bench).slice(0, 3), [
      ['cng', 75],
      ['no-signal', 9_000],
      ['v21-preamble', 9_075],
    ]);
    assert.equal(sentAt(bench).length, 1);
    assert.deepEqual(bench.steps, ['sent cng', 'sent v21-preamble']);
  });

  test('CNG ends when the far station is heard', () => {
    const bench = new Bench();
    bench.command({ do: 'tone', tone: 'cng' });
    bench.until(1_000);
    bench.hear({ kind: 'indicator', indicator: 'v21-preamble' });
    bench.until(9_000);
    assert.deepEqual(course(bench), [
      ['cng', 75],
      ['no-signal', 1_000],
    ]);
  });

  test('stop: nothing more of it leaves, and it is not answered', () => {
    const bench = new Bench();
    bench.command({ do: 'image', modem: V17, short: true, data: pageOctets(9_000) });
    bench.command({ do: 'control', frames: [FRAME] });
    bench.until(2_000);
    bench.command({ do: 'stop' });
    bench.until(9_000);
    assert.deepEqual(course(bench).at(-1), ['no-signal', 2_000]);
    assert.deepEqual(sentAt(bench), []);
    assert.ok(bench.terminal.idle);
    bench.command({ do: 'control', frames: [FRAME] });
    bench.drain();
    assert.equal(sentAt(bench).length, 1);
  });

  test('stop in the pause before a signal, and in the silence behind one', () => {
    const bench = new Bench();
    bench.command({ do: 'control', frames: [FRAME] });
    bench.command({ do: 'stop' }, 30);
    bench.until(5_000);
    assert.deepEqual(sentAt(bench), []);
    bench.command({ do: 'control', frames: [FRAME] });
    while (sentAt(bench).length === 0) bench.tell({ type: 'time' }, bench.terminal.deadline);
    bench.command({ do: 'stop' });
    bench.drain();
    assert.equal(bench.packets.filter(({ at }) => at >= (sentAt(bench)[0] ?? 0) - 1).length, 3);
  });

  test('fields keep to the largest packet that the far end takes', () => {
    const bench = sent([{ do: 'image', modem: V17, short: true, data: pageOctets(1_000) }], { maxIfp: 20 });
    const lengths = bench.packets.flatMap(({ what }) =>
      what.kind === 'data' ? what.fields.map(({ data }) => data?.length) : [],
    );
    assert.equal(Math.max(...lengths.map((length) => length ?? 0)), 15);
    assert.ok(Math.abs((sentAt(bench)[0] ?? 0) - (1_217 + 8_000_000 / 14_400 + 60)) < 2);
  });

  test('a terminal that was called half a second late and more does not hurry afterwards', () => {
    const bench = new Bench();
    bench.command({ do: 'image', modem: V17, short: true, data: pageOctets(5_400) });
    bench.until(1_000);
    const before = bench.packets.length;
    bench.tell({ type: 'time' }, 5_000);
    assert.equal(bench.packets.length, before + 1);
  });

  test('Internet-aware ends do without training, preamble and the pace of a modem', () => {
    const data = pageOctets(64_000);
    const bench = sent(
      [
        { do: 'control', frames: [FRAME] },
        { do: 'training', modem: V17 },
        { do: 'image', modem: V17, short: true, data },
      ],
      { pace: 'internet', maxIfp: 400 },
    );
    // 2700 octets of TCF and 64,000 of the page, 320 each 10 ms; the end of TCF waits for nothing.
    assert.deepEqual(sentAt(bench), [1_010, 1_090, 3_090]);
    assert.ok(
      bench.packets.every(
        ({ what }) => what.kind === 'indicator' || what.fields.every(({ data }) => (data?.length ?? 0) <= 320),
      ),
    );
  });

  test('is told to hasten in mid-call when both ends turn out to be Internet-aware', () => {
    const bench = sent([{ do: 'control', frames: [FRAME] }]);
    bench.command({ do: 'hasten' });
    const before = bench.now;
    bench.command({ do: 'control', frames: [FRAME] });
    bench.drain();
    assert.equal(bench.now - before, 10);
  });

  test('a modem that T.38 does not know is a fault of ours', () => {
    assert.throws(() => sent([{ do: 'training', modem: { modulation: 'V.17', rate: 4_800 } }]), RangeError);
  });
});
