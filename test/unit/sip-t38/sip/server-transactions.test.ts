import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serialise } from '../../../../carrier-adapters/sip-t38/sip/message/index.ts';
import type { TransactionOutput } from '../../../../carrier-adapters/sip-t38/sip/transaction/index.ts';
import { Bench, hop, PEER, request, requestLines, timed, words } from './transactions.ts';

const INVITE = requestLines('INVITE');

/** The lines of the ACK or CANCEL of an INVITE. */
function follower(method: 'ACK' | 'CANCEL', lines: readonly string[] = INVITE): string[] {
  return lines.map((line) => line.replace(/^INVITE /, `${method} `).replace(/^CSeq: 1 INVITE/, `CSeq: 1 ${method}`));
}

function octetsOf(lines: readonly string[]): Uint8Array {
  return serialise(request(...lines));
}

function transmitted(outputs: readonly TransactionOutput[]) {
  return outputs.flatMap((output) => (output.type === 'transmit' ? [output] : []));
}

describe('INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)', () => {
  test('the request goes up once, and is answered 100 after 200 ms unless an answer was given', () => {
    const bench = new Bench();
    bench.take(...INVITE);
    assert.deepEqual(bench.receive(octetsOf(INVITE)), []);
    assert.deepEqual(timed(bench.until(1_000)), [[200, '100']]);
    assert.deepEqual(words(bench.receive(octetsOf(INVITE))), ['100']);
    const other = new Bench();
    const server = other.take(...INVITE);
    assert.deepEqual(words(other.respond(server, request(...INVITE), 180)), ['180']);
    assert.deepEqual(other.until(1_000), []);
    assert.deepEqual(words(other.receive(octetsOf(INVITE))), ['180']);
  });

  test('a refusal is repeated after T1, 2 T1 … at most T2 apart until it is acknowledged', () => {
    const bench = new Bench();
    const server = bench.take(...INVITE);
    assert.deepEqual(words(bench.respond(server, request(...INVITE), 486)), ['486']);
    assert.deepEqual(timed(bench.until(8_000)), [
      [500, '486'],
      [1_500, '486'],
      [3_500, '486'],
      [7_500, '486'],
    ]);
    assert.deepEqual(words(bench.receive(octetsOf(INVITE))), ['486']);
    assert.deepEqual(bench.receive(octetsOf(follower('ACK'))), []);
    assert.deepEqual(bench.receive(octetsOf(follower('ACK'))), []);
    assert.deepEqual(bench.receive(octetsOf(INVITE)), []);
    assert.deepEqual(timed(bench.until(100_000)), [[13_000, 'server_ended']]);
  });

  test('a refusal that nobody acknowledges is given up after 64 T1', () => {
    for (const transport of ['udp', 'tcp'] as const) {
      const bench = new Bench(transport);
      bench.respond(bench.take(...INVITE), request(...INVITE), 486);
      assert.deepEqual(timed(bench.until(100_000)).slice(-2), [
        [32_000, 'unacknowledged'],
        [32_000, 'server_ended'],
      ]);
    }
  });

  test('over TCP a refusal is sent once, and the ACK is the end', () => {
    const bench = new Bench('tcp');
    bench.respond(bench.take(...INVITE), request(...INVITE), 486);
    assert.deepEqual(bench.until(20_000), []);
    assert.deepEqual(words(bench.receive(octetsOf(follower('ACK')))), ['server_ended']);
  });

  test('a 2xx is sent each time it is given, and the repeated request absorbed, for 64 T1 (RFC 6026 §7.1)', () => {
    const bench = new Bench();
    const server = bench.take(...INVITE);
    const ok = () => words(bench.respond(server, request(...INVITE), 200));
    assert.deepEqual(ok(), ['200']);
    assert.deepEqual(bench.receive(octetsOf(INVITE)), []);
    bench.until(4_000);
    assert.deepEqual(ok(), ['200']);
    assert.deepEqual(bench.respond(server, request(...INVITE), 486), []);
    assert.deepEqual(timed(bench.until(100_000)), [[32_000, 'server_ended']]);
    assert.deepEqual(ok(), []);
  });

  test('the ACK to a 2xx goes up, whether or not its transaction lives', () => {
    const bench = new Bench();
    const server = bench.take(...INVITE);
    bench.respond(server, request(...INVITE), 200);
    assert.deepEqual(words(bench.receive(octetsOf(follower('ACK')))), ['ack']);
    const own = follower('ACK').map((line) => line.replace('z9hG4bK74bf9', 'z9hG4bKother'));
    assert.deepEqual(words(bench.receive(octetsOf(own))), ['ack']);
  });

  test('an answer after the final one is ignored', () => {
    const bench = new Bench();
    const server = bench.take(...INVITE);
    bench.respond(server, request(...INVITE), 486);
    for (const status of [180, 200, 603]) assert.deepEqual(bench.respond(server, request(...INVITE), status), []);
    assert.deepEqual(bench.respond(server + 1, request(...INVITE), 200), []);
  });
});

