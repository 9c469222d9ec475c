import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, answerOffer } from '../../../../carrier-adapters/sip-t38/sdp/answer.ts';
import type { Ability, AudioMedia, Media, T38Media } from '../../../../carrier-adapters/sip-t38/sdp/media.ts';
import { offerAudio, offerT38, readAnswer } from '../../../../carrier-adapters/sip-t38/sdp/offer.ts';
import { parseSdp } from '../../../../carrier-adapters/sip-t38/sdp/parse.ts';
import { warningValue } from '../../../../carrier-adapters/sip-t38/sdp/refusal.ts';
import { openSession, type SdpSession } from '../../../../carrier-adapters/sip-t38/sdp/session.ts';
import { NO_CAPTURES, sdpOf } from '../../../vectors/sip-t38/captures.ts';
import { AUDIO, sdp, T38 } from './bodies.ts';

const LOCAL = { address: '198.51.100.7', port: 30_000 };
const AUDIO_ABILITY = { local: LOCAL, codecs: ['PCMU', 'PCMA'] } as const;
const T38_ABILITY = { local: LOCAL, version: 0, maxBitRate: 14_400, errorCorrection: 'redundancy' } as const;
const ABLE: Ability = { audio: AUDIO_ABILITY, t38: T38_ABILITY, prefer: 't38' };
const NEW = openSession('1234');

function accepted(offer: string, able: Ability = ABLE, session: SdpSession = NEW): Extract<Answer, { ok: true }> {
  const answer = answerOffer(session, parseSdp(offer), able);
  if (!answer.ok) assert.fail(answer.refusal.text);
  return answer;
}

function code(offer: string, able: Ability = ABLE): number {
  const answer = answerOffer(NEW, parseSdp(offer), able);
  if (answer.ok) assert.fail('the offer was accepted');
  assert.equal(answer.refusal.status, 488);
  return answer.refusal.code;
}

function t38Of(media: Media): T38Media {
  if (media.kind !== 't38') assert.fail('not T.38');
  return media;
}

function audioOf(media: Media): AudioMedia {
  if (media.kind !== 'audio') assert.fail('not audio');
  return media;
}

/** The terms that come of a T.38 offer with these attributes. */
const termsOf = (...attributes: string[]) => t38Of(accepted(sdp('m=image 5 udptl t38', ...attributes)).media).terms;
const mediaLines = (text: string) => text.split('\r\n').filter((line) => line.startsWith('m='));

