import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRtp } from '../../../../carrier-adapters/sip-t38/call/rtp.ts';
import { parseSdp } from '../../../../carrier-adapters/sip-t38/sdp/parse.ts';
import { answered, CALL, FAR, farAnswer, farSdp, PLACED, Script, TAKEN, taken } from './script.ts';

const STRANGER = { address: '198.51.100.66', port: 30_000 };
const kindsOf = (sdp: string | undefined) => parseSdp(sdp ?? '')?.media.map(({ kind }) => kind);
/** UDPTL: sequence 0, indicator CED. */
const CED_PACKET = Uint8Array.from([0, 0, 1, 0x04, 0, 0]);
/** Whether anything but RTP was sent after `from`. */
const faxSince = (script: Script, from: number) =>
  script.sent.some(({ at, datagram }) => at >= from && parseRtp(datagram) === null);

describe('a placed call before T.38', () => {
  test('the first INVITE offers audio alone', () => {
    const script = new Script(PLACED);
    assert.deepEqual(kindsOf(script.order('place')?.sdp), ['audio']);
  });

  test('after the answer CNG is sent, a packet each 20 ms, to where the answer says', () => {
    const script = answered();
    script.until(1_000);
    assert.deepEqual(
      script.events.map(({ type }) => type),
      ['answered'],
    );
    assert.equal(script.sent.length, 51);
    for (const { to } of script.sent) assert.deepEqual(to, FAR);
  });

  test('RFC 3264 §8.4: nothing is sent to a far side on hold', () => {
    const script = new Script(PLACED);
    script.sip({ type: 'answered', call: CALL, sdp: farSdp.hold });
    script.until(1_000);
    assert.deepEqual(script.sent, []);
  });

  test('a call that rings for too long is ended', () => {
    const script = new Script(PLACED);
    script.sip({ type: 'ringing', call: CALL, status: 180, sdp: null });
    script.until(59_999);
    assert.equal(script.order('hang_up'), undefined);
    script.until(60_000);
    script.ended('local', 487);
    assert.deepEqual(script.end?.ending, { by: 'ring_time' });
  });

  test('a refusal is the end, with its status and cause', () => {
    const script = new Script(PLACED);
    script.ended('remote', 486, 17);
    const ending = script.end?.ending;
    assert.equal(ending?.by, 'refusal');
    assert.deepEqual(ending.by === 'refusal' && [ending.ended.status, ending.ended.cause], [486, 17]);
    assert.equal(script.released, true);
    assert.equal(script.deadline, null);
  });

  test('an answer without usable media is ended by BYE, and never said to be answered', () => {
    const script = new Script(PLACED);
    script.sip({ type: 'answered', call: CALL, sdp: 'v=0\r\nrubbish' });
    assert.equal(script.order('hang_up')?.cause, 16);
    script.ended('local');
    assert.equal(script.end?.ending.by, 'media');
    assert.deepEqual(
      script.events.map(({ type }) => type),
      ['over'],
    );
  });

  test('the far side’s BYE at the answer is a hang-up', () => {
    const script = answered();
    script.ended('remote', null, 16);
    assert.equal(script.end?.ending.by, 'hang_up');
  });
});

