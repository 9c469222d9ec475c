import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fcd, rcp } from '../../../../carrier-adapters/sip-t38/t30/ecm/frames.ts';
import { EcmSender } from '../../../../carrier-adapters/sip-t38/t30/ecm/sender.ts';
import { ctcFif, type Dcs, dcsFif } from '../../../../carrier-adapters/sip-t38/t30/frames/dcs.ts';
import { parseCapabilities } from '../../../../carrier-adapters/sip-t38/t30/frames/dis.ts';
import { frame, parseFrame } from '../../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import { eor } from '../../../../carrier-adapters/sip-t38/t30/frames/post-message.ts';
import {
  identificationFif,
  parseIdentification,
  subaddressFif,
} from '../../../../carrier-adapters/sip-t38/t30/frames/station-id.ts';
import { createAnswerer } from '../../../../carrier-adapters/sip-t38/t30/index.ts';
import type { AnswererOptions, PageVerdict } from '../../../../carrier-adapters/sip-t38/t30/machine.ts';
import { Bench, pps } from './bench.ts';
import { ANSWERER, codedPage } from './pair.ts';

const V17 = { modulation: 'V.17', rate: 14_400 } as const;
const V17_SLOW = { modulation: 'V.17', rate: 12_000 } as const;

const PLAIN: Dcs = {
  internet: false,
  modem: V17,
  compression: 'MH',
  ecm: false,
  frameSize: 256,
  resolution: '204×196',
  width: 1728,
  length: 'A4',
  scanTime: 0,
  subaddress: false,
  senderId: false,
};
const ECM: Dcs = { ...PLAIN, ecm: true, compression: 'MMR' };

const dcs = (terms: Dcs) => frame('DCS', dcsFif(terms));
const TSI = frame('TSI', identificationFif('+49 30 5550100'));

/** An answerer that has said DIS. */
function answerer(options: Partial<AnswererOptions> = {}): Bench {
  return new Bench(createAnswerer({ ...ANSWERER, ced: false, ...options }), true);
}

/** An answerer that waits for its first page. */
function trained(terms: Dcs, options: Partial<AnswererOptions> = {}): Bench {
  return answerer(options).hear(TSI, dcs(terms)).trainingCheck(terms.modem).quiet();
}

/** A page without error correction has come, and the command behind it. */
function paged(bench: Bench, after: 'MPS' | 'EOM' | 'EOP' = 'EOP', octets = codedPage(0, 3_000)): Bench {
  bench.data(V17, octets).hear(after);
  return bench;
}

const verdict = (bench: Bench, what: PageVerdict = 'good') => bench.tell({ type: 'page_verdict', verdict: what });

/** The last frame of the kind that the machine has sent. */
function sent(bench: Bench, fcf: string) {
  const frames = bench.commands().flatMap((command) => (command.do === 'control' ? command.frames : []));
  return frames.map(parseFrame).findLast((one) => one?.fcf === fcf);
}

const received = (bench: Bench) => Buffer.concat(bench.station.of('page_data').map(({ octets }) => octets));

