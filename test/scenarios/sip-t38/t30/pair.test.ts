import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFrame } from '../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import type { LineEvent, Modulation } from '../../../../carrier-adapters/sip-t38/t30/line.ts';
import { A4_FINE, codedPage, type Fault, Pair, type PairOptions } from './pair.ts';

const STANDARD = { width: 1728, rows: 1_143, xDpi: 204, yDpi: 98 } as const;

const V29: readonly Modulation[] = ['V.27ter', 'V.29'];
const V27: readonly Modulation[] = ['V.27ter'];

/** Pages as they were kept: without the padding of the last frame. */
function assertKept(pair: Pair, sizes: readonly number[]): void {
  assert.equal(pair.kept.length, sizes.length);
  for (const [index, size] of sizes.entries()) {
    const kept = pair.kept[index] ?? new Uint8Array();
    assert.deepEqual(Buffer.from(kept.subarray(0, size)), Buffer.from(codedPage(index, size)));
    assert.ok(
      kept.subarray(size).every((octet) => octet === 0),
      'padding is zeros',
    );
  }
}

/** Runs a call that has to go well, with pages of these sizes. */
function delivered(options: PairOptions, sizes: readonly number[]): Pair {
  const pair = new Pair({
    coded: (index) => codedPage(index, sizes[index]),
    caller: { pages: sizes.map(() => A4_FINE), ...options.caller },
    ...(options.answerer === undefined ? {} : { answerer: options.answerer }),
    ...(options.fault === undefined ? {} : { fault: options.fault }),
    ...(options.verdict === undefined ? {} : { verdict: options.verdict }),
    ...(options.verdictAfter === undefined ? {} : { verdictAfter: options.verdictAfter }),
  });
  pair.run();
  assert.equal(pair.caller.outcome, 'ok');
  assert.equal(pair.answerer.outcome, 'ok');
  assertKept(pair, sizes);
  assert.deepEqual(
    pair.caller.of('page_confirmed').map(({ index }) => index),
    sizes.map((_, index) => index),
  );
  return pair;
}