describe('the switch to T.38', () => {
  test('T.38 annex D: the far side’s re-INVITE is accepted, the audio ends, and UDPTL begins', () => {
    const script = answered();
    script.until(3_000);
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    assert.deepEqual(kindsOf(script.order('accept_offer')?.sdp), ['image']);
    const before = script.sent.length;
    script.until(4_000);
    const since = script.sent.slice(before);
    assert.ok(since.length > 0);
    assert.ok(since.every(({ datagram }) => parseRtp(datagram) === null));
  });

  test('when none comes, ours follows after the wait, once', () => {
    const script = answered();
    script.until(4_999);
    assert.equal(script.order('offer'), undefined);
    script.until(20_000);
    assert.equal(script.orders.filter(({ type }) => type === 'offer').length, 1);
    const { sdp } = script.order('offer') ?? { sdp: '' };
    assert.deepEqual(kindsOf(sdp), ['image']);
    script.sip({ type: 'offer_answered', call: CALL, sdp: farAnswer(sdp) });
    script.until(21_000);
    assert.ok(faxSince(script, 20_000));
  });

  test('RFC 3261 §14.1: in glare the far side’s offer is taken, and our own refusal changes nothing', () => {
    const script = answered();
    script.until(5_000);
    assert.ok(script.order('offer') !== undefined);
    script.sip({ type: 'offer_refused', call: CALL, status: 491 });
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    script.until(6_000);
    assert.ok(faxSince(script, 5_000));
    assert.equal(script.end, undefined);
  });

  test('refused by 488 while a fax machine is heard: the trunk has no T.38', () => {
    const script = answered();
    script.tone('ced');
    script.until(5_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    assert.ok(script.order('hang_up') !== undefined);
    script.ended('local');
    const ending = script.end?.ending;
    assert.equal(ending?.by, 'media');
    assert.match(ending.by === 'media' ? ending.detail : '', /no T.38|refuses T.38 \(488\)/);
  });

  test('refused by 488, and the fax machine is heard later: the same', () => {
    const script = answered();
    script.until(5_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    assert.equal(script.order('hang_up'), undefined);
    script.tone('ced');
    script.ended('local');
    assert.equal(script.end?.ending.by, 'media');
  });

  test('refused, and nothing of a fax within T1: somebody else has answered', () => {
    const script = answered();
    script.until(5_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    script.until(34_999);
    assert.equal(script.order('hang_up'), undefined);
    script.until(35_000);
    script.ended('local');
    assert.deepEqual(script.end?.ending, { by: 'silence' });
  });

  test('our own CNG that comes back as an echo is no fax machine', () => {
    const script = answered();
    script.until(5_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    script.tone('cng');
    assert.equal(script.order('hang_up'), undefined);
  });

  test('an offer that nobody can use is refused with 488 and a warning, and the call goes on', () => {
    const script = answered();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.audio.replace('RTP/AVP', 'RTP/SAVP') });
    const refusal = script.order('refuse_offer');
    assert.equal(refusal?.status, 488);
    assert.match(refusal.warning ?? '', /^3\d\d sealfax "/);
    script.until(1_000);
    assert.equal(script.end, undefined);
    assert.ok(script.sent.length > 40);
  });

  test('an offer without a description gets one of ours', () => {
    const script = answered();
    script.sip({ type: 'offered', call: CALL, sdp: null });
    assert.deepEqual(kindsOf(script.order('accept_offer')?.sdp), ['audio']);
    script.sip({ type: 'offer_answered', call: CALL, sdp: farAnswer(script.order('accept_offer')?.sdp ?? '') });
    assert.equal(script.end, undefined);
  });

  test('a strange answer to our offer is no T.38', () => {
    const script = answered();
    script.tone('ced');
    script.until(5_000);
    script.sip({ type: 'offer_answered', call: CALL, sdp: 'v=0' });
    script.ended('local');
    assert.equal(script.end?.ending.by, 'media');
  });
});

describe('media of strangers', () => {
  test('tones from elsewhere are not heard', () => {
    const script = answered();
    script.until(5_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    script.tone('ced', STRANGER);
    assert.equal(script.order('hang_up'), undefined);
    script.tone('ced');
    assert.ok(script.order('hang_up') !== undefined);
  });

  test('after the switch, neither strangers nor stragglers of the audio reach the fax', () => {
    const script = answered();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    const heard = () => {
      script.ended('remote');
      return script.end?.ladder.steps.filter(({ layer, direction }) => layer === 't38' && direction === 'heard').length;
    };
    script.media(CED_PACKET, STRANGER);
    script.tone('ced');
    assert.equal(heard(), 0);
  });

  test('what the far side sends is heard', () => {
    const script = answered();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    script.media(CED_PACKET);
    script.ended('remote');
    const heard = script.end?.ladder.steps.filter(({ layer, direction }) => layer === 't38' && direction === 'heard');
    assert.deepEqual(
      heard?.map(({ signal }) => signal),
      ['ced'],
    );
  });

  test('anything at any time is taken without a throw', () => {
    const script = answered();
    for (const length of [0, 1, 2, 11, 12, 13, 200, 4_096]) {
      for (const octet of [0, 0x80, 0xff]) script.media(new Uint8Array(length).fill(octet));
    }
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    for (const length of [0, 1, 2, 3, 6, 11, 12, 13, 200, 4_096]) {
      for (const octet of [0, 1, 0x80, 0xff]) script.media(new Uint8Array(length).fill(octet));
    }
    script.ended('remote');
    script.media(CED_PACKET);
    assert.equal(script.released, true);
  });
});

describe('ends of our own', () => {
  test('before the answer: CANCEL', () => {
    const script = new Script(PLACED);
    script.tell({ type: 'end', why: 'canceled' });
    assert.ok(script.order('hang_up') !== undefined);
    script.ended('local', 487);
    assert.deepEqual(script.end?.ending, { by: 'wish', why: 'canceled' });
  });

  test('a 200 that crosses our CANCEL does not bring the call back', () => {
    const script = new Script(PLACED);
    const offer = script.order('place')?.sdp ?? '';
    script.tell({ type: 'end', why: 'canceled' });
    script.sip({ type: 'answered', call: CALL, sdp: farAnswer(offer) });
    script.until(1_000);
    assert.equal(script.sent.length, 0);
    script.ended('local');
    assert.deepEqual(script.end?.ending, { by: 'wish', why: 'canceled' });
    assert.equal(script.events.length, 1);
  });

  test('in the fax: DCN first, then BYE', () => {
    const script = answered();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    script.until(1_000);
    script.tell({ type: 'end', why: 'stopped' });
    assert.equal(script.order('hang_up'), undefined);
    script.until(9_500);
    assert.ok(script.order('hang_up') !== undefined);
    script.ended('local');
    const { end } = script;
    assert.deepEqual(end?.ending, { by: 'wish', why: 'stopped' });
    const signals = end.ladder.steps.map(({ signal }) => signal);
    assert.ok(signals.includes('DCN'), signals.join(' '));
  });

  test('a trunk that does not answer our BYE keeps nobody waiting', () => {
    const script = answered();
    script.tell({ type: 'cut', why: 'cut' });
    assert.deepEqual([script.released, script.events.length], [true, 1]);
    script.until(2_000);
    assert.deepEqual(script.end?.ending, { by: 'wish', why: 'cut' });
    script.ended('network');
    assert.equal(script.events.filter(({ type }) => type === 'over').length, 1);
  });

  test('abandoned, it tells what is known at once', () => {
    const script = answered();
    script.tell({ type: 'abandon' });
    assert.deepEqual(script.end?.ending, { by: 'wish', why: 'cut' });
    assert.equal(script.deadline, null);
  });
});

describe('a call that comes in', () => {
  test('it rings and is answered with audio; CED is sent', () => {
    const script = new Script(TAKEN);
    assert.deepEqual(
      script.orders.map(({ type }) => type),
      ['ring', 'answer'],
    );
    assert.deepEqual(kindsOf(script.order('answer')?.sdp), ['audio']);
    script.until(1_000);
    assert.equal(script.sent.length, 51);
  });

  test('RFC 3261 §14.1: T.38 is not asked for before ACK, and then after CED', () => {
    const script = new Script(TAKEN);
    script.until(2_000);
    script.tone('cng');
    script.until(2_500);
    assert.equal(script.order('offer'), undefined);
    script.sip({ type: 'confirmed', call: CALL });
    script.until(2_500);
    assert.ok(script.order('offer') !== undefined);
  });

  test('without CNG it is asked for when CED is over', () => {
    const script = taken();
    script.until(2_999);
    assert.equal(script.order('offer'), undefined);
    script.until(3_000);
    assert.deepEqual(kindsOf(script.order('offer')?.sdp), ['image']);
  });

  test('CNG is a fax machine: T.38 is asked for at once', () => {
    const script = taken();
    script.until(500);
    script.tone('cng');
    script.until(500);
    assert.ok(script.order('offer') !== undefined);
  });

  test('the caller’s own re-INVITE is accepted', () => {
    const script = taken();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    script.until(1_000);
    assert.ok(faxSince(script, 0));
    assert.equal(script.order('offer'), undefined);
  });

  test('an INVITE without an offer gets ours, and its answer comes with ACK', () => {
    const script = new Script({ ...TAKEN, offer: null });
    const sdp = script.order('answer')?.sdp ?? '';
    assert.deepEqual(kindsOf(sdp), ['audio']);
    script.sip({ type: 'offer_answered', call: CALL, sdp: farAnswer(sdp) });
    script.sip({ type: 'confirmed', call: CALL });
    script.until(3_000);
    assert.ok(script.order('offer') !== undefined);
  });

  test('an INVITE that offers T.38 is a fax from the beginning', () => {
    const script = new Script({ ...TAKEN, offer: farSdp.t38 });
    script.sip({ type: 'confirmed', call: CALL });
    script.until(1_000);
    assert.deepEqual(kindsOf(script.order('answer')?.sdp), ['image']);
    assert.ok(faxSince(script, 0));
  });

  test('an offer that nobody can use is refused with 488', () => {
    const script = new Script({ ...TAKEN, offer: farSdp.audio.replace('RTP/AVP', 'RTP/SAVP') });
    assert.deepEqual([script.order('reject')?.status, script.order('answer')], [488, undefined]);
    assert.equal(script.released, true);
    script.ended('local', 488);
    assert.equal(script.end?.ending.by, 'media');
  });

  test('nothing within T1: no fax', () => {
    const script = taken();
    script.until(3_000);
    script.sip({ type: 'offer_refused', call: CALL, status: 488 });
    script.until(35_000);
    script.ended('local');
    assert.deepEqual(script.end?.ending, { by: 'silence' });
  });

  test('back to audio before the fax is over is a lost line', () => {
    const script = taken();
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.t38 });
    script.until(1_000);
    script.sip({ type: 'offered', call: CALL, sdp: farSdp.audio });
    assert.deepEqual(kindsOf(script.order('accept_offer')?.sdp), ['audio']);
    script.until(2_000);
    script.ended('local');
    assert.deepEqual(script.end?.ending, { by: 'procedure', outcome: 'carrier_lost' });
  });

  test('a caller that gives up is let go', () => {
    const script = new Script({ ...TAKEN, offer: farSdp.audio });
    script.ended('remote', 487);
    assert.equal(script.released, true);
  });
});