describe('CANCEL of a server (RFC 3261 §9.2)', () => {
  test('it is answered 200 with the tag of the INVITE, which is then the caller’s to end', () => {
    const bench = new Bench();
    const server = bench.take(...INVITE);
    bench.respond(server, request(...INVITE), 180, 'ringing');
    const out = bench.receive(octetsOf(follower('CANCEL')));
    assert.deepEqual(words(out), ['200', 'canceled']);
    assert.ok(out[1]?.type === 'canceled' && out[1].server === server);
    assert.match(new TextDecoder().decode(transmitted(out)[0]?.bytes), /\r\nTo: [^\r]*;tag=ringing\r\n/);
    assert.deepEqual(words(bench.receive(octetsOf(follower('CANCEL')))), ['200']);
    assert.deepEqual(words(bench.respond(server, request(...INVITE), 487, 'ringing')), ['487']);
  });

  test('after a final response it is answered and has no effect', () => {
    const bench = new Bench();
    bench.respond(bench.take(...INVITE), request(...INVITE), 200);
    assert.deepEqual(words(bench.receive(octetsOf(follower('CANCEL')))), ['200']);
  });

  test('without an INVITE it is answered 481 and leaves nothing behind', () => {
    const bench = new Bench();
    assert.deepEqual(words(bench.receive(octetsOf(follower('CANCEL')))), ['481']);
    assert.deepEqual([bench.layer.counts.servers, bench.layer.deadline], [0, null]);
  });
});

describe('non-INVITE server transaction (RFC 3261 §17.2.2)', () => {
  const OPTIONS = requestLines('OPTIONS');

  test('the last answer is sent again for each repetition, for 64 T1', () => {
    const bench = new Bench();
    const server = bench.take(...OPTIONS);
    assert.deepEqual(bench.receive(octetsOf(OPTIONS)), []);
    bench.respond(server, request(...OPTIONS), 100);
    assert.deepEqual(words(bench.receive(octetsOf(OPTIONS))), ['100']);
    bench.respond(server, request(...OPTIONS), 200);
    assert.deepEqual(bench.respond(server, request(...OPTIONS), 404), []);
    assert.deepEqual(words(bench.receive(octetsOf(OPTIONS))), ['200']);
    assert.deepEqual(timed(bench.until(100_000)), [[32_000, 'server_ended']]);
  });

  test('over TCP it is gone when it is answered', () => {
    const bench = new Bench('tcp');
    const out = bench.respond(bench.take(...OPTIONS), request(...OPTIONS), 200);
    assert.deepEqual(words(out), ['200', 'server_ended']);
  });

  test('one that is never answered is forgotten when its client has given up', () => {
    const bench = new Bench();
    bench.take(...OPTIONS);
    assert.deepEqual(timed(bench.until(100_000)), [[32_000, 'server_ended']]);
  });
});

describe('matching of requests (RFC 3261 §17.2.3)', () => {
  test('another branch, sender or method is another transaction', () => {
    const bench = new Bench();
    const servers = [
      bench.take(...INVITE),
      bench.take(...INVITE.map((line) => line.replace('z9hG4bK74bf9', 'z9hG4bK74bfa'))),
      bench.take(...INVITE.map((line) => line.replace('example.com:5060', 'example.com:5062'))),
      bench.take(...requestLines('OPTIONS')),
    ];
    assert.equal(new Set(servers).size, 4);
  });

  test('without the cookie of RFC 3261, or with nothing but it, other fields tell requests apart', () => {
    for (const branch of ['', ';branch=1', ';branch=z9hG4bK']) {
      const old = INVITE.map((line) => line.replace(';branch=z9hG4bK74bf9', branch));
      const bench = new Bench();
      const server = bench.take(...old);
      assert.deepEqual(bench.receive(octetsOf(old)), []);
      bench.take(...old.map((line) => line.replace('Call-ID: 3', 'Call-ID: 4')));
      assert.deepEqual(words(bench.receive(octetsOf(follower('CANCEL', old)))), ['200', 'canceled']);
      bench.respond(server, request(...old), 487);
      assert.deepEqual(bench.receive(octetsOf(follower('ACK', old))), []);
      assert.deepEqual(words(bench.receive(octetsOf(follower('ACK', old)))), [], 'absorbed');
    }
  });
});