describe('two machines on an ideal line', () => {
  test('tell it to hasten, once each, when both are Internet-aware, and only then', () => {
    const hastened = ({ caller, answerer }: Pair) =>
      [caller, answerer].map((station) => station.of('line').filter(({ command }) => command.do === 'hasten').length);
    const aware = { internetAware: true };
    assert.deepEqual(hastened(delivered({ caller: aware, answerer: aware }, [9_000, 9_000])), [1, 1]);
    assert.deepEqual(hastened(delivered({ caller: aware }, [9_000])), [0, 0]);
    assert.deepEqual(hastened(delivered({ answerer: aware }, [9_000])), [0, 0]);
  });

  for (const ecm of [true, false]) {
    for (const [name, modulations, rate] of [
      ['V.17', ['V.27ter', 'V.29', 'V.17'], 14_400],
      ['V.29', V29, 9_600],
      ['V.27 ter', V27, 4_800],
    ] as const) {
      test(`a page by ${name}, ${ecm ? 'with' : 'without'} error correction`, () => {
        const pair = delivered({ caller: { ecm, modulations } }, [20_000]);
        assert.equal(pair.terms[0]?.rate, rate);
        assert.equal(pair.terms[0]?.compression, ecm ? 'MMR' : 'MR');
        assert.deepEqual(pair.terms[0], pair.caller.last('want_page')?.terms);
      });
    }
  }

  for (const [rate, name] of [
    [12_000, 'V.17'],
    [9_600, 'V.17'],
    [7_200, 'V.17'],
    [4_800, 'V.27ter'],
    [2_400, 'V.27ter'],
  ] as const) {
    test(`at most ${rate} bit/s is ${name} at ${rate}`, () => {
      const pair = delivered({ caller: { maxRate: rate } }, [2_000]);
      assert.deepEqual(pair.caller.last('negotiated')?.line.modem, { modulation: name, rate });
    });
  }

  for (const size of [1, 255, 256, 257, 16_384, 65_536, 65_537, 150_000]) {
    test(`a page of ${size} octets with error correction`, () => {
      delivered({}, [size]);
    });
  }

  test('an answerer without error correction is sent to without it', () => {
    const pair = delivered({ answerer: { ecm: false } }, [3_000]);
    assert.equal(pair.caller.last('negotiated')?.line.ecm, false);
  });

  test('fifty pages in one procedure', () => {
    const pair = delivered(
      {},
      Array.from({ length: 50 }, (_, index) => 500 + index * 13),
    );
    assert.equal(pair.caller.steps('sent').filter((step) => step === 'DCS').length, 1);
  });

  test('pages of other terms have phase B anew between them', () => {
    const pages = [A4_FINE, STANDARD, STANDARD, { ...A4_FINE, width: 2048 }, A4_FINE];
    for (const ecm of [true, false]) {
      const pair = delivered({ caller: { pages, ecm } }, [900, 800, 700, 600, 500]);
      assert.deepEqual(
        pair.terms.map(({ width, yDpi }) => [width, yDpi]),
        [
          [1728, 196],
          [1728, 98],
          [1728, 98],
          [2048, 196],
          [1728, 196],
        ],
      );
      assert.equal(pair.caller.steps('sent').filter((step) => step === 'DCS').length, 4);
      assert.equal(pair.answerer.of('identified').length, 1);
    }
  });

  test('both ladders tell the same story', () => {
    const pair = delivered({}, [900, 800]);
    const spoken = (steps: string[]) => steps.filter((step) => !['TCF', 'page', 'partial page'].includes(step));
    assert.deepEqual(spoken(pair.caller.steps('sent')), ['TSI', 'DCS', 'PPS-MPS', 'PPS-EOP', 'DCN']);
    assert.deepEqual(spoken(pair.answerer.steps('heard')), spoken(pair.caller.steps('sent')));
    assert.deepEqual(spoken(pair.caller.steps('heard')), spoken(pair.answerer.steps('sent')));
  });

  test('the ladder holds no number', () => {
    const pair = delivered({ caller: { subaddress: '987654' } }, [900]);
    const steps = [...pair.caller.of('step'), ...pair.answerer.of('step')];
    for (const { info = '' } of steps) assert.doesNotMatch(info, /5550|987654/);
  });

  test('each page was wanted before anything of it left', () => {
    const pair = delivered({}, [900, 800]);
    let wanted = 0;
    for (const { output } of pair.caller.log) {
      if (output.type === 'want_page') wanted++;
      if (output.type === 'line' && output.command.do === 'ecm') assert.ok(wanted > 0);
      if (output.type === 'page_confirmed') assert.equal(wanted, output.index + 1);
    }
  });

  for (const [what, milliseconds] of [
    ['at once', 0],
    ['after a second', 1_000],
    ['after 4 s', 4_000],
    ['after 8 s', 8_000],
  ] as const) {
    for (const ecm of [true, false]) {
      test(`a verdict ${what}, ${ecm ? 'with' : 'without'} error correction`, () => {
        delivered({ caller: { ecm }, verdictAfter: milliseconds }, [900, 800]);
      });
    }
  }

  test('a verdict after 40 s holds a sender with error correction, by RNR', () => {
    const pair = delivered({ verdictAfter: 40_000 }, [900]);
    assert.ok(pair.caller.steps('heard').filter((step) => step === 'RNR').length > 5);
  });

  test('a verdict that comes too late confirms nothing', () => {
    const pair = new Pair({ verdictAfter: 70_000 });
    pair.run();
    assert.equal(pair.caller.outcome, 'not_ready_too_long');
    assert.deepEqual(pair.caller.of('page_confirmed'), []);
    const plain = new Pair({ verdictAfter: 30_000, caller: { ecm: false } });
    plain.run();
    assert.equal(plain.caller.outcome, 'no_answer_to_message');
    assert.deepEqual(plain.caller.of('page_confirmed'), []);
  });

  test('a fair page is kept, and the next one is sent after a training', () => {
    const verdict = (page: number) => (page === 0 ? 'fair' : 'good');
    const pair = delivered({ caller: { ecm: false }, verdict }, [900, 800]);
    assert.equal(pair.caller.last('page_confirmed')?.line.retrains, 1);
  });

  test('a bad page is sent again', () => {
    const verdict = (page: number) => (page === 0 ? 'bad' : 'good');
    delivered({ caller: { ecm: false }, verdict }, [900, 800]);
  });

  test('a page that is never good enough is refused', () => {
    const pair = new Pair({ caller: { ecm: false }, verdict: () => 'bad' });
    pair.run();
    assert.equal(pair.caller.outcome, 'page_refused');
    assert.deepEqual(pair.kept, []);
    assert.deepEqual(pair.caller.of('page_confirmed'), []);
  });

  test('a page that cannot be kept is not confirmed', () => {
    const pair = new Pair({ verdict: () => 'failed' });
    pair.run();
    assert.equal(pair.answerer.outcome, 'page_not_kept');
    assert.equal(pair.caller.outcome, 'dcn_after_message');
  });
});

