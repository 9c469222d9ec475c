import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pprFif } from '../../../../carrier-adapters/sip-t38/t30/ecm/partial-page.ts';
import { T30Error } from '../../../../carrier-adapters/sip-t38/t30/errors.ts';
import { parseCtc, parseDcs } from '../../../../carrier-adapters/sip-t38/t30/frames/dcs.ts';
import { frame, parseFrame } from '../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import { identificationFif, parseIdentification } from '../../../../carrier-adapters/sip-t38/t30/frames/station-id.ts';
import { createCaller } from '../../../../carrier-adapters/sip-t38/t30/index.ts';
import type { CallerOptions } from '../../../../carrier-adapters/sip-t38/t30/machine.ts';
import { Bench } from './bench.ts';
import { A4_FINE, CALLER, codedPage } from './pair.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** V.17, fine, superfine, MR, MMR, ECM, any length, 0 ms: what SpanDSP announces. */
const DIS = frame('DIS', octets('00771f23018901010118'));
/** The same without error correction. */
const DIS_PLAIN = frame('DIS', octets('00771f00'));
const CSI = frame('CSI', identificationFif('5550100'));

const STANDARD = { width: 1728, rows: 1_143, xDpi: 204, yDpi: 98 } as const;

function caller(options: Partial<CallerOptions> = {}): Bench {
  return new Bench(createCaller({ ...CALLER, ...options }), false);
}

/** A caller in phase C of its first page. */
function sending(options: Partial<CallerOptions> = {}, dis = DIS): Bench {
  return hand(caller(options).hear(CSI, dis).hear('CFR'));
}

/** Hands over the page that is wanted. */
function hand(bench: Bench, size = 1_000): Bench {
  const index = bench.last('want_page')?.index ?? 0;
  return bench.tell({ type: 'page', coded: codedPage(index, size) });
}

/** The last frame of the kind that the machine has sent. */
function sent(bench: Bench, fcf: string) {
  const frames = bench.commands().flatMap((command) => (command.do === 'control' ? command.frames : []));
  return frames.map(parseFrame).findLast((one) => one?.fcf === fcf);
}

function dcsOf(bench: Bench) {
  const dcs = parseDcs(sent(bench, 'DCS')?.fif ?? new Uint8Array());
  return typeof dcs === 'string' ? assert.fail(dcs) : dcs;
}