describe('our offers', () => {
  test('audio alone, PCMU before PCMA', () => {
    assert.equal(
      offerAudio(NEW, AUDIO_ABILITY).sdp,
      [
        'v=0',
        'o=- 1234 1 IN IP4 198.51.100.7',
        's=-',
        'c=IN IP4 198.51.100.7',
        't=0 0',
        'm=audio 30000 RTP/AVP 0 8',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  test('T.38 in the place of audio, with the next version of the session', () => {
    const first = offerAudio(NEW, AUDIO_ABILITY);
    const { sdp: text } = offerT38(first.session, T38_ABILITY);
    assert.deepEqual(text.split('\r\n').slice(1), [
      'o=- 1234 2 IN IP4 198.51.100.7',
      's=-',
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=image 30000 udptl t38',
      'a=T38FaxVersion:0',
      'a=T38MaxBitRate:14400',
      'a=T38FaxRateManagement:transferredTCF',
      'a=T38FaxMaxDatagram:1400',
      'a=T38FaxUdpEC:t38UDPRedundancy',
      '',
    ]);
  });

  test('the same description again keeps its version (RFC 3264 §8)', () => {
    const first = offerAudio(NEW, AUDIO_ABILITY);
    assert.equal(offerAudio(first.session, AUDIO_ABILITY).sdp, first.sdp);
    const back = offerAudio(offerT38(first.session, T38_ABILITY).session, AUDIO_ABILITY);
    assert.match(back.sdp, /^o=- 1234 3 /m);
  });

  test('error correction is named, or left out when there is none', () => {
    assert.match(offerT38(NEW, { ...T38_ABILITY, errorCorrection: 'fec' }).sdp, /a=T38FaxUdpEC:t38UDPFEC\r\n/);
    assert.doesNotMatch(offerT38(NEW, { ...T38_ABILITY, errorCorrection: 'none' }).sdp, /T38FaxUdpEC/);
  });

  test('an IPv6 address says so', () => {
    const local = { address: '2001:db8::7', port: 30_000 };
    assert.match(offerAudio(NEW, { ...AUDIO_ABILITY, local }).sdp, /^c=IN IP6 2001:db8::7\r$/m);
  });

  test('lines that the far end brought stay closed in their places', () => {
    const { session } = accepted(sdp('m=video 9 RTP/AVP 31', 'm=audio 5 RTP/AVP 0'));
    const offered = offerT38(session, T38_ABILITY);
    assert.equal(offered.slot, 1);
    assert.deepEqual(mediaLines(offered.sdp), ['m=video 0 RTP/AVP 31', 'm=image 30000 udptl t38']);
  });

  test('a session id is decimal digits', () => {
    for (const id of ['', 'x', '1'.repeat(19), '1\r\na=x']) assert.throws(() => openSession(id), RangeError);
  });
});

describe('answers to our offers', () => {
  const audio = offerAudio(NEW, AUDIO_ABILITY);
  const t38 = offerT38(NEW, T38_ABILITY);

  test('audio: where to send and the coding that the far end names first', () => {
    const read = readAnswer(audio, parseSdp(sdp('m=audio 6 RTP/AVP 8 0')));
    assert.deepEqual(read, {
      ok: true,
      media: {
        kind: 'audio',
        local: LOCAL,
        remote: { address: '192.0.2.9', port: 6 },
        codec: 'PCMA',
        payloadType: 8,
        direction: 'sendrecv',
      },
    });
  });

  test('T.38: its terms', () => {
    const read = readAnswer(t38, parseSdp(T38));
    assert.ok(read.ok);
    assert.deepEqual(t38Of(read.media), {
      kind: 't38',
      local: LOCAL,
      remote: { address: '192.0.2.9', port: 22_619 },
      terms: {
        version: 0,
        maxBitRate: 14_400,
        rateManagement: 'transferredTCF',
        maxDatagram: 1_400,
        errorCorrection: 'redundancy',
      },
    });
  });

  test('two lines for one: the one of the kind that was offered counts', () => {
    const read = readAnswer(t38, parseSdp(sdp('m=audio 0 RTP/AVP 0', 'm=image 6 udptl t38')));
    assert.ok(read.ok && read.media.remote?.port === 6);
  });

  for (const [name, text] of Object.entries({
    'port 0': sdp('m=image 0 udptl t38'),
    'audio for T.38': AUDIO,
    'no line': sdp(),
    'no description': '',
  })) {
    test(`${name} is a refusal`, () => {
      const read = readAnswer(t38, parseSdp(text));
      assert.ok(!read.ok && read.refusal.code === 399);
    });
  }
});

describe('offers of the far end', () => {
  test('audio is answered with its first coding that we have', () => {
    const { media, sdp: text } = accepted(sdp('m=audio 6 RTP/AVP 18 8 0 101'));
    assert.deepEqual([audioOf(media).codec, audioOf(media).payloadType], ['PCMA', 8]);
    assert.deepEqual(mediaLines(text), ['m=audio 30000 RTP/AVP 8']);
    assert.match(text, /^o=- 1234 1 /m);
  });

  test('a coding under a dynamic payload type is taken, a static one under another name is not', () => {
    const { media } = accepted(
      sdp('m=audio 6 RTP/AVP 0 97 96', 'a=rtpmap:0 L16/8000', 'a=rtpmap:97 PCMU/16000', 'a=rtpmap:96 pcmu/8000/1'),
    );
    assert.deepEqual([audioOf(media).codec, audioOf(media).payloadType], ['PCMU', 96]);
  });

  test('the way of the audio is turned round (RFC 3264 §6.1)', () => {
    const way = (...lines: string[]) => audioOf(accepted(sdp(...lines)).media).direction;
    const line = 'm=audio 6 RTP/AVP 0';
    assert.equal(way(line), 'sendrecv');
    assert.equal(way(line, 'a=sendonly'), 'recvonly');
    assert.equal(way(line, 'a=recvonly'), 'sendonly');
    assert.equal(way(line, 'a=inactive'), 'inactive');
    assert.equal(way('a=sendonly', line), 'recvonly');
    assert.equal(way('a=sendonly', line, 'a=sendrecv'), 'sendrecv');
  });

  test('0.0.0.0 is a far end on hold', () => {
    assert.equal(accepted(sdp('m=audio 6 RTP/AVP 0', 'c=IN IP4 0.0.0.0')).media.remote, null);
  });

  test('the address of a line counts more than that of the session', () => {
    const { media } = accepted(sdp('m=image 6 udptl t38', 'c=IN IP4 192.0.2.77'));
    assert.deepEqual(media.remote, { address: '192.0.2.77', port: 6 });
  });

  test('T.38 is answered with T.38', () => {
    const { sdp: text } = accepted(T38);
    assert.deepEqual(mediaLines(text), ['m=image 30000 udptl t38']);
    assert.match(text, /a=T38FaxUdpEC:t38UDPRedundancy\r\n/);
  });

  test('a call: audio, T.38, the same again, back to audio; each change is a version', () => {
    const versions: string[] = [];
    let session = NEW;
    for (const offer of [AUDIO, T38, T38, AUDIO]) {
      const answer = accepted(offer, ABLE, session);
      session = answer.session;
      versions.push(/^o=- 1234 (\d+)/m.exec(answer.sdp)?.[1] ?? '');
    }
    assert.deepEqual(versions, ['1', '2', '2', '3']);
  });

  test('of two image lines the first is taken, the other refused in its place', () => {
    const { media, sdp: text } = accepted(
      sdp('m=image 6 udptl t38', 'a=T38FaxMaxDatagram:1400', 'm=image 8 udptl t38', 'a=T38FaxMaxDatagram:0'),
    );
    assert.equal(media.remote?.port, 6);
    assert.deepEqual(mediaLines(text), ['m=image 30000 udptl t38', 'm=image 0 udptl t38']);
  });

  test('of audio and T.38 the preferred one is taken', () => {
    const both = sdp('m=audio 6 RTP/AVP 0', 'm=image 8 udptl t38');
    assert.deepEqual(mediaLines(accepted(both).sdp), ['m=audio 0 RTP/AVP 0', 'm=image 30000 udptl t38']);
    assert.deepEqual(mediaLines(accepted(both, { ...ABLE, prefer: 'audio' }).sdp), [
      'm=audio 30000 RTP/AVP 0',
      'm=image 0 udptl t38',
    ]);
    assert.equal(accepted(both, { ...ABLE, t38: null }).media.kind, 'audio');
  });

  test('lines of port 0 are not wanted', () => {
    assert.equal(accepted(sdp('m=image 0 udptl t38', 'm=audio 6 RTP/AVP 0')).media.kind, 'audio');
  });

  test('encrypted lines beside a plain one are refused in their places', () => {
    const offer = sdp(
      'm=audio 6 RTP/SAVP 0',
      'm=audio 8 UDP/TLS/RTP/SAVPF 0',
      'm=image 10 UDP/TLS/UDPTL t38',
      'm=audio 12 RTP/AVP 0',
    );
    assert.deepEqual(mediaLines(accepted(offer).sdp), [
      'm=audio 0 RTP/SAVP 0',
      'm=audio 0 UDP/TLS/RTP/SAVPF 0',
      'm=image 0 UDP/TLS/UDPTL t38',
      'm=audio 30000 RTP/AVP 0',
    ]);
  });

  for (const [name, offer, expected, able] of [
    ['no description', '', 399, ABLE],
    ['no line', sdp(), 304, ABLE],
    ['only lines of port 0', sdp('m=audio 0 RTP/AVP 0'), 304, ABLE],
    ['video', sdp('m=video 6 RTP/AVP 31'), 304, ABLE],
    ['SRTP', sdp('m=audio 6 RTP/SAVP 0'), 302, ABLE],
    ['T.38 over TCP', sdp('m=image 6 TCP t38'), 302, ABLE],
    ['T.38 over DTLS', sdp('m=image 6 UDP/TLS/UDPTL t38'), 302, ABLE],
    ['no coding that we have', sdp('m=audio 6 RTP/AVP 18'), 305, ABLE],
    ['an image that is no T.38', sdp('m=image 6 udptl t37'), 305, ABLE],
    ['a host name', sdp('m=audio 6 RTP/AVP 0', 'c=IN IP4 host.example.com'), 301, ABLE],
    ['IPv6 for our IPv4', sdp('m=audio 6 RTP/AVP 0', 'c=IN IP6 2001:db8::1'), 301, ABLE],
    ['multicast', sdp('m=audio 6 RTP/AVP 0', 'c=IN IP4 224.2.1.1/127'), 330, ABLE],
    ['broadcast', sdp('m=image 6 udptl t38', 'c=IN IP4 255.255.255.255'), 330, ABLE],
    ['no address', 'v=0\r\nm=audio 6 RTP/AVP 0\r\n', 301, ABLE],
    ['T.38 where only audio can be had', T38, 304, { ...ABLE, t38: null }],
    ['audio where only T.38 can be had', AUDIO, 304, { ...ABLE, audio: null }],
  ] as const) {
    test(`${name} is refused with 488 and warning ${expected}`, () => assert.equal(code(offer, able), expected));
  }

  test('a refusal as a Warning header', () => {
    const answer = answerOffer(NEW, null, ABLE);
    assert.ok(!answer.ok);
    assert.equal(warningValue(answer.refusal, 'sealfax'), '399 sealfax "The session description cannot be read"');
  });
});

describe('the terms of T.38', () => {
  test('of a bare line: version 0, 14,400 bit/s, datagrams of 400 octets, no error correction', () => {
    assert.deepEqual(termsOf(), {
      version: 0,
      maxBitRate: 14_400,
      rateManagement: 'transferredTCF',
      maxDatagram: 400,
      errorCorrection: 'none',
    });
  });

  test('in odd cases and spellings', () => {
    const terms = termsOf(
      'a=t38faxversion:0',
      'a=T38FaxMaxBitRate:9600',
      'a=T38faxmaxdatagram: 320 ',
      'a=T38FAXUDPEC:T38UDPFEC',
      'a=T38FaxFillBitRemoval:0',
    );
    assert.deepEqual([terms.maxBitRate, terms.maxDatagram, terms.errorCorrection], [9_600, 320, 'fec']);
    assert.equal(termsOf('a=t38MaxBitRate:4800').maxBitRate, 4_800);
  });

  test('the lower version is spoken', () => {
    const able = (version: 0 | 3): Ability => ({ ...ABLE, t38: { ...T38_ABILITY, version } });
    const version = (theirs: string, ours: 0 | 3) =>
      t38Of(accepted(sdp('m=image 5 udptl t38', `a=T38FaxVersion:${theirs}`), able(ours)).media).terms.version;
    assert.deepEqual(
      [version('3', 0), version('0', 3), version('1', 3), version('2', 3), version('4', 3), version('x', 3)],
      [0, 0, 1, 2, 3, 0],
    );
  });

  test('the lower rate holds, and nonsense is taken for 14,400', () => {
    for (const [said, held] of [
      ['33600', 14_400],
      ['9600', 9_600],
      ['0', 14_400],
      ['-1', 14_400],
      ['9999999999', 14_400],
    ] as const) {
      assert.equal(termsOf(`a=T38MaxBitRate:${said}`).maxBitRate, held);
    }
  });

  test('the size of datagrams stays between 48 and 1,400 octets', () => {
    for (const [said, held] of [
      ['72', 72],
      ['48', 48],
      ['47', 400],
      ['0', 400],
      ['-5', 400],
      ['x', 400],
      ['65535', 1_400],
      ['1400', 1_400],
    ] as const) {
      assert.equal(termsOf(`a=T38FaxMaxDatagram:${said}`).maxDatagram, held);
    }
  });

  test('rate management is that of UDP, whatever is asked for', () => {
    assert.match(
      accepted(sdp('m=image 5 udptl t38', 'a=T38FaxRateManagement:localTCF')).sdp,
      /T38FaxRateManagement:transferredTCF\r\n/,
    );
  });

  test('no error correction where we want none, or where the far end has a kind that we do not know', () => {
    assert.equal(termsOf('a=T38FaxUdpEC:t38UDPNoEC').errorCorrection, 'none');
    const able: Ability = { ...ABLE, t38: { ...T38_ABILITY, errorCorrection: 'none' } };
    assert.equal(t38Of(accepted(T38, able).media).terms.errorCorrection, 'none');
  });

  test('an answer never says more than was offered: no fill bit removal, no transcoding', () => {
    const { sdp: text } = accepted(
      sdp('m=image 5 udptl t38', 'a=T38FaxFillBitRemoval', 'a=T38FaxTranscodingMMR', 'a=T38FaxTranscodingJBIG'),
    );
    assert.doesNotMatch(text, /FillBit|Transcoding/);
  });

  test('every T.38 offer of the lab is accepted on its terms', { skip: NO_CAPTURES }, () => {
    const terms = ['ecm-on-redundancy', 'ecm-on-fec', 'ecm-off-noec'].map((name) => {
      const offer = sdpOf(`${name}.pcap`).find((body) => body.includes('m=image')) ?? '';
      const { errorCorrection, maxDatagram } = t38Of(accepted(offer).media).terms;
      return [errorCorrection, maxDatagram];
    });
    assert.deepEqual(terms, [
      ['redundancy', 1_400],
      ['fec', 849],
      ['none', 425],
    ]);
  });
});
