import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressKind } from '../../../../carrier-adapters/sip-t38/sdp/address.ts';
import { attributeOf, parseSdp } from '../../../../carrier-adapters/sip-t38/sdp/parse.ts';
import { capture, NO_CAPTURES, sdpOf } from '../../../vectors/sip-t38/captures.ts';
import { AUDIO, sdp, T38 } from './bodies.ts';

describe('a session description', () => {
  test('is read: origin, address, media lines with what stands below them', () => {
    const read = parseSdp(T38);
    assert.equal(read?.id, '7');
    assert.equal(read?.version, '1');
    assert.equal(read?.address, '192.0.2.9');
    const [line] = read?.media ?? [];
    assert.deepEqual([line?.kind, line?.port, line?.protocol, line?.formats], ['image', 22_619, 'udptl', ['t38']]);
    assert.deepEqual(line?.attributes[0], { name: 'T38FaxVersion', value: '0' });
  });

  // RFC 4317 §2.1, the offer.
  test('of RFC 4317 is read', () => {
    const text = `v=0
o=alice 2890844526 2890844526 IN IP4 host.atlanta.example.com
s=
c=IN IP4 host.atlanta.example.com
t=0 0
m=audio 49170 RTP/AVP 0 8 97
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:97 iLBC/8000
m=video 51372 RTP/AVP 31 32
a=rtpmap:31 H261/90000
a=rtpmap:32 MPV/90000
`;
    const read = parseSdp(text);
    assert.deepEqual(
      read?.media.map(({ kind, port, formats }) => [kind, port, formats]),
      [
        ['audio', 49_170, ['0', '8', '97']],
        ['video', 51_372, ['31', '32']],
      ],
    );
    assert.equal(read?.address, 'host.atlanta.example.com');
  });

  test('with any ends of line, flags, two addresses of a line and unknown lines', () => {
    for (const end of ['\r\n', '\n', '\r']) {
      const text = [
        'v=0 ',
        'x',
        'm=AUDIO 4/2 RTP/AVP 0',
        'c=in IP4 198.51.100.1/127',
        'c=IN IP4 198.51.100.2',
        'a=inactive',
        'b=AS:64',
        'a=',
        '',
      ];
      const read = parseSdp(text.join(end));
      const [line] = read?.media ?? [];
      assert.deepEqual([line?.kind, line?.port, line?.address], ['audio', 4, '198.51.100.1']);
      assert.equal(line === undefined ? '' : attributeOf(line, 'INACTIVE'), '');
    }
  });

  for (const [name, text] of Object.entries({
    nothing: '',
    'another version': 'v=1\r\n',
    'a media line without formats': sdp('m=image 4 udptl'),
    'a port that is none': sdp('m=image x udptl t38'),
    'a port above 65,535': sdp('m=image 65536 udptl t38'),
    'a negative port': sdp('m=image -1 udptl t38'),
    'octets that are no token': sdp('m=image 4 udptl t\u000038'),
    '17 media lines': sdp(...new Array(17).fill('m=audio 4 RTP/AVP 0')),
    'more than 512 lines': sdp(...new Array(512).fill('a=x')),
    'more than 16,384 characters': sdp('m=audio 4 RTP/AVP 0', `a=x:${'y'.repeat(16_384)}`),
  })) {
    test(`${name} is refused`, () => assert.equal(parseSdp(text), null));
  }

  test('at most 64 attributes of a line and 64 formats are kept', () => {
    const read = parseSdp(sdp(`m=audio 4 RTP/AVP${' 0'.repeat(90)}`, ...new Array(90).fill('a=x')));
    assert.deepEqual([read?.media[0]?.attributes.length, read?.media[0]?.formats.length], [64, 64]);
  });

  test('cut short anywhere, it is read or refused', () => {
    for (const text of [AUDIO, T38]) {
      for (let length = 0; length <= text.length; length++) parseSdp(text.slice(0, length));
    }
  });

  test('every one of the lab is read, with one line for each of its m= lines', { skip: NO_CAPTURES }, () => {
    const bodies = ['ecm-on-redundancy', 'ecm-on-fec', 'ecm-off-noec', 'errors'].flatMap((name) =>
      sdpOf(`${name}.pcap`),
    );
    assert.ok(bodies.length > 80);
    for (const body of bodies) assert.equal(parseSdp(body)?.media.length, body.match(/^m=/gm)?.length);
    assert.ok(capture('register.pcap').length > 0);
  });
});

describe('an address', () => {
  for (const [kind, addresses] of Object.entries({
    unicast: [
      '192.0.2.1',
      '127.0.0.1',
      '223.255.255.255',
      '2001:db8::1',
      '::1',
      'fe80::1',
      '1:2:3:4:5:6:7:8',
      '::ffff:192.0.2.1',
      '1::',
      '64:ff9b::192.0.2.33',
    ],
    hold: ['0.0.0.0', '::', '0:0:0:0:0:0:0:0'],
    group: ['224.2.1.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
    name: [
      '',
      'host.example.com',
      '192.0.2',
      '192.0.2.1.5',
      '192.0.2.256',
      '192.0.2.01',
      '0.1.2.3',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '12345::',
      'fe80::1%eth0',
      '192.0.2.1::',
      ':::',
      '1:2:3:4:5:6:7::8',
      '::192.0.2.300',
      '[::1]',
    ],
  })) {
    for (const address of addresses)
      test(`${address || '(nothing)'} is ${kind}`, () => assert.equal(addressKind(address), kind));
  }
});
