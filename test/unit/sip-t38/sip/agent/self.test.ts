import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Self } from '../../../../../carrier-adapters/sip-t38/sip/agent/self.ts';
import { parseMessage, type ReceivedResponse } from '../../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { trunk } from '../../../../scenarios/sip-t38/sip/world.ts';

const t = trunk({ name: 't', server: { host: 'a.example', port: null } });
const local = { address: '10.0.0.2', port: 5062 };

function seen(via: string): ReceivedResponse {
  const lines = [
    'SIP/2.0 200 OK',
    `Via: SIP/2.0/UDP ${via}`,
    'From: <sip:a@b>;tag=f',
    'To: <sip:c@d>',
    'Call-ID: x',
    'CSeq: 1 REGISTER',
  ];
  const parsed = parseMessage(new TextEncoder().encode([...lines, '', ''].join('\r\n')));
  return 'message' in parsed && parsed.message.kind === 'response' ? parsed.message : assert.fail();
}

describe('how we are called from outside', () => {
  test('Via and Contact say the bound address, or the advertised one', () => {
    const plain = new Self([{ transport: 'udp', local, advertised: null }]);
    assert.equal(plain.sentBy('udp'), '10.0.0.2:5062');
    assert.equal(plain.contact(t, 'udp'), '<sip:sealfax@10.0.0.2:5062>');
    const advertised = { address: '2001:db8::5', port: 5060 };
    const behind = new Self([{ transport: 'tls', local, advertised }]);
    assert.equal(behind.sentBy('tls'), '[2001:db8::5]:5060');
    assert.equal(behind.contact(t, 'tls'), '<sip:sealfax@[2001:db8::5]:5060;transport=tls>');
    assert.equal(behind.listens('udp'), false);
  });

  test('a transport that only opens connections has the default port', () => {
    const self = new Self([{ transport: 'udp', local, advertised: null }]);
    assert.equal(self.sentBy('tcp'), '10.0.0.2:5060');
    assert.equal(self.sentBy('tls'), '10.0.0.2:5061');
  });

  test('RFC 3581 §4: `received` and `rport` tell how we are seen, once', () => {
    const self = new Self([{ transport: 'udp', local, advertised: null }]);
    assert.equal(self.learn(t, 'udp', seen('10.0.0.2:5062;branch=z9hG4bKx;rport=5062')), false, 'nothing new');
    const mapped = seen('10.0.0.2:5062;branch=z9hG4bKx;received=203.0.113.1;rport=61000');
    assert.equal(self.learn(t, 'udp', mapped), true);
    assert.equal(self.learn(t, 'udp', mapped), false);
    assert.equal(self.contact(t, 'udp'), '<sip:sealfax@203.0.113.1:61000>');
    assert.equal(self.sentBy('udp'), '10.0.0.2:5062', 'Via stays: the answer finds its way by rport');
  });

  test('what is no address or port is not learned, nor anything over streams', () => {
    const self = new Self([
      { transport: 'udp', local, advertised: null },
      { transport: 'tcp', local, advertised: null },
    ]);
    for (const params of [
      'received=evil.example',
      'received=203.0.113.1;rport=0',
      'received=203.0.113.1;rport=70000',
    ]) {
      assert.equal(self.learn(t, 'udp', seen(`10.0.0.2:5062;branch=z9hG4bKx;${params}`)), false, params);
    }
    assert.equal(self.learn(t, 'tcp', seen('10.0.0.2:5062;branch=z9hG4bKx;received=203.0.113.1;rport=61000')), false);
  });
});