describe('phase B of a caller (T.30 figure 5-2a)', () => {
  test('CNG until a carrier comes, then silence', () => {
    const bench = caller();
    assert.deepEqual(bench.said(), ['cng']);
    bench.hear('CSI');
    assert.deepEqual(bench.said(), []);
    assert.deepEqual(bench.commands().at(-1), { do: 'listen', expect: { signal: 'control' } });
  });

  test('DIS is answered with TSI, DCS and TCF at the fastest common rate', () => {
    const bench = caller().hear(CSI, DIS);
    assert.deepEqual(bench.said(), ['cng', 'TSI+DCS', 'TCF 14400']);
    assert.deepEqual(bench.last('identified'), { type: 'identified', remote: { id: '5550100', subaddress: null } });
    assert.equal(parseIdentification(sent(bench, 'TSI')?.fif ?? new Uint8Array()), '+49 30 5550100');
    assert.equal(dcsOf(bench).compression, 'MMR');
  });

  test('NSF before CSI and DIS is passed over, whatever is in it', () => {
    const bench = caller().hear(frame('NSF', new Uint8Array(100).fill(0xad)), CSI, DIS);
    assert.equal(dcsOf(bench).ecm, true);
  });

  test('a damaged CSI costs the name and nothing else', () => {
    const bench = caller().hear(DIS);
    assert.equal(bench.last('identified')?.remote.id, null);
    assert.deepEqual(bench.said(), ['cng', 'TSI+DCS', 'TCF 14400']);
  });

  test('DIS counts even when the end of its carrier is lost', () => {
    const bench = caller().event({ type: 'carrier', modem: 'V.21' });
    bench.event({ type: 'frame', octets: octets('ffc80100771f23018901010118'), good: true });
    assert.deepEqual(bench.said(), ['cng']);
    bench.pass(300);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 14400']);
  });

  test('nothing heard within T1 is no fax', () => {
    const bench = caller().pass(34_999);
    assert.equal(bench.outcome, null);
    assert.equal(bench.pass(1).outcome, 'no_fax_heard');
    assert.deepEqual(bench.said(), ['cng']);
  });

  test('signals without a DIS within T1 are told apart from silence, and are answered with DCN', () => {
    const bench = caller().hearNoise().hear('CSI').pass(40_000);
    assert.equal(bench.outcome, 't1_expired');
    assert.deepEqual(bench.said(), ['cng', 'DCN']);
  });

  test('a station that does not receive is not sent to', () => {
    const bench = caller()
      .hear(frame('DIS', octets('00371f00')))
      .pass(5_000);
    assert.equal(bench.outcome, 'cannot_receive');
  });

  test('a station that only sends is no receiver', () => {
    const bench = caller()
      .hear(frame('DIS', octets('00b71f00')))
      .pass(5_000);
    assert.equal(bench.outcome, 'incompatible');
  });

  test('stations without a common modem part', () => {
    const bench = caller({ modulations: ['V.17'] })
      .hear(frame('DIS', octets('006000')))
      .pass(5_000);
    assert.equal(bench.outcome, 'no_common_modem');
    assert.deepEqual(bench.said(), ['cng', 'DCN']);
  });

  test('DCN before a page ends the call', () => {
    const bench = caller().hear('DCN');
    assert.equal(bench.outcome, 'dcn_in_phase_b');
    assert.equal(caller().hear(DIS).hear('DCN').outcome, 'dcn_in_phase_b');
  });

  test('SUB and SID are sent where DIS allows them', () => {
    const able = frame('DIS', octets('00771f230189c0'));
    const bench = caller({ subaddress: '4711', password: '12#' }).hear(able);
    assert.deepEqual(bench.said(), ['cng', 'TSI+SUB+SID+DCS', 'TCF 14400']);
    assert.equal(dcsOf(bench).subaddress, true);
    assert.equal(dcsOf(bench).senderId, true);
    const unable = caller({ subaddress: '4711', password: '12#' }).hear(DIS);
    assert.deepEqual(unable.said(), ['cng', 'TSI+DCS', 'TCF 14400']);
    assert.equal(dcsOf(unable).subaddress, false);
  });

  test('without an identification TSI is left out', () => {
    assert.deepEqual(caller({ id: '' }).hear(DIS).said(), ['cng', 'DCS', 'TCF 14400']);
  });

  test('a caller without pages is our own fault', () => {
    assert.throws(
      () => caller({ pages: [] }),
      (error) => error instanceof T30Error && error.code === 'no_pages',
    );
  });
});

