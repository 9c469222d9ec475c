import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CallEnd, Ending } from '../../../../carrier-adapters/sip-t38/call/call-io.ts';
import { judgeAddress, seenIn } from '../../../../carrier-adapters/sip-t38/check/address.ts';
import { judgeConnection } from '../../../../carrier-adapters/sip-t38/check/connection.ts';
import { fault, ok, quoted, skipped, warning, worst } from '../../../../carrier-adapters/sip-t38/check/finding.ts';
import { judgeTrial } from '../../../../carrier-adapters/sip-t38/check/t38.ts';
import type { EndedEvent } from '../../../../carrier-adapters/sip-t38/sip/agent/events.ts';
import { parseMessage } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import { createLadder, type LadderStep } from '../../../../gateway/fax/ladder.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);

function responseWith(via: string) {
  const lines = [
    'SIP/2.0 200 OK',
    `Via: ${via}`,
    'From: <sip:a@x>;tag=1',
    'To: <sip:b@x>',
    'Call-ID: 1',
    'CSeq: 1 OPTIONS',
  ];
  const parsed = parseMessage(new TextEncoder().encode([...lines, 'Content-Length: 0', '', ''].join('\r\n')));
  assert.ok('message' in parsed && parsed.message.kind === 'response');
  return parsed.message;
}

describe('how a trunk sees us', () => {
  const judge = (via: string, publicAddress: string | null = null, peer = '203.0.113.1') =>
    judgeAddress(seenIn(responseWith(via)), { publicAddress, peer, ports: '40000–40999' });

  test('is what received says, or with rport alone what we said', () => {
    assert.equal(judge('SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=5060;received=192.0.2.1').severity, 'ok');
    assert.equal(judge('SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=5060').severity, 'ok');
    assert.match(judge('SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=192.0.2.1').text, /^we are behind NAT/);
  });

  test('tells of another port over UDP, where it means NAT, and not over TCP', () => {
    assert.match(judge('SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport=61000').text, /the port is changed/);
    assert.doesNotMatch(judge('SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;rport=61000').text, /the port is changed/);
  });

  test('is open where the trunk tells nothing: a warning only for a private address and a public trunk', () => {
    const via = 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1';
    assert.equal(judge(via).severity, 'warning');
    assert.equal(judge(via, null, '10.0.0.9').severity, 'ok');
    assert.equal(judge(via, '203.0.113.7').severity, 'ok');
    assert.equal(judge(`${via};received=nonsense`).severity, 'warning');
    assert.doesNotMatch(judge(`${via};received=nonsense`).advice ?? '', /nonsense/);
  });

  test('reads IPv6 without its brackets', () => {
    const via = 'SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;rport=5060;received=2001:db8::1';
    assert.equal(judge(via).severity, 'ok');
  });
});

describe('a connection', () => {
  const to = {
    transport: 'tls',
    remote: { address: '192.0.2.9', port: 5_061 },
    connection: null,
    serverName: 'x',
  } as const;
  const shown = (days: number) => ({ subject: 'x', issuer: 'CA', validTo: NOW + days * DAY, protocol: 'TLSv1.3' });

  test('stands; its certificate may run out soon', () => {
    assert.equal(judgeConnection(to, { ok: true, ms: 3, certificate: shown(90) }, NOW).severity, 'ok');
    assert.equal(judgeConnection(to, { ok: true, ms: 3, certificate: shown(20) }, NOW).severity, 'warning');
  });

  for (const [detail, advice] of [
    ['CERT_HAS_EXPIRED', /has run out/],
    ['it is not for x', /the name that the certificate bears/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /authoritiesFile/],
  ] as const) {
    test(`may not be used: ${detail}`, () => {
      const found = judgeConnection(to, { ok: false, why: 'certificate', detail, certificate: shown(90) }, NOW);
      assert.equal(found.severity, 'fault');
      assert.match(found.advice ?? '', advice);
    });
  }

  test('does not stand', () => {
    const found = judgeConnection(to, { ok: false, why: 'refused', detail: 'ECONNREFUSED', certificate: null }, NOW);
    assert.equal(found.text, 'tls 192.0.2.9 port 5061: ECONNREFUSED');
    assert.match(found.advice ?? '', /^Nothing listens there/);
  });
});

describe('a call to a fax machine', () => {
  const ended = (change: Partial<EndedEvent>): EndedEvent => ({
    ...{ type: 'ended', call: 'c', by: 'remote', status: null, cause: null, detail: 'refused by the far side' },
    ...change,
  });

  function judge(
    ending: Ending,
    steps: readonly Pick<LadderStep, 'direction' | 'layer' | 'signal'>[] = [],
    identified = false,
  ) {
    const ladder = createLadder();
    for (const [at, step] of steps.entries()) ladder.add(at, step);
    const rest = { pagesConfirmed: 0, pageInFlight: false, pageWhole: false, remote: null, line: null };
    const end: CallEnd = { ending, ...rest, ladder: ladder.ladder() };
    const facts = { hasCredentials: true, seen: '192.0.2.1', ports: '40000–40999' };
    return judgeTrial({ answered: true, identified, line: null, end }, facts);
  }

  test('that refuses T.38 is a fault, whether its tone was heard or not', () => {
    assert.equal(judge({ by: 'media', detail: 'the trunk refuses T.38 (488)' }).severity, 'fault');
    const found = judge({ by: 'silence' }, [{ direction: 'heard', layer: 'sip', signal: '488 Not Acceptable Here' }]);
    assert.equal(found.text, 'answered, and T.38 was refused');
  });

  test('whose media does not come is a fault that names the ports', () => {
    const found = judge({ by: 'procedure', outcome: 'no_fax_heard' }, [
      { direction: 'sent', layer: 't38', signal: 'cng' },
    ]);
    assert.equal(found.severity, 'fault');
    assert.match(found.advice ?? '', /UDP 40000–40999/);
  });

  test('that is no fax machine is a warning', () => {
    assert.equal(judge({ by: 'silence' }).severity, 'warning');
    assert.equal(judge({ by: 'ring_time' }).severity, 'warning');
  });

  test('that hears nothing of us is a warning about the way there', () => {
    const found = judge({ by: 'procedure', outcome: 'no_answer_to_dcs' }, [], true);
    assert.match(found.text, /^T\.38 works one way/);
  });

  for (const [status, severity, words] of [
    [486, 'warning', /another fax machine/],
    [404, 'warning', /numberFormat/],
    [488, 'fault', /codings/],
    [403, 'fault', /192\.0\.2\.1, is on its list/],
    [503, 'fault', /fault of its own/],
    [401, 'fault', /user name or the password is wrong/],
  ] as const) {
    test(`that is refused with ${status}`, () => {
      const found = judge({ by: 'refusal', ended: ended({ status }) });
      assert.equal(found.severity, severity);
      assert.match(found.advice ?? '', words);
    });
  }
});

describe('findings', () => {
  test('are as bad as the worst of them, and not worse for what was skipped', () => {
    assert.equal(worst([]), 'ok');
    assert.equal(worst([ok('name', ''), skipped('t38', '')]), 'ok');
    assert.equal(worst([warning('media', '', ''), skipped('t38', '')]), 'warning');
    assert.equal(worst([fault('name', '', ''), warning('media', '', '')]), 'fault');
  });

  test('bound the words of a trunk', () => {
    assert.equal(quoted('x'.repeat(1_000)).length, 83);
  });
});