describe('phase B of an answerer (T.30 figure 5-2a)', () => {
  test('CED where it has to be sent, then CSI and DIS', () => {
    assert.deepEqual(answerer({ ced: true }).said(), ['ced', 'CSI+DIS']);
    const bench = answerer();
    assert.deepEqual(bench.said(), ['CSI+DIS']);
    assert.equal(parseIdentification(sent(bench, 'CSI')?.fif ?? new Uint8Array()), '+49 30 5550199');
    assert.deepEqual(answerer({ id: '' }).said(), ['DIS']);
  });

  test('DIS announces what the options allow', () => {
    const of = (options: Partial<AnswererOptions>) =>
      parseCapabilities(sent(answerer(options), 'DIS')?.fif ?? new Uint8Array());
    assert.equal(of({ ecm: false }).ecm, false);
    assert.equal(of({ width: 1728 }).width, 1728);
    assert.deepEqual(of({ modulations: ['V.27ter', 'V.29'] }).modems.modulations, ['V.27ter', 'V.29']);
    assert.deepEqual(of({ maxRate: 4_800 }).modems.modulations, ['V.27ter']);
  });

  test('DIS is said again, T4 apart, until T1 has gone by', () => {
    const bench = answerer().pass(34_000);
    const times = bench.said().filter((said) => said === 'CSI+DIS').length;
    assert.ok(times >= 6 && times <= 8, String(times));
    assert.equal(bench.pass(6_000).outcome, 'no_fax_heard');
  });

  test('signals that are no DCS do not make T1 longer', () => {
    const bench = answerer();
    while (bench.outcome === null && bench.now < 100_000) bench.hearNoise();
    assert.equal(bench.outcome, 't1_expired');
    assert.ok(bench.now < 42_000, String(bench.now));
  });

  test('an echo of our own frames is no command', () => {
    const bench = answerer().hear('CSI', 'DIS');
    assert.equal(bench.outcome, null);
    assert.deepEqual(bench.hear(dcs(PLAIN)).trainingCheck(V17).said().slice(-1), ['CFR']);
  });

  test('DCN before anything', () => {
    assert.equal(answerer().hear('DCN').outcome, 'dcn_before_page');
  });

  test('DTC: polling is refused', () => {
    const bench = answerer().hear('DTC').quiet();
    assert.equal(bench.outcome, 'polling_refused');
    assert.equal(bench.said().at(-1), 'DCN');
  });

  test('DCS with TSI and SUB: who calls is told once', () => {
    const sub = frame('SUB', subaddressFif('4711'));
    const bench = answerer().hear(TSI, sub, dcs(PLAIN));
    bench.hear(TSI, sub, dcs(PLAIN));
    assert.deepEqual(bench.station.of('identified'), [
      { type: 'identified', remote: { id: '+49 30 5550100', subaddress: '4711' } },
    ]);
  });

  test('a DCS that commands what nobody offered ends the call', () => {
    assert.equal(
      answerer()
        .hear(frame('DCS', Uint8Array.of(0, 0x4a, 0)))
        .quiet().outcome,
      'no_common_modem',
    );
    const colour = frame('DCS', Uint8Array.of(0, 0x44, 1, 1, 1, 1, 1, 1, 0x10));
    assert.equal(answerer().hear(colour).quiet().outcome, 'incompatible');
  });
});

describe('training of an answerer (T.30 figure 5-2a)', () => {
  test('zeros for 1.5 s: CFR, and the page is waited for with resynchronisation', () => {
    const bench = trained(PLAIN);
    assert.equal(bench.said().at(-1), 'CFR');
    assert.equal(bench.last('negotiated')?.line.modem.rate, 14_400);
    assert.deepEqual(bench.commands().at(-1), {
      do: 'listen',
      expect: { signal: 'image', modem: V17, short: true },
    });
  });

  for (const [what, octets, answer] of [
    ['a second of zeros', new Uint8Array(1_800), 'CFR'],
    ['less than a second of them', new Uint8Array(1_799), 'FTT'],
    ['1.5 s with a one in the middle', new Uint8Array(2_700).fill(1, 1_350, 1_351), 'FTT'],
    ['noise before 1.2 s of zeros', new Uint8Array(2_700).fill(0xa5, 0, 500), 'CFR'],
    ['nothing but noise', new Uint8Array(2_700).fill(0x5a), 'FTT'],
    ['no data at all', new Uint8Array(0), 'FTT'],
  ] as const) {
    test(`${what}: ${answer}`, () => {
      assert.equal(answerer().hear(dcs(PLAIN)).data(V17, octets).said().at(-1), answer);
    });
  }

  test('after FTT a slower DCS is followed', () => {
    const bench = answerer().hear(dcs(PLAIN)).data(V17, new Uint8Array(10));
    bench
      .hear(dcs({ ...PLAIN, modem: V17_SLOW }))
      .trainingCheck(V17_SLOW)
      .quiet();
    assert.equal(bench.said().at(-1), 'CFR');
    assert.deepEqual(bench.last('negotiated')?.line, {
      modem: V17_SLOW,
      compression: 'MH',
      ecm: false,
      frameSize: null,
      retrains: 1,
      badFrames: 0,
    });
  });

  test('TCF whose end is lost is judged all the same', () => {
    const bench = answerer().hear(dcs(PLAIN)).event({ type: 'carrier', modem: V17 });
    bench
      .pass(2_900)
      .event({ type: 'data', octets: new Uint8Array(2_700) })
      .pass(3_000);
    assert.equal(bench.said().at(-1), 'CFR');
  });

  test('TCF that never comes: DCS is waited for, then DIS asks for it again', () => {
    const bench = answerer().hear(dcs(PLAIN));
    bench.said();
    assert.deepEqual(bench.pass(11_900).said(), []);
    assert.deepEqual(bench.pass(200).said(), ['CSI+DIS']);
    assert.deepEqual(bench.hear(dcs(PLAIN)).trainingCheck(V17).said(), ['CFR']);
  });

  test('a call that trains and trains makes no headway', () => {
    const bench = answerer();
    for (let i = 0; i < 200 && bench.outcome === null; i++) bench.hear(dcs(PLAIN)).data(V17, new Uint8Array(10));
    assert.equal(bench.quiet().outcome, 'training_failed');
  });

  test('DCS again: CFR has not been heard', () => {
    const bench = trained(PLAIN).hear(dcs(PLAIN)).trainingCheck(V17);
    assert.deepEqual(bench.said().slice(-2), ['CFR', 'CFR']);
  });

  test('the TCF of a caller that has not heard CFR is no page', () => {
    const bench = trained(PLAIN).trainingCheck(V17).hear(dcs(PLAIN));
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
    assert.equal(bench.trainingCheck(V17).said().at(-1), 'CFR');
    assert.equal(bench.last('page_end'), undefined);
  });

  test('no page within T2 of CFR', () => {
    const bench = trained(PLAIN).pass(6_900);
    assert.equal(bench.outcome, null);
    assert.equal(bench.pass(3_000).outcome, 'no_page_data');
    assert.equal(bench.said().at(-1), 'DCN');
  });
});