describe('training of a caller (T.30 figure 5-2a)', () => {
  test('DCS is said three times, T4 apart, then DCN', () => {
    const bench = caller().hear(DIS).quiet();
    bench.said();
    bench.pass(3_380);
    assert.deepEqual(bench.said(), []);
    bench.pass(120);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 14400']);
    bench.quiet().pass(3_500);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 14400']);
    bench.quiet().pass(6_000);
    assert.deepEqual(bench.said(), ['DCN']);
    assert.equal(bench.outcome, 'no_answer_to_dcs');
  });

  test('an answer that makes no sense is waited over, and told apart from none', () => {
    const bench = caller().hear(DIS).hear('MCF').pass(60_000);
    assert.equal(bench.outcome, 'bad_answer_to_dcs');
  });

  test('T4 stands still while an answer is being heard', () => {
    const bench = caller().hear(DIS).quiet().pass(3_400);
    bench.said();
    bench.event({ type: 'carrier', modem: 'V.21' }).pass(1_500);
    assert.deepEqual(bench.said(), []);
    bench.event({ type: 'frame', octets: octets('ffc821'), good: true }).event({ type: 'no_carrier' });
    assert.equal(bench.last('want_page')?.index, 0);
  });

  test('a carrier that never says anything does not hold it up for ever', () => {
    const bench = caller().hear(DIS).quiet();
    for (let i = 0; i < 400; i++) bench.event({ type: 'carrier', modem: 'V.21' }).pass(500);
    assert.equal(bench.outcome, 'no_answer_to_dcs');
  });

  test('FTT leads down the ladder of rates, and below it to the end', () => {
    const bench = caller().hear(DIS);
    for (const rate of [14_400, 12_000, 9_600, 7_200, 4_800, 2_400]) {
      assert.equal(dcsOf(bench).modem.rate, rate);
      assert.equal(bench.said().at(-1), `TCF ${rate}`);
      bench.hear('FTT');
    }
    assert.deepEqual(bench.pass(3_000).said(), ['DCN']);
    assert.equal(bench.outcome, 'training_failed');
    assert.deepEqual(
      bench.station.of('retrain').map(({ rate }) => rate),
      [12_000, 9_600, 7_200, 4_800, 2_400],
    );
  });

  test('each rate is tried three times anew', () => {
    const bench = caller().hear(DIS).quiet().pass(3_500).quiet().pass(3_500).hear('FTT').quiet().pass(3_500).quiet();
    assert.equal(bench.outcome, null);
    assert.equal(dcsOf(bench).modem.rate, 12_000);
  });

  test('CRP and another DIS have DCS said again, three times in all', () => {
    for (const again of ['CRP', DIS] as const) {
      const bench = caller().hear(DIS).hear(again).hear(again);
      assert.deepEqual(bench.said().filter((said) => said === 'TSI+DCS').length, 3);
      assert.equal(bench.hear(again).pass(5_000).outcome, 'no_answer_to_dcs');
    }
  });

  test('what comes while we are sending is no answer', () => {
    const bench = caller().hear(DIS).hearNow('CFR');
    assert.equal(bench.last('want_page'), undefined);
    assert.equal(bench.hear('CFR').last('want_page')?.index, 0);
  });

  test('CFR leads to the first page, and not an octet of it leaves before it is handed over', () => {
    const bench = caller().hear(DIS).hear('CFR').pass(1_000);
    assert.equal(bench.last('negotiated')?.line.modem.rate, 14_400);
    assert.deepEqual(bench.last('want_page')?.terms, {
      compression: 'MMR',
      ecm: true,
      width: 1728,
      xDpi: 204,
      yDpi: 196,
      maxRows: 2_310,
      minScanTime: 0,
      rate: 14_400,
    });
    assert.deepEqual(bench.said(), ['cng', 'TSI+DCS', 'TCF 14400']);
    assert.deepEqual(hand(bench).said(), ['ecm 14400 short', 'PPS']);
  });

  test('a page that cannot be had ends the call, and so does one that never comes', () => {
    assert.equal(caller().hear(DIS).hear('CFR').tell({ type: 'page_missing' }).pass(5_000).outcome, 'page_missing');
    assert.equal(caller().hear(DIS).hear('CFR').pass(40_000).outcome, 'page_missing');
  });
});

