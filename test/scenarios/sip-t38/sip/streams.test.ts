import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSipAgent } from '../../../../carrier-adapters/sip-t38/sip/agent/agent.ts';
import type { NetworkInput, NetworkOutput } from '../../../../carrier-adapters/sip-t38/sip/agent/io.ts';
import type { AgentInput, AgentOutput, SipAgent } from '../../../../carrier-adapters/sip-t38/sip/agent/options.ts';
import type { Trunk } from '../../../../carrier-adapters/sip-t38/sip/agent/trunk.ts';
import { trunk } from './world.ts';

const local = { address: '192.0.2.1', port: 5060 };
const remote = { address: '192.0.2.2', port: 40_123 };

/** An agent over a stream, driven by hand: what it puts out since the last input. */
function bench(transport: 'tcp' | 'tls', settings: Partial<Trunk> = {}) {
  let now = 0;
  let draw = 0;
  const agent: SipAgent = createSipAgent({
    trunks: [trunk({ name: 't', server: { host: '192.0.2.2', port: null }, transport, ...settings })],
    listening: [{ transport, local, advertised: null }],
    product: null,
    sessionExpires: null,
    maxIncoming: 10,
    random: (octets) => Uint8Array.from({ length: octets }, () => draw++),
    hash: () => '0'.repeat(32),
  });
  const tell = (input: AgentInput, after = 0): AgentOutput[] => {
    now += after;
    return agent.handle(input, now);
  };
  const hear = (text: string, connection = 'in-1'): AgentOutput[] => {
    const bytes = new TextEncoder().encode(text);
    const input: NetworkInput = { type: 'received', transport, connection, local, remote, bytes };
    return tell(input);
  };
  tell({ type: 'order', order: { type: 'start' } });
  return { tell, hear };
}

function sends(outputs: readonly AgentOutput[]): Extract<NetworkOutput, { type: 'send' }>[] {
  return outputs.filter((output) => output.type === 'send');
}

function textOf(outputs: readonly AgentOutput[]): string {
  return sends(outputs)
    .map(({ bytes }) => new TextDecoder().decode(bytes))
    .join('');
}