/** The name of the control frame of an event; null for all else. */
function fcfOf(event: LineEvent): string | null {
  return event.type === 'frame' && event.good ? (parseFrame(event.octets)?.fcf ?? null) : null;
}

/** Damages the first `times` frames of this name. */
function damaging(fcf: string, times: number): Fault {
  let left = times;
  return (event) => {
    if (fcfOf(event) !== fcf || left === 0 || event.type !== 'frame') return event;
    left--;
    return { ...event, good: false };
  };
}

/** Loses the first `times` frames of this name, without a trace. */
function losing(fcf: string, times: number): Fault {
  let left = times;
  return (event) => {
    if (fcfOf(event) !== fcf || left === 0) return event;
    left--;
    return null;
  };
}

describe('two machines on a line that loses a signal', () => {
  const withEcm = ['DIS', 'DCS', 'CFR', 'PPS', 'MCF'];
  const without = ['DIS', 'DCS', 'CFR', 'MPS', 'EOP', 'MCF'];
  for (const [ecm, names] of [
    [true, withEcm],
    [false, without],
  ] as const) {
    for (const fcf of names) {
      for (const times of [1, 2]) {
        test(`${fcf} ${times} times, ${ecm ? 'with' : 'without'} error correction`, () => {
          delivered({ caller: { ecm }, fault: damaging(fcf, times) }, [900, 800]);
          delivered({ caller: { ecm }, fault: losing(fcf, times) }, [900, 800]);
        });
      }
    }
  }

  test('each end of a carrier', () => {
    for (const ecm of [true, false]) {
      const fault: Fault = (event) => (event.type === 'no_carrier' ? null : event);
      const pair = new Pair({
        caller: { ecm, pages: [A4_FINE, A4_FINE] },
        fault,
        coded: (index) => codedPage(index, 900),
      });
      pair.run();
      assert.equal(pair.caller.outcome, 'ok');
      assertKept(pair, [900, 900]);
    }
  });

  test('each begin of a carrier', () => {
    for (const ecm of [true, false])
      delivered({ caller: { ecm }, fault: (event) => (event.type === 'carrier' ? null : event) }, [900, 800]);
  });

  test('DCN: the answerer ends well without it', () => {
    const pair = delivered({ fault: losing('DCN', 9) }, [900]);
    assert.ok(pair.agenda.now > 0);
  });

  test('EOM and the answer to it', () => {
    const pages = [A4_FINE, STANDARD];
    for (const fault of [losing('EOM', 1), losing('EOM', 2), losing('MCF', 1), losing('MCF', 2)])
      delivered({ caller: { pages, ecm: false }, fault }, [900, 800]);
  });

  test('MCF for ever: the page is kept and not confirmed, and the caller says so', () => {
    const pair = new Pair({ fault: losing('MCF', 99) });
    pair.run();
    assert.equal(pair.caller.outcome, 'no_answer_to_message');
    assert.deepEqual(pair.caller.of('page_confirmed'), []);
    assert.equal(pair.kept.length, 1);
  });

  test('CFR for ever', () => {
    const pair = new Pair({ fault: losing('CFR', 99) });
    pair.run();
    assert.equal(pair.caller.outcome, 'no_answer_to_dcs');
    assert.equal(pair.answerer.outcome, 'dcn_before_page');
  });

  test('everything from the answerer', () => {
    const pair = new Pair({ fault: (event, from) => (from === 'answerer' ? null : event) });
    pair.run();
    assert.equal(pair.caller.outcome, 'no_fax_heard');
    assert.equal(pair.answerer.outcome, 'no_fax_heard');
  });

  test('everything', () => {
    const pair = new Pair({ fault: () => null });
    assert.ok(pair.run() < 50_000);
    assert.equal(pair.caller.outcome, 'no_fax_heard');
    assert.equal(pair.answerer.outcome, 'no_fax_heard');
  });

  test('every tenth frame of ECM: they are sent again, and the page is whole', () => {
    let count = 0;
    const fault: Fault = (event) => (isFcd(event) && count++ % 10 === 0 ? null : event);
    const pair = delivered({ fault }, [100_000]);
    assert.ok((pair.caller.last('page_confirmed')?.line.badFrames ?? 0) > 30);
  });

  test('a frame that is always lost at 14,400 bit/s: CTC, and the page goes on slower', () => {
    const fault: Fault = (event) => (isFcd(event) && event.octets[3] === 0 && rateOf() > 9_600 ? null : event);
    const pair = new Pair({ coded: (index) => codedPage(index, 900), fault });
    const rateOf = () => pair.answerer.last('negotiated')?.line.modem.rate ?? 0;
    pair.run();
    assert.equal(pair.caller.outcome, 'ok');
    assertKept(pair, [900]);
    assert.deepEqual(
      pair.caller.of('retrain').map(({ rate }) => rate),
      [12_000, 9_600],
    );
    assert.equal(pair.answerer.last('page_end')?.line.modem.rate, 9_600);
  });

  test('a frame that never comes: the page is given up, and neither side says that it was sent', () => {
    const fault: Fault = (event) => (isFcd(event) && event.octets[3] === 0 ? null : event);
    const pair = new Pair({ coded: (index) => codedPage(index, 900), fault });
    pair.run();
    assert.equal(pair.caller.outcome, 'too_many_retries');
    assert.equal(pair.answerer.outcome, 'too_many_retries');
    assert.deepEqual(pair.caller.of('page_confirmed'), []);
    assert.equal(pair.answerer.of('page_void').length, 1);
  });

  test('TCF that comes through at 7200 bit/s only', () => {
    const fault: Fault = (event, _from, now) => {
      const rate = pair.caller.last('retrain')?.rate ?? 14_400;
      return event.type === 'data' && rate > 7_200 && now < 90_000
        ? { ...event, octets: event.octets.map((_, i) => (i % 50 === 0 ? 0x10 : 0)) }
        : event;
    };
    const pair: Pair = new Pair({ coded: (index) => codedPage(index, 900), fault });
    pair.run();
    assert.equal(pair.caller.outcome, 'ok');
    assertKept(pair, [900]);
    assert.equal(pair.caller.last('page_confirmed')?.line.modem.rate, 7_200);
  });
});

function isFcd(event: LineEvent): event is LineEvent & { readonly type: 'frame' } {
  return event.type === 'frame' && event.octets[2] === 0x60;
}
