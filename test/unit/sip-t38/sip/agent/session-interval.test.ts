import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  agreedInterval,
  askedInterval,
  grantInterval,
  leastAsked,
} from '../../../../../carrier-adapters/sip-t38/sip/agent/session-interval.ts';
import {
  parseMessage,
  type ReceivedRequest,
  type ReceivedResponse,
} from '../../../../../carrier-adapters/sip-t38/sip/message/index.ts';

function read(first: string, headers: readonly string[]) {
  const lines = [
    first,
    'Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKx',
    'From: <sip:a@b>;tag=f',
    'To: <sip:c@d>',
    'Call-ID: x',
    'CSeq: 1 INVITE',
    ...headers,
    '',
    '',
  ];
  const parsed = parseMessage(new TextEncoder().encode(lines.join('\r\n')));
  return 'message' in parsed ? parsed.message : assert.fail(parsed.error);
}

const request = (...headers: string[]) => read('INVITE sip:c@d SIP/2.0', headers) as ReceivedRequest;
const response = (...headers: string[]) => read('SIP/2.0 200 OK', headers) as ReceivedResponse;

describe('session intervals (RFC 4028)', () => {
  test('table 2 of §9: who refreshes', () => {
    const rows = [
      // the caller knows timers, it names a refresher; granted
      [['Supported: timer', 'Session-Expires: 600;refresher=uac'], '600;refresher=uac', 'them'],
      [['Supported: timer', 'Session-Expires: 600;refresher=uas'], '600;refresher=uas', 'us'],
      [['Supported: timer', 'Session-Expires: 600'], '600;refresher=uas', 'us'],
      [['Session-Expires: 600'], '600;refresher=uas', 'us'],
      [['Supported: timer'], '900;refresher=uas', 'us'],
      [[], '900;refresher=uas', 'us'],
    ] as const;
    for (const [headers, value, refresher] of rows) {
      const grant = grantInterval(request(...headers), 900);
      if (!grant.granted) assert.fail();
      assert.equal(grant.interval?.refresher, refresher, headers.join());
      assert.equal(new Map(grant.headers).get('Session-Expires'), value);
      assert.equal(
        new Map(grant.headers).has('Require'),
        headers[0] === 'Supported: timer',
        'only who knows it is told so',
      );
    }
  });

  test('§9: never more than asked for, never less than Min-SE or 90 s, never more than a day', () => {
    const seconds = (...headers: string[]) => {
      const grant = grantInterval(request(...headers), 1_800);
      return grant.granted ? grant.interval?.seconds : grant;
    };
    assert.equal(seconds('Supported: timer', 'Session-Expires: 300'), 300);
    assert.equal(seconds('Supported: timer', 'Session-Expires: 7200'), 1_800);
    assert.equal(seconds('Supported: timer', 'Session-Expires: 7200', 'Min-SE: 3600'), 3_600);
    assert.equal(seconds('Supported: timer', 'Session-Expires: 4294967295', 'Min-SE: 4294967295'), 86_400);
    assert.deepEqual(seconds('Supported: timer', 'Session-Expires: 89'), { granted: false, least: 90 });
    assert.equal(seconds('Session-Expires: 60'), 90, 'who does not know 422 is not sent it');
  });

  test('no timer of ours: only what the peer asks for', () => {
    const none = grantInterval(request('Supported: timer'), null);
    assert.deepEqual(none, { granted: true, interval: null, headers: [] });
    const asked = grantInterval(request('Supported: timer', 'Session-Expires: 600;refresher=uac'), null);
    assert.deepEqual(asked.granted && asked.interval, { seconds: 600, refresher: 'them' });
    assert.deepEqual(askedInterval(null, 90, null), [['Supported', 'timer']]);
  });

  test('§7.2: what a 2xx agrees to', () => {
    assert.equal(agreedInterval(response()), null);
    assert.deepEqual(agreedInterval(response('Session-Expires: 600;refresher=uac')), { seconds: 600, refresher: 'us' });
    assert.deepEqual(agreedInterval(response('x: 600;refresher=uas')), { seconds: 600, refresher: 'them' });
    assert.deepEqual(agreedInterval(response('Session-Expires: 1')), { seconds: 90, refresher: 'us' });
    assert.equal(agreedInterval(response('Session-Expires: 4294967295'))?.seconds, 86_400);
    assert.equal(agreedInterval(response('Session-Expires: soon')), null);
  });

  test('§7.3: a 422 is followed only to a larger interval than was asked for, of a day at most', () => {
    const asked = request('Session-Expires: 600');
    assert.equal(leastAsked(asked, response('Min-SE: 900')), 900);
    for (const header of ['Min-SE: 600', 'Min-SE: 90', 'Min-SE: 86401', 'Min-SE: x', 'X: 1']) {
      assert.equal(leastAsked(asked, response(header)), null, header);
    }
    assert.equal(leastAsked(request(), response('Min-SE: 900')), null);
  });
});