function message(lines: readonly string[], body = ''): string {
  return [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
}

const INVITE = message(
  [
    'INVITE sip:+491@192.0.2.1 SIP/2.0',
    'Via: SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKin;alias',
    'From: <sip:a@192.0.2.2>;tag=f',
    'To: <sip:+491@192.0.2.1>',
    'Call-ID: c',
    'CSeq: 1 INVITE',
    'Contact: <sip:a@10.1.2.3:5060;transport=tcp>',
    'Content-Type: application/sdp',
  ],
  'offer',
);

describe('SIP over streams', () => {
  test('messages are cut out of the stream wherever it is split', () => {
    for (const at of [1, 40, 200, INVITE.length - 2]) {
      const { hear } = bench('tcp');
      assert.deepEqual(hear(INVITE.slice(0, at)), []);
      const events = hear(INVITE.slice(at)).filter((output) => output.type === 'event');
      assert.ok(events.some(({ event }) => event.type === 'incoming'));
    }
  });

  test('responses and requests go over the connection that the call came by (RFC 5923)', () => {
    const { tell, hear } = bench('tcp');
    const incoming = hear(INVITE).flatMap((output) =>
      output.type === 'event' && output.event.type === 'incoming' ? [output.event] : [],
    );
    const call = incoming[0]?.call ?? '';
    const [ok] = sends(tell({ type: 'order', order: { type: 'answer', call, sdp: 'answer' } }));
    // Where to, should the connection be gone: the port of Via (§18.2.2).
    const listening = { address: '192.0.2.2', port: 5060 };
    assert.deepEqual(ok?.to, { transport: 'tcp', remote: listening, connection: 'in-1', serverName: null });
    const tag = /To: [^\r]*;tag=([0-9a-f]+)/.exec(textOf([ok as AgentOutput]))?.[1];
    hear(
      message([
        'ACK sip:sealfax@192.0.2.1:5060 SIP/2.0',
        'Via: SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKack',
        'From: <sip:a@192.0.2.2>;tag=f',
        `To: <sip:+491@192.0.2.1>;tag=${tag}`,
        'Call-ID: c',
        'CSeq: 1 ACK',
      ]),
    );
    const [bye] = sends(tell({ type: 'order', order: { type: 'hang_up', call, cause: 16 } }));
    assert.equal(bye?.to.connection, 'in-1');
    assert.deepEqual(bye?.to.remote, { address: '10.1.2.3', port: 5060 }, 'where a new connection would go');
    assert.match(textOf([bye as AgentOutput]), /^BYE sip:a@10\.1\.2\.3:5060;transport=tcp SIP\/2\.0/);
  });

  test('a 2xx is repeated over streams as well (§13.3.1.4), an INVITE is not (§17.1.1.2)', () => {
    const { tell, hear } = bench('tcp');
    hear(INVITE);
    const place = { type: 'place', call: 'out', trunk: 't', to: '+492', from: null, sdp: 'x' } as const;
    assert.match(textOf(tell({ type: 'order', order: place })), /^INVITE/);
    assert.doesNotMatch(textOf(tell({ type: 'time' }, 5_000)), /INVITE sip:\+492/);
  });

  test('CRLF CRLF is answered by CRLF (RFC 5626 §4.4.1)', () => {
    const { hear } = bench('tcp');
    const outputs = hear('\r\n\r\n');
    assert.equal(textOf(outputs), '\r\n');
    assert.equal(sends(outputs)[0]?.to.connection, 'in-1');
  });

  test('a stream that cannot be cut, or of a stranger, is closed', () => {
    const { tell, hear } = bench('tcp');
    const noLength = 'OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bKx\r\n\r\n';
    assert.deepEqual(hear(noLength), [{ type: 'disconnect', connection: 'in-1' }]);
    assert.deepEqual(hear('x'.repeat(70_000), 'in-2').at(-1), { type: 'disconnect', connection: 'in-2' });
    const bytes = new TextEncoder().encode(INVITE);
    const stranger = { address: '203.0.113.1', port: 1 };
    const input = { type: 'received', transport: 'tcp', connection: 'in-3', local, remote: stranger, bytes } as const;
    assert.deepEqual(tell(input), [{ type: 'disconnect', connection: 'in-3' }]);
  });

  test('more connections than there may be are closed', () => {
    const { hear } = bench('tcp');
    for (let index = 0; index < 1_024; index++) assert.deepEqual(hear('O', `c${index}`), []);
    assert.deepEqual(hear('O', 'one more'), [{ type: 'disconnect', connection: 'one more' }]);
  });

  test('a lost connection fails what waits on it, and the call ends with 503', () => {
    const { tell } = bench('tcp');
    tell({ type: 'order', order: { type: 'place', call: 'out', trunk: 't', to: '+492', from: null, sdp: 'x' } });
    const outputs = tell({ type: 'unreachable', transport: 'tcp', remote: { address: '192.0.2.2', port: 5060 } });
    const ended = outputs.flatMap((output) =>
      output.type === 'event' && output.event.type === 'ended' ? [output.event] : [],
    );
    assert.deepEqual([ended[0]?.by, ended[0]?.status], ['network', 503]);
  });

  test('TLS: the certificate must bear the name of the trunk (RFC 5922 §7.1), on port 5061', () => {
    const { tell } = bench('tls', { server: { host: 'trunk.example', port: 5061 } });
    const place = { type: 'place', call: 'out', trunk: 't', to: '+492', from: null, sdp: 'x' } as const;
    const outputs = tell({ type: 'order', order: place });
    assert.deepEqual(sends(outputs), []);
    const [sent] = sends(tell({ type: 'resolved', query: 1, addresses: ['192.0.2.2'] }));
    assert.deepEqual(sent?.to, {
      transport: 'tls',
      remote: { address: '192.0.2.2', port: 5061 },
      connection: null,
      serverName: 'trunk.example',
    });
    const text = textOf([sent as AgentOutput]);
    assert.match(text, /Via: SIP\/2\.0\/TLS 192\.0\.2\.1:5060/);
    assert.match(text, /Contact: <sip:sealfax@192\.0\.2\.1:5060;transport=tls>/);
  });
});