describe('phases C and D of a caller without error correction (T.30 figures 5-2b, 5-2c)', () => {
  const plain = (pages: CallerOptions['pages'] = [A4_FINE]) => sending({ pages }, DIS_PLAIN);

  test('the last page is followed by EOP, MCF by DCN', () => {
    const bench = plain();
    assert.deepEqual(bench.said().slice(-2), ['image 14400 short', 'EOP']);
    bench.hear('MCF');
    assert.equal(bench.last('page_confirmed')?.index, 0);
    assert.deepEqual(bench.quiet().said(), ['DCN']);
    assert.equal(bench.outcome, 'ok');
  });

  test('octets that have left are told as the line tells them', () => {
    const bench = plain().event({ type: 'progress', octets: 400 });
    assert.deepEqual(bench.last('page_progress'), { type: 'page_progress', index: 0, octets: 400 });
  });

  test('a page of the same terms follows MPS, one of other terms EOM and a new phase B', () => {
    const bench = plain([A4_FINE, A4_FINE, STANDARD]);
    assert.equal(bench.said().at(-1), 'MPS');
    hand(bench.hear('MCF'));
    assert.deepEqual(bench.said(), ['image 14400 short', 'EOM']);
    bench.hear('MCF').pass(500);
    assert.deepEqual(bench.said(), []);
    bench.hear(CSI, DIS_PLAIN);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 14400']);
    assert.equal(dcsOf(bench).resolution, '204×98');
    hand(bench.hear('CFR'));
    assert.deepEqual(bench.said(), ['image 14400 short', 'EOP']);
    assert.equal(bench.hear('MCF').quiet().outcome, 'ok');
    assert.equal(bench.station.of('identified').length, 1);
  });

  test('no DIS after EOM within T1', () => {
    const bench = plain([A4_FINE, STANDARD]).hear('MCF').pass(40_000);
    assert.equal(bench.outcome, 't1_expired');
  });

  test('a post-message command is said three times, T4 apart, then DCN', () => {
    const bench = plain().quiet();
    bench.said();
    bench.pass(3_500);
    assert.deepEqual(bench.said(), ['EOP']);
    bench.quiet().pass(3_500);
    assert.deepEqual(bench.said(), ['EOP']);
    bench.quiet().pass(6_000);
    assert.deepEqual(bench.said(), ['DCN']);
    assert.equal(bench.outcome, 'no_answer_to_message');
    assert.equal(bench.last('page_confirmed'), undefined);
  });

  test('the answer to the second or third one counts', () => {
    const bench = plain().quiet().pass(3_500).quiet().pass(3_500).hear('MCF').quiet();
    assert.equal(bench.outcome, 'ok');
  });

  test('an answer that makes no sense there is none', () => {
    for (const odd of ['CFR', 'FTT', 'CTR', 'ERR', 'DIS', 'PPR'] as const) {
      const bench = plain().hear(odd);
      assert.equal(bench.last('page_confirmed'), undefined, odd);
      assert.equal(bench.pass(60_000).outcome, 'bad_answer_to_message', odd);
    }
  });

  test('our own command as an echo is no answer', () => {
    const bench = plain().hear('EOP').hear('MCF').quiet();
    assert.equal(bench.outcome, 'ok');
  });

  test('CRP has the command said again', () => {
    const bench = plain().quiet();
    bench.said();
    assert.deepEqual(bench.hear('CRP').said(), ['EOP']);
  });

  test('RTP: the page is kept, and the line is trained anew for the next one', () => {
    const bench = plain([A4_FINE, A4_FINE]);
    bench.said();
    bench.hear('RTP');
    assert.equal(bench.last('page_confirmed')?.index, 0);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 12000']);
    hand(bench.hear('CFR'));
    assert.equal(bench.last('want_page')?.index, 1);
    assert.deepEqual(bench.said(), ['image 12000 short', 'EOP']);
    assert.equal(bench.hear('RTP').quiet().outcome, 'ok');
  });

  test('RTN: the page is not kept, is wanted again and sent slower', () => {
    const bench = plain();
    bench.said();
    bench.hear('RTN');
    assert.equal(bench.last('page_confirmed'), undefined);
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 12000']);
    hand(bench.hear('CFR'));
    assert.deepEqual(
      bench.station.of('want_page').map(({ index, terms }) => [index, terms.rate]),
      [
        [0, 14_400],
        [0, 12_000],
      ],
    );
    assert.equal(bench.hear('MCF').quiet().outcome, 'ok');
    assert.equal(bench.station.of('page_confirmed').length, 1);
  });

  test('three RTNs for one page: it is refused', () => {
    const bench = plain();
    for (let i = 0; i < 2; i++) hand(bench.hear('RTN').hear('CFR'));
    assert.equal(bench.hear('RTN').quiet().outcome, 'page_refused');
    assert.equal(bench.last('page_confirmed'), undefined);
  });

  test('PIP counts as MCF, PIN ends the call', () => {
    assert.equal(plain().hear('PIP').quiet().outcome, 'ok');
    const bench = plain().hear('PIN').quiet();
    assert.equal(bench.outcome, 'interrupted');
    assert.equal(bench.last('page_confirmed'), undefined);
  });

  test('DCN in the page and in the place of an answer', () => {
    const bench = plain().pass(200).hearNow('DCN');
    assert.equal(bench.outcome, 'dcn_in_page');
    assert.equal(bench.said().at(-1), 'stop');
    assert.equal(plain().hear('DCN').outcome, 'dcn_after_message');
  });

  test('without V.17 every page is trained in full', () => {
    const bench = sending({ modulations: ['V.29', 'V.27ter'] }, DIS_PLAIN);
    assert.deepEqual(bench.said().slice(-2), ['image 9600', 'EOP']);
  });
});