describe('where responses go (RFC 3261 §18.2, RFC 3581 §4)', () => {
  /** Where the answer to a request with this Via goes, and the Via that it bears. */
  function answered(via: string, from = hop('udp', 40_000)) {
    const lines = requestLines('OPTIONS').map((line) => (line.startsWith('Via:') ? `Via: ${via}` : line));
    const bench = new Bench(from.transport);
    const [event] = bench.receive(octetsOf(lines), from);
    assert.ok(event?.type === 'request');
    const [sent] = transmitted(bench.respond(event.server, event.request, 200));
    assert.ok(sent !== undefined);
    return { to: sent.to, via: /\r\nVia: ([^\r]*)/.exec(new TextDecoder().decode(sent.bytes))?.[1] };
  }

  test('with rport to the port that the request came from, which the Via then tells', () => {
    const { to, via } = answered('SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff');
    assert.deepEqual(to, hop('udp', 40_000));
    assert.equal(via, `SIP/2.0/UDP 10.1.1.1:4540;rport=40000;branch=z9hG4bKkjshdyff;received=${PEER}`);
  });

  test('without rport to the port of the sent-by, at the address that the request came from', () => {
    const { to, via } = answered('SIP/2.0/UDP phone.example.com:5070;branch=z9hG4bK1');
    assert.deepEqual([to.address, to.port], [PEER, 5_070]);
    assert.equal(via, `SIP/2.0/UDP phone.example.com:5070;branch=z9hG4bK1;received=${PEER}`);
    assert.equal(answered(`SIP/2.0/UDP ${PEER};branch=z9hG4bK1`).to.port, 5_060);
  });

  test('a Via that tells the truth stays as it is, one that lies about received does not', () => {
    const honest = `SIP/2.0/UDP ${PEER}:5070;branch=z9hG4bK1`;
    assert.equal(answered(honest).via, honest);
    assert.equal(answered(`${honest};received=198.51.100.1`).via, `${honest};received=${PEER}`);
  });

  test('maddr is not followed, and other elements of the line are kept', () => {
    const { to, via } = answered(`SIP/2.0/UDP ${PEER};maddr=198.51.100.1;rport;branch=z9hG4bK1 , SIP/2.0/TCP a;b=c`);
    assert.equal(to.address, PEER);
    assert.match(via ?? '', /;received=192\.0\.2\.10 , SIP\/2\.0\/TCP a;b=c$/);
  });

  test('over a connection back through it, with the sent-by for a new one', () => {
    const from = { ...hop('tls', 40_000), connection: 'c7' };
    assert.deepEqual(answered('SIP/2.0/TLS a.example.com;rport;branch=z9hG4bK1', from).to, { ...from, port: 5_061 });
    assert.deepEqual(answered('SIP/2.0/TLS a:99;branch=z9hG4bK1', from).to, { ...from, port: 99 });
  });

  test('an IPv6 peer is compared by its brackets', () => {
    const from = { ...hop('udp', 5060), address: '2001:db8::1' };
    const via = 'SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK1';
    assert.equal(answered(via, from).via, via);
  });
});

describe('the bound on server transactions', () => {
  const numbered = (n: number, method = 'OPTIONS') =>
    octetsOf(requestLines(method).map((line) => line.replace('z9hG4bK74bf9', `z9hG4bK${n}`)));

  test('a request beyond it is answered 503 without state; repetitions, ACK and CANCEL are not', () => {
    const bench = new Bench('udp', 2);
    const server = bench.take(...INVITE);
    bench.receive(numbered(1));
    const [refusal] = transmitted(bench.receive(numbered(2)));
    assert.deepEqual(words(bench.receive(numbered(2))), ['503']);
    assert.match(new TextDecoder().decode(refusal?.bytes), /;tag=z9hG4bK2\r\n/);
    assert.deepEqual(bench.layer.counts.servers, 2);
    assert.deepEqual(bench.receive(numbered(1)), []);
    assert.deepEqual(words(bench.receive(octetsOf(follower('CANCEL')))), ['200', 'canceled']);
    bench.respond(server, request(...INVITE), 487);
    assert.deepEqual(bench.receive(octetsOf(follower('ACK'))), []);
  });

  test('ten thousand of them come and go, each in its time, and nothing is left', () => {
    const bench = new Bench('udp', 10_000);
    for (let n = 0; n < 10_000; n++) {
      bench.now = n;
      bench.receive(numbered(n));
    }
    const ended = bench.until(1_000_000);
    assert.equal(ended.length, 10_000);
    assert.ok(ended.every(([at], n) => at === n + 32_000));
    assert.deepEqual([bench.layer.counts, bench.layer.deadline], [{ clients: 0, servers: 0 }, null]);
  });
});