describe('phases C and D of an answerer without error correction (T.30 figures 5-2b, 5-2d)', () => {
  test('a page, EOP, verdict, MCF, DCN', () => {
    const bench = paged(trained(PLAIN));
    assert.deepEqual(received(bench), Buffer.from(codedPage(0, 3_000)));
    assert.deepEqual(bench.last('page_begin')?.terms, {
      compression: 'MH',
      ecm: false,
      width: 1728,
      xDpi: 204,
      yDpi: 196,
      maxRows: 2_310,
      minScanTime: 0,
      rate: 14_400,
    });
    assert.equal(bench.last('page_end')?.line.modem.rate, 14_400);
    bench.said();
    assert.deepEqual(bench.pass(500).said(), []);
    assert.deepEqual(verdict(bench).said(), ['MCF']);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('without DCN the call ends after T2, and well', () => {
    const bench = verdict(paged(trained(PLAIN)))
      .quiet()
      .pass(6_900);
    assert.equal(bench.outcome, null);
    assert.equal(bench.pass(200).outcome, 'ok');
  });

  test('EOP again: MCF was not heard, and is given again', () => {
    const bench = verdict(paged(trained(PLAIN)))
      .hear('EOP')
      .hear('EOP');
    assert.deepEqual(bench.said().slice(-3), ['MCF', 'MCF', 'MCF']);
    assert.equal(bench.station.of('page_end').length, 1);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('but not for ever', () => {
    const bench = verdict(paged(trained(PLAIN)));
    for (let i = 0; i < 100 && bench.outcome === null; i++) bench.hear('EOP');
    assert.equal(bench.pass(20_000).outcome, 'ok');
    assert.ok(bench.said().filter((said) => said === 'MCF').length <= 10);
  });

  test('CRP has the answer given again', () => {
    const bench = verdict(paged(trained(PLAIN)));
    bench.said();
    assert.deepEqual(bench.hear('CRP').said(), ['MCF']);
  });

  test('a verdict that takes its time: the command that is repeated meanwhile gets one answer', () => {
    const bench = paged(trained(PLAIN)).quiet().pass(3_000);
    bench.said();
    bench.event({ type: 'carrier', modem: 'V.21' }).pass(600);
    assert.deepEqual(verdict(bench).said(), []);
    bench.pass(600).event({ type: 'frame', octets: Uint8Array.of(0xff, 0xc8, 0xf4), good: true });
    assert.deepEqual(bench.event({ type: 'no_carrier' }).said(), ['MCF']);
    assert.equal(bench.station.of('page_end').length, 1);
  });

  test('no verdict at all: the call ends, and nothing is confirmed', () => {
    const bench = paged(trained(PLAIN)).pass(130_000);
    assert.equal(bench.outcome, 'page_not_kept');
    assert.equal(bench.said().includes('MCF'), false);
  });

  test('MPS: the next page follows MCF', () => {
    const bench = verdict(paged(trained(PLAIN), 'MPS')).quiet();
    verdict(paged(bench, 'EOP', codedPage(1, 2_000)));
    assert.equal(bench.station.of('page_end').length, 2);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('MPS again: the answer to it is given again, and the next page is waited for', () => {
    const bench = verdict(paged(trained(PLAIN), 'MPS'));
    bench.said();
    assert.deepEqual(bench.hear('MPS').said(), ['MCF']);
    verdict(paged(bench, 'EOP'));
    assert.equal(bench.hear('DCN').outcome, 'ok');
    assert.equal(bench.station.of('page_end').length, 2);
  });

  test('MPS behind a page of which nothing came is not confirmed', () => {
    const bench = trained(PLAIN).hear('MPS');
    assert.equal(bench.said().at(-1), 'RTN');
    assert.equal(bench.last('page_end'), undefined);
    bench.hear(dcs(PLAIN)).trainingCheck(V17);
    assert.equal(bench.said().at(-1), 'CFR');
  });

  test('a carrier without data behind a confirmed page is a page that did not come', () => {
    const bench = verdict(paged(trained(PLAIN), 'MPS'))
      .data(V17, new Uint8Array(0))
      .hear('MPS');
    assert.equal(bench.said().at(-1), 'RTN');
  });

  test('no page within T2 of MPS', () => {
    const bench = verdict(paged(trained(PLAIN), 'MPS')).pass(10_000);
    assert.equal(bench.outcome, 't2_expired');
  });

  test('EOM: phase B begins anew, after a pause in which EOM may come again', () => {
    const bench = verdict(paged(trained(PLAIN), 'EOM')).quiet();
    bench.said();
    bench.hear('EOM');
    assert.deepEqual(bench.quiet().said(), ['MCF']);
    assert.deepEqual(bench.pass(900).said(), []);
    assert.deepEqual(bench.pass(200).said(), ['CSI+DIS']);
    bench
      .hear(dcs({ ...PLAIN, resolution: '204×98' }))
      .trainingCheck(V17)
      .quiet();
    verdict(paged(bench));
    assert.equal(bench.station.of('page_begin').at(-1)?.terms.yDpi, 98);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('nothing after EOM: T1, and DCN without end of procedure', () => {
    const silent = verdict(paged(trained(PLAIN), 'EOM')).pass(45_000);
    assert.equal(silent.outcome, 't1_expired');
    const bench = verdict(paged(trained(PLAIN), 'EOM')).hear('DCN');
    assert.equal(bench.outcome, 'dcn_unexpected');
  });

  for (const [said, after] of [
    ['PRI-MPS', 'page_due'],
    ['PRI-EOM', 'identification'],
    ['PRI-EOP', 'farewell'],
  ] as const) {
    test(`${said} is taken as what it says without PRI`, () => {
      const bench = trained(PLAIN).data(V17, codedPage(0, 2_000)).hear(said);
      assert.equal(verdict(bench).said().at(-1), 'MCF');
      const ends = { page_due: 't2_expired', identification: 't1_expired', farewell: 'ok' };
      assert.equal(bench.pass(60_000).outcome, ends[after]);
    });
  }

  test('a fair page: RTP, and DCS is waited for', () => {
    const bench = verdict(paged(trained(PLAIN), 'MPS'), 'fair');
    assert.equal(bench.said().at(-1), 'RTP');
    bench
      .hear(dcs({ ...PLAIN, modem: V17_SLOW }))
      .trainingCheck(V17_SLOW)
      .quiet();
    assert.equal(bench.said().at(-1), 'CFR');
    assert.equal(verdict(paged(trained(PLAIN)), 'fair').hear('DCN').outcome, 'ok');
    assert.equal(verdict(paged(trained(PLAIN), 'MPS'), 'fair').pass(12_000).outcome, 't2_expired');
  });

  test('a bad page: RTN, and it comes again', () => {
    const bench = verdict(paged(trained(PLAIN)), 'bad');
    assert.equal(bench.said().at(-1), 'RTN');
    bench.hear(dcs(PLAIN)).trainingCheck(V17).quiet();
    verdict(paged(bench));
    assert.equal(bench.last('page_end')?.line.retrains, 1);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('a sender that gives up after RTN', () => {
    assert.equal(verdict(paged(trained(PLAIN)), 'bad').hear('DCN').outcome, 'dcn_before_page');
  });

  test('a page that cannot be kept ends the call without a confirmation', () => {
    const bench = verdict(paged(trained(PLAIN)), 'failed');
    assert.deepEqual(bench.quiet().said().slice(-1), ['DCN']);
    assert.equal(bench.outcome, 'page_not_kept');
  });

  test('DCN in the page: what came of it is void', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'data', octets: codedPage(0, 100) }).hear('DCN');
    assert.equal(bench.outcome, 'dcn_before_page');
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
  });

  test('no command within T2 of the page', () => {
    const bench = trained(PLAIN).data(V17, codedPage(0, 100)).pass(10_000);
    assert.equal(bench.outcome, 't2_expired');
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
  });

  test('a page that stops coming, its carrier up, ends after a while', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'data', octets: codedPage(0, 100) }).pass(19_000);
    assert.equal(bench.outcome, null);
    assert.equal(bench.pass(10_000).outcome, 'no_page_data');
  });

  test('a carrier that drops out does not end the page', () => {
    const bench = trained(PLAIN).data(V17, codedPage(0, 100)).data(V17, codedPage(1, 50)).hear('EOP');
    assert.equal(received(bench).length, 150);
    assert.equal(bench.station.of('page_begin').length, 1);
  });

  test('data that come with a gap are handed on with it', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'data', octets: codedPage(0, 10), gap: 3 });
    assert.deepEqual(bench.last('page_data'), { type: 'page_data', octets: codedPage(0, 10), gap: 3 });
  });

  test('a page that lasts for more than an hour ends the call', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    for (let seconds = 0; seconds < 3_590; seconds += 10)
      bench.pass(10_000).event({ type: 'data', octets: codedPage(0, 10) });
    assert.equal(bench.outcome, null);
    bench.pass(10_000).event({ type: 'no_carrier' });
    assert.equal(bench.quiet().outcome, 'call_too_long');
  });

  test('a page without an end is cut off', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    const octets = new Uint8Array(1024 * 1024);
    for (let i = 0; i < 40; i++) bench.event({ type: 'data', octets });
    assert.ok(received(bench).length <= 32 * 1024 * 1024);
    bench.event({ type: 'no_carrier' });
    assert.equal(bench.quiet().outcome, 'page_not_kept');
  });
});