describe('phases C and D of a caller with error correction (T.30 Annex A, figure A.2)', () => {
  /** Two partial pages. */
  const BIG = 70_000;
  const ppr = (...bad: number[]) =>
    frame(
      'PPR',
      pprFif((number) => bad.includes(number)),
    );

  test('a page of two partial pages: PPS-NULL, then PPS-EOP', () => {
    const bench = hand(caller().hear(DIS).hear('CFR'), BIG);
    assert.deepEqual(bench.said().slice(-2), ['ecm 14400 short', 'PPS']);
    assert.deepEqual(sent(bench, 'PPS')?.fif, octets('000000ff'));
    bench.hear('MCF');
    assert.equal(bench.last('page_confirmed'), undefined);
    assert.deepEqual(bench.said(), ['ecm 14400 short', 'PPS']);
    assert.equal(sent(bench, 'PPS')?.fif[0], 0xf4);
    assert.equal(bench.hear('MCF').quiet().outcome, 'ok');
  });

  test('PPR: the frames that it names are sent again, and PPS', () => {
    const bench = sending().quiet();
    bench.said();
    bench.hear(ppr(1, 3));
    assert.deepEqual(bench.said(), ['ecm 14400 short', 'PPS']);
    const ecm = bench.commands().findLast((command) => command.do === 'ecm');
    assert.deepEqual(ecm?.do === 'ecm' ? ecm.frames.map(({ length }) => length) : [], [260, 260, 3, 3, 3]);
    bench.hear('MCF');
    assert.equal(bench.last('page_confirmed')?.line.badFrames, 2);
  });

  test('the fourth PPR leads to CTC at the next rate, and after CTR to the frames with full training', () => {
    const bench = sending();
    for (let i = 0; i < 3; i++) bench.hear(ppr(0));
    bench.said();
    bench.hear(ppr(0));
    assert.deepEqual(bench.said(), ['CTC']);
    assert.equal(parseCtc(sent(bench, 'CTC')?.fif ?? new Uint8Array())?.rate, 12_000);
    bench.hear('CTR');
    assert.deepEqual(bench.said(), ['ecm 12000', 'PPS']);
    bench.hear(ppr(0));
    assert.deepEqual(bench.said(), ['ecm 12000 short', 'PPS']);
    bench.hear('MCF');
    assert.deepEqual(bench.last('page_confirmed')?.line, {
      modem: { modulation: 'V.17', rate: 12_000 },
      ecm: true,
      compression: 'MMR',
      frameSize: 256,
      retrains: 1,
      badFrames: 5,
    });
  });

  test('CTC is said three times', () => {
    const bench = sending();
    for (let i = 0; i < 4; i++) bench.hear(ppr(0));
    assert.deepEqual(bench.said().filter((said) => said === 'CTC').length, 1);
    bench.hear('CRP');
    assert.deepEqual(bench.said(), ['CTC']);
    assert.equal(bench.pass(30_000).outcome, 'no_answer_to_message');
  });

  test('at the slowest rate the page is given up with EOR, and the call after ERR', () => {
    const bench = sending({ maxRate: 2_400 });
    for (let i = 0; i < 4; i++) bench.hear(ppr(0));
    assert.deepEqual(bench.quiet().said().slice(-1), ['EOR']);
    assert.deepEqual(sent(bench, 'EOR')?.fif, octets('f4'));
    assert.equal(bench.hear('ERR').quiet().outcome, 'too_many_retries');
    assert.equal(bench.said().at(-1), 'DCN');
  });

  test('EOR without an answer, or with RNR for ever, ends the call all the same', () => {
    const renouncing = () => {
      const bench = sending({ maxRate: 2_400 });
      for (let i = 0; i < 4; i++) bench.hear(ppr(0));
      return bench;
    };
    assert.equal(renouncing().pass(30_000).outcome, 'too_many_retries');
    const bench = renouncing();
    for (let i = 0; bench.outcome === null && i < 100; i++) bench.hear('RNR');
    assert.equal(bench.outcome, 'too_many_retries');
    assert.equal(renouncing().hear('DCN').outcome, 'too_many_retries');
  });

  test('RNR is answered with RR until MCF comes', () => {
    const bench = sending();
    bench.said();
    for (let i = 0; i < 5; i++) assert.deepEqual(bench.hear('RNR').said().at(-1), 'RR');
    assert.equal(bench.hear('MCF').quiet().outcome, 'ok');
  });

  test('not ready for longer than T5', () => {
    const bench = sending().hear('RNR');
    const since = bench.now;
    while (bench.outcome === null && bench.now - since < 200_000) bench.hear('RNR');
    assert.equal(bench.outcome, 'not_ready_too_long');
    assert.ok(bench.now - since < 70_000, String(bench.now - since));
  });

  test('RR is said three times without an answer', () => {
    const bench = sending().hear('RNR').pass(30_000);
    assert.equal(bench.outcome, 'no_answer_to_message');
  });

  test('a PPR that is cut short is none', () => {
    const bench = sending().hear(frame('PPR', new Uint8Array(0)));
    assert.equal(bench.last('page_confirmed'), undefined);
    assert.equal(bench.pass(60_000).outcome, 'bad_answer_to_message');
  });

  test('RTN from a station that knows better: the page is sent again', () => {
    const bench = sending();
    bench.said();
    bench.hear('RTN');
    assert.deepEqual(bench.said(), ['TSI+DCS', 'TCF 12000']);
  });

  test('RTP in the middle of a page confirms nothing', () => {
    const bench = hand(caller().hear(DIS).hear('CFR'), BIG).hear('RTP');
    assert.equal(bench.last('page_confirmed'), undefined);
  });

  test('pages are counted on over EOM', () => {
    const bench = sending({ pages: [A4_FINE, STANDARD] })
      .hear('MCF')
      .hear(DIS)
      .hear('CFR');
    hand(bench);
    assert.equal(sent(bench, 'PPS')?.fif[1], 0x80);
  });

  test('octets that have left are told in octets of the page', () => {
    const bench = sending().event({ type: 'progress', octets: 3 * 260 });
    assert.equal(bench.last('page_progress')?.octets, 768);
  });
});

