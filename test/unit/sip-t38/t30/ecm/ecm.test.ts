import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fcd, parseMessageFrame, rcp } from '../../../../../carrier-adapters/sip-t38/t30/ecm/frames.ts';
import {
  parsePartialPage,
  parsePpr,
  partialPageFif,
  pprFif,
} from '../../../../../carrier-adapters/sip-t38/t30/ecm/partial-page.ts';
import { EcmReceiver } from '../../../../../carrier-adapters/sip-t38/t30/ecm/receiver.ts';
import { EcmSender } from '../../../../../carrier-adapters/sip-t38/t30/ecm/sender.ts';

/** `length` octets that differ from frame to frame. */
const coded = (length: number, salt = 0) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 6) * 13 + salt) & 255);

/** Gives a receiver the frames of a transmission but for those at `lost`, which come with a wrong FCS. */
function hear(receiver: EcmReceiver, frames: readonly Uint8Array[], lost: readonly number[] = []) {
  frames.forEach((octets, i) => {
    receiver.frame(octets, !lost.includes(i));
  });
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

describe('frames of ECM (T.4 Annex A)', () => {
  test('FCD, RCP and the FIF of PPS are as stations send them', () => {
    // From the call of lab/captures/ecm-on-redundancy: frame 1 of a page, RCP, PPS-EOP of 106 frames.
    assert.equal(hex(fcd(1, Uint8Array.of(0x9e, 0x9e), 64)).slice(0, 12), 'ffc060809e9e');
    assert.equal(hex(rcp()), 'ffc061');
    assert.equal(hex(partialPageFif({ page: 0, block: 0, frames: 106 })), '000096');
    assert.deepEqual(parsePartialPage(Uint8Array.of(0x80, 0x40, 0xff)), { page: 1, block: 2, frames: 256 });
  });

  test('the first bit of PPR is frame 0, and bits behind the partial page are 1', () => {
    const fif = pprFif((frame) => frame === 0 || frame === 9 || frame >= 12);
    assert.equal(hex(fif).slice(0, 6), '804fff');
    assert.deepEqual(parsePpr(fif, 12), [0, 9]);
    assert.equal(fif.length, 32);
  });

  test('frames that are none are ignored', () => {
    const whole = fcd(3, coded(64), 64);
    for (let length = 0; length < 5; length++) assert.equal(parseMessageFrame(whole.subarray(0, length), 64), null);
    assert.equal(parseMessageFrame(Uint8Array.of(0xff, 0xc8, 0x60, 0, 1), 64), null, 'control of another channel');
    assert.equal(parseMessageFrame(Uint8Array.of(0xff, 0xc0, 0x62, 0, 1), 64), null, 'another FCF');
    assert.equal(parseMessageFrame(fcd(3, coded(256), 256), 64), null, 'a longer data field than was agreed on');
    assert.deepEqual(parseMessageFrame(whole.subarray(0, 14), 64), { kind: 'fcd', number: 3, data: coded(10) });
  });

  test('every truncation of the fields of PPS and PPR is seen', () => {
    for (let length = 0; length < 3; length++) assert.equal(parsePartialPage(new Uint8Array(length)), null);
    for (let length = 0; length < 32; length++) assert.equal(parsePpr(new Uint8Array(length), 256), null);
    assert.deepEqual(parsePpr(Uint8Array.of(0x80), 5), [0], 'octets of frames that there are not may be left out');
  });
});

describe('a page in error correction mode', () => {
  for (const frameSize of [64, 256] as const) {
    test(`goes over as it is, with ${frameSize} octets a frame, whatever its length`, () => {
      for (const length of [
        0,
        1,
        frameSize,
        frameSize + 1,
        256 * frameSize,
        256 * frameSize + 1,
        600 * frameSize - 3,
      ]) {
        const page = coded(length);
        const sender = new EcmSender(page, { frameSize, page: 0 });
        const receiver = new EcmReceiver(frameSize);
        const got: number[] = [];
        for (let blocks = 0; ; blocks++) {
          assert.ok(blocks < 4);
          hear(receiver, sender.frames());
          const outcome = receiver.pps(sender.fif(), sender.last);
          assert.equal(outcome.type, 'whole');
          if (outcome.type === 'whole') got.push(...outcome.octets);
          if (sender.next() === 'page') break;
        }
        assert.deepEqual(Uint8Array.from(got.slice(0, length)), page);
        assert.ok(
          got.slice(length).every((octet) => octet === 0),
          'padding is zeros',
        );
        assert.equal(got.length, Math.max(1, Math.ceil(length / frameSize)) * frameSize);
      }
    });
  }

  test('only frames that PPR names are sent again, and PPS keeps the counters', () => {
    const sender = new EcmSender(coded(2000), { frameSize: 64, page: 300 });
    const receiver = new EcmReceiver(64);
    hear(receiver, sender.frames(), [3, 7, 31]);
    const fif = sender.fif();
    const outcome = receiver.pps(fif, true);
    assert.ok(outcome.type === 'bad');
    assert.equal(outcome.frames, 3);
    assert.equal(sender.ppr(outcome.ppr), 'resend');
    const again = sender.frames().map((octets) => parseMessageFrame(octets, 64));
    assert.deepEqual(
      again.map((frame) => (frame?.kind === 'fcd' ? frame.number : frame?.kind)),
      [3, 7, 31, 'rcp', 'rcp', 'rcp'],
    );
    assert.deepEqual(sender.fif(), fif);
    hear(receiver, sender.frames());
    const whole = receiver.pps(sender.fif(), true);
    assert.ok(whole.type === 'whole');
    assert.deepEqual(whole.octets.subarray(0, 2000), coded(2000));
    assert.equal(sender.badFrames, 3);
    assert.equal(receiver.badFrames, 3);
  });

  test('the fourth PPR for a partial page is the limit, and so is every fourth after it', () => {
    const sender = new EcmSender(coded(200 * 256), { frameSize: 64, page: 0 });
    const ppr = pprFif((frame) => frame > 250);
    const outcomes = Array.from({ length: 8 }, () => sender.ppr(ppr));
    assert.deepEqual(outcomes, ['resend', 'resend', 'resend', 'limit', 'resend', 'resend', 'resend', 'limit']);
    assert.equal(sender.ppr(Uint8Array.of(1)), 'malformed');
    assert.equal(sender.next(), 'block');
    assert.equal(sender.pprs, 0);
    assert.equal(sender.ppr(ppr), 'resend');
  });

  test('a PPR that names no frame is answered with RCPs alone', () => {
    const sender = new EcmSender(coded(640), { frameSize: 64, page: 0 });
    assert.equal(sender.ppr(pprFif((frame) => frame >= 10)), 'resend');
    assert.deepEqual(sender.frames(), [rcp(), rcp(), rcp()]);
  });

  test('progress is told in octets of the page, also while frames are repeated', () => {
    const sender = new EcmSender(coded(256 * 64 + 100), { frameSize: 64, page: 0 });
    assert.equal(sender.sent(0), 0);
    assert.equal(sender.sent(68 * 10 + 5), 640);
    assert.equal(sender.next(), 'block');
    assert.equal(sender.sent(0), 256 * 64);
    assert.equal(sender.sent(10_000), 256 * 64 + 100);
    sender.ppr(pprFif((frame) => frame === 0));
    assert.equal(sender.sent(68), 256 * 64 + 64);
  });
});

describe('a receiver of ECM', () => {
  const partial = (page: number, block: number, frames: number) => partialPageFif({ page, block, frames });

  test('a PPS repeated because its answer was lost delivers nothing twice', () => {
    const receiver = new EcmReceiver(64);
    hear(receiver, [fcd(0, coded(64), 64), rcp()]);
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'whole');
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'repeated');
    hear(receiver, [fcd(0, coded(64), 64), rcp()]);
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'repeated', 'also when its frames came again');
  });

  test('a station that never counts its pages loses none', () => {
    const receiver = new EcmReceiver(64);
    hear(receiver, [fcd(0, coded(64), 64), rcp()]);
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'whole');
    hear(receiver, [fcd(0, coded(64, 1), 64), rcp()]);
    const second = receiver.pps(partial(0, 0, 1), true);
    assert.ok(second.type === 'whole');
    assert.deepEqual(second.octets, coded(64, 1));
  });

  test('PPS of a repetition may count its own frames only', () => {
    const receiver = new EcmReceiver(64);
    hear(receiver, [fcd(0, coded(64), 64), fcd(2, coded(64, 2), 64)]);
    assert.equal(receiver.pps(partial(0, 0, 3), true).type, 'bad');
    hear(receiver, [fcd(1, coded(64, 1), 64)]);
    const outcome = receiver.pps(partial(0, 0, 1), true);
    assert.ok(outcome.type === 'whole');
    assert.deepEqual(outcome.octets, Uint8Array.from([...coded(64), ...coded(64, 1), ...coded(64, 2)]));
  });

  test('a partial page that was never whole is not passed over', () => {
    const receiver = new EcmReceiver(64);
    hear(receiver, [fcd(0, coded(64), 64)]);
    assert.equal(receiver.pps(partial(0, 1, 1), false).type, 'skipped', 'the first one is missing');
    assert.equal(receiver.pps(partial(0, 0, 2), false).type, 'bad');
    assert.equal(receiver.pps(partial(0, 1, 2), true).type, 'skipped', 'another one while one is open');
    receiver.giveUp();
    hear(receiver, [fcd(0, coded(64), 64)]);
    assert.equal(receiver.pps(partial(0, 0, 1), false).type, 'whole');
    assert.equal(receiver.pps(partial(0, 2, 1), true).type, 'skipped', 'one was left out');
    assert.equal(receiver.pps(partial(1, 0, 1), true).type, 'skipped', 'the page before has no end');
  });

  test('pages and blocks are counted modulo 256', () => {
    const receiver = new EcmReceiver(64);
    for (let block = 0; block < 300; block++) {
      hear(receiver, [fcd(0, Uint8Array.of(block & 255, block >> 8), 64)]);
      assert.equal(receiver.pps(partial(255, block & 255, 1), block === 299).type, 'whole');
    }
    hear(receiver, [fcd(0, coded(64), 64)]);
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'whole');
  });

  test('frame numbers behind the partial page are ignored', () => {
    const receiver = new EcmReceiver(64);
    hear(receiver, [fcd(0, coded(64), 64), fcd(200, coded(64, 9), 64)]);
    const outcome = receiver.pps(partial(0, 0, 1), true);
    assert.ok(outcome.type === 'whole');
    assert.deepEqual(outcome.octets, coded(64));
  });

  test('frames with a wrong FCS and frames that are none change nothing', () => {
    const receiver = new EcmReceiver(64);
    assert.equal(receiver.frame(fcd(0, coded(64), 64), false), 'ignored');
    assert.equal(receiver.frame(rcp(), false), 'ignored');
    assert.equal(receiver.frame(new Uint8Array(0), true), 'ignored');
    assert.equal(receiver.frame(new Uint8Array(70_000).fill(0xff), true), 'ignored');
    assert.equal(receiver.frame(rcp(), true), 'rcp');
    assert.equal(receiver.pps(partial(0, 0, 1), true).type, 'bad');
    assert.equal(receiver.pps(Uint8Array.of(0, 0), true).type, 'malformed');
  });
});