describe('phases C and D of an answerer with error correction (T.30 Annex A, figure A.3)', () => {
  const page = (size: number, index = 0) => new EcmSender(codedPage(index, size), { frameSize: 256, page: index });

  /** A page of one partial page has come, and its PPS. */
  function pagedEcm(bench: Bench, after: 'MPS' | 'EOM' | 'EOP' = 'EOP', index = 0): Bench {
    const sender = page(1_000, index);
    return bench.partialPage(V17, sender.frames()).hear(pps(after, index, 0, 4));
  }

  test('a page of one partial page: MCF once it is kept', () => {
    const bench = pagedEcm(trained(ECM));
    assert.deepEqual(received(bench).subarray(0, 1_000), Buffer.from(codedPage(0, 1_000)));
    assert.deepEqual(verdict(bench).said().slice(-2), ['CFR', 'MCF']);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('two partial pages: the first one gets MCF at once', () => {
    const sender = page(70_000);
    const bench = trained(ECM)
      .partialPage(V17, sender.frames())
      .hear(pps('NULL', 0, 0, 256));
    assert.equal(bench.said().at(-1), 'MCF');
    assert.equal(bench.last('page_end'), undefined);
    sender.next();
    bench.partialPage(V17, sender.frames()).hear(pps('EOP', 0, 1, 18));
    assert.deepEqual(received(bench).subarray(0, 70_000), Buffer.from(codedPage(0, 70_000)));
    assert.equal(bench.station.of('page_begin').length, 1);
  });

  test('frames that are missing are asked for, and the page goes on when they have come', () => {
    const frames = page(1_000).frames();
    const bench = trained(ECM)
      .partialPage(V17, frames.toSpliced(1, 1))
      .hear(pps('EOP', 0, 0, 4));
    assert.equal(bench.said().at(-1), 'PPR');
    assert.equal((sent(bench, 'PPR')?.fif[0] ?? 0) & 0xf0, 0x40);
    bench.partialPage(V17, frames.slice(1, 2)).hear(pps('EOP', 0, 0, 4));
    assert.deepEqual(received(bench).subarray(0, 1_000), Buffer.from(codedPage(0, 1_000)));
    verdict(bench);
    assert.equal(bench.last('page_end')?.line.badFrames, 1);
  });

  test('a damaged frame is a missing one', () => {
    const frames = page(1_000).frames();
    const bench = trained(ECM).partialPage(V17, frames.slice(1));
    bench.event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'frame', octets: frames[0] ?? new Uint8Array(), good: false }).event({ type: 'no_carrier' });
    assert.equal(
      bench
        .hear(pps('EOP', 0, 0, 4))
        .said()
        .at(-1),
      'PPR',
    );
  });

  test('nothing of the partial page has come: all of it is asked for', () => {
    const bench = trained(ECM).hear(pps('EOP', 0, 0, 4));
    assert.equal(bench.said().at(-1), 'PPR');
    assert.deepEqual(sent(bench, 'PPR')?.fif, new Uint8Array(32).fill(0xff));
  });

  test('a verdict that takes its time: RNR to PPS and to each RR, then MCF', () => {
    const bench = pagedEcm(trained(ECM)).quiet();
    bench.said();
    assert.deepEqual(bench.pass(900).said(), []);
    assert.deepEqual(bench.pass(200).said(), ['RNR']);
    bench.hear('RR');
    assert.deepEqual(bench.pass(1_100).said(), ['RNR']);
    bench.quiet();
    assert.deepEqual(verdict(bench).said(), []);
    assert.deepEqual(bench.hear('RR').said(), ['MCF']);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('nobody asks again after RNR', () => {
    assert.equal(pagedEcm(trained(ECM)).pass(20_000).outcome, 't2_expired');
  });

  test('PPS again: MCF was not heard, and nothing is delivered twice', () => {
    const bench = verdict(pagedEcm(trained(ECM), 'MPS'));
    bench.said();
    assert.deepEqual(bench.hear(pps('MPS', 0, 0, 4)).said(), ['MCF']);
    assert.equal(bench.station.of('page_end').length, 1);
    verdict(pagedEcm(bench, 'EOP', 1));
    assert.equal(bench.station.of('page_end').length, 2);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });

  test('PPS-EOM: phase B begins anew', () => {
    const bench = verdict(pagedEcm(trained(ECM), 'EOM')).quiet();
    bench.said();
    assert.deepEqual(bench.pass(1_100).said(), ['CSI+DIS']);
  });

  test('a page of 3 minutes is no page that has stopped', () => {
    const slow = { modulation: 'V.27ter', rate: 2_400 } as const;
    const bench = trained({ ...ECM, modem: slow }).event({ type: 'carrier', modem: slow });
    for (let number = 0; number < 200; number++)
      bench.pass(880).event({ type: 'frame', octets: fcd(number, new Uint8Array(256), 256), good: true });
    bench.event({ type: 'frame', octets: rcp(), good: true }).event({ type: 'no_carrier' });
    assert.equal(bench.outcome, null);
    verdict(bench.hear(pps('EOP', 0, 0, 200)));
    assert.equal(bench.said().at(-1), 'MCF');
  });

  test('CTC: CTR, and the partial page goes on at the new rate', () => {
    const frames = page(1_000).frames();
    const bench = trained(ECM)
      .partialPage(V17, frames.slice(0, 2))
      .hear(pps('EOP', 0, 0, 4));
    bench.hear(frame('CTC', ctcFif(V17_SLOW)));
    assert.equal(bench.said().at(-1), 'CTR');
    assert.deepEqual(bench.quiet().commands().at(-1), {
      do: 'listen',
      expect: { signal: 'ecm', modem: V17_SLOW, short: false },
    });
    bench.partialPage(V17_SLOW, frames.slice(2)).hear(pps('EOP', 0, 0, 4));
    assert.equal(bench.last('page_end')?.line.modem.rate, 12_000);
    assert.equal(bench.last('page_end')?.line.retrains, 1);
  });

  test('CTC again: CTR was not heard', () => {
    const bench = trained(ECM)
      .hear(pps('EOP', 0, 0, 4))
      .hear(frame('CTC', ctcFif(V17_SLOW)));
    bench.hear(frame('CTC', ctcFif(V17_SLOW)));
    assert.deepEqual(bench.said().slice(-2), ['CTR', 'CTR']);
  });

  test('a CTC that names no modem is left unanswered', () => {
    const bench = trained(ECM).hear(pps('EOP', 0, 0, 4));
    bench.said();
    assert.deepEqual(bench.hear(frame('CTC', Uint8Array.of(0, 0x0a))).said(), []);
  });

  test('EOR: ERR, what came of the page is void, and the fax is not whole', () => {
    const bench = trained(ECM)
      .partialPage(V17, page(1_000).frames().slice(1))
      .hear(pps('EOP', 0, 0, 4));
    bench.hear(eor('EOP'));
    assert.equal(bench.said().at(-1), 'ERR');
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
    assert.equal(bench.hear('DCN').outcome, 'too_many_retries');
  });

  test('EOR-MPS: the next page may come and be kept', () => {
    const bench = trained(ECM)
      .hear(pps('MPS', 0, 0, 4))
      .hear(eor('MPS'));
    verdict(pagedEcm(bench, 'EOP', 1));
    assert.equal(bench.station.of('page_end').length, 1);
    assert.equal(bench.hear('DCN').outcome, 'too_many_retries');
  });

  test('EOR-EOM: phase B begins anew', () => {
    const bench = trained(ECM)
      .hear(pps('EOM', 0, 0, 4))
      .hear(eor('EOM'))
      .quiet();
    bench.said();
    assert.deepEqual(bench.pass(1_100).said(), ['CSI+DIS']);
  });

  test('a sender that asks for PPR again and again makes no headway', () => {
    const bench = trained(ECM);
    for (let i = 0; i < 200 && bench.outcome === null; i++) bench.hear(pps('EOP', 0, 0, 4));
    assert.equal(bench.quiet().outcome, 'too_many_retries');
  });

  test('a partial page that is skipped cannot be kept', () => {
    const bench = trained(ECM)
      .partialPage(V17, page(1_000).frames())
      .hear(pps('EOP', 0, 1, 4));
    assert.equal(bench.quiet().outcome, 'page_not_kept');
  });

  test('error-free octets that are no page are not asked for again', () => {
    for (const what of ['bad', 'failed'] as const) {
      const bench = verdict(pagedEcm(trained(ECM)), what).quiet();
      assert.equal(bench.outcome, 'page_not_kept');
      assert.equal(bench.said().includes('MCF'), false);
    }
  });

  test('MPS without error correction has no meaning here, PPS none there', () => {
    const bench = trained(ECM).hear('MPS');
    assert.equal(bench.said().at(-1), 'CFR');
    const plain = trained(PLAIN).hear(pps('EOP', 0, 0, 4));
    assert.equal(plain.said().at(-1), 'CFR');
  });
});

describe('the end of an answered call for our own reasons', () => {
  test('cancel in a page: DCN when the far station has ended, or after a while', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'data', octets: codedPage(0, 100) });
    bench.said();
    bench.tell({ type: 'cancel' });
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
    assert.deepEqual(bench.said(), []);
    assert.deepEqual(bench.pass(4_100).said(), ['DCN']);
    assert.equal(bench.quiet().outcome, 'canceled');
  });

  test('the line is lost in a page, and after the last one', () => {
    const bench = trained(PLAIN).event({ type: 'carrier', modem: V17 });
    bench.event({ type: 'data', octets: codedPage(0, 100) }).tell({ type: 'lost' });
    assert.equal(bench.outcome, 'carrier_lost');
    assert.deepEqual(bench.last('page_void'), { type: 'page_void' });
    assert.equal(verdict(paged(trained(PLAIN))).tell({ type: 'lost' }).outcome, 'ok');
    assert.equal(paged(trained(PLAIN)).tell({ type: 'lost' }).outcome, 'carrier_lost');
  });

  test('a verdict that nobody waits for any more changes nothing', () => {
    const bench = verdict(paged(trained(PLAIN))).quiet();
    bench.said();
    assert.deepEqual(verdict(bench, 'bad').pass(1_000).said(), []);
    assert.equal(bench.hear('DCN').outcome, 'ok');
  });
});