describe('the end of a call for our own reasons', () => {
  test('cancel while waiting: DCN at once', () => {
    const bench = caller().hear(DIS).quiet();
    bench.said();
    assert.deepEqual(bench.tell({ type: 'cancel' }).said(), ['DCN']);
    assert.equal(bench.quiet().outcome, 'canceled');
  });

  test('cancel in the page: not an octet more of it, then DCN', () => {
    const bench = sending().pass(300);
    bench.said();
    assert.deepEqual(bench.tell({ type: 'cancel' }).said(), ['stop', 'DCN']);
    assert.equal(bench.quiet().outcome, 'canceled');
  });

  test('cancel between CFR and the page: the page is not sent any more', () => {
    const bench = caller().hear(DIS).hear('CFR').tell({ type: 'cancel' });
    hand(bench).quiet();
    assert.equal(bench.said().at(-1), 'DCN');
    assert.equal(bench.outcome, 'canceled');
  });

  test('cancel while the far station speaks: DCN when it has ended, or after a while', () => {
    const bench = caller().hear(DIS).quiet().event({ type: 'carrier', modem: 'V.21' }).tell({ type: 'cancel' });
    bench.said();
    assert.deepEqual(bench.pass(1_000).said(), []);
    assert.deepEqual(bench.event({ type: 'no_carrier' }).said(), ['DCN']);
    const stuck = caller().hear(DIS).quiet().event({ type: 'carrier', modem: 'V.21' }).tell({ type: 'cancel' });
    assert.equal(stuck.pass(10_000).outcome, 'canceled');
  });

  test('a second cancel changes nothing, and neither does one after the end', () => {
    const bench = sending().tell({ type: 'cancel' });
    bench.said();
    assert.deepEqual(bench.tell({ type: 'cancel' }).said(), []);
    bench.quiet().tell({ type: 'cancel' });
    assert.equal(bench.station.of('over').length, 1);
  });

  test('cancel after the last MCF does not undo the delivery', () => {
    assert.equal(sending().hear('MCF').tell({ type: 'cancel' }).quiet().outcome, 'ok');
  });

  test('the line is lost: the call is over at once', () => {
    assert.equal(sending().tell({ type: 'lost' }).outcome, 'carrier_lost');
    assert.equal(sending().hear('MCF').tell({ type: 'lost' }).outcome, 'ok');
  });

  test('DCN that never leaves does not keep the call open', () => {
    const machine = createCaller(CALLER);
    machine.start(0);
    machine.handle({ type: 'cancel' }, 10);
    assert.equal(machine.deadline, 4_010);
    const over = machine.handle({ type: 'time' }, 4_010);
    assert.deepEqual(over, [{ type: 'over', outcome: 'canceled' }]);
    assert.equal(machine.deadline, null);
  });
});
