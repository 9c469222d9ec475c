import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SipError } from '../../../../carrier-adapters/sip-t38/sip/errors.ts';
import { answer, Bench, draft, hop, PEER, sentIn, timed, words } from './transactions.ts';

describe('INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)', () => {
  test('over UDP the request is repeated after T1, 2 T1, 4 T1 … until timer B, and then it has failed', () => {
    const bench = new Bench();
    bench.start('INVITE');
    assert.deepEqual(timed(bench.until(100_000)), [
      [500, 'INVITE'],
      [1_500, 'INVITE'],
      [3_500, 'INVITE'],
      [7_500, 'INVITE'],
      [15_500, 'INVITE'],
      [31_500, 'INVITE'],
      [32_000, 'timeout'],
      [32_000, 'client_ended'],
    ]);
    assert.deepEqual(bench.layer.counts, { clients: 0, servers: 0 });
    assert.equal(bench.layer.deadline, null);
  });

  test('over TCP and TLS nothing is repeated', () => {
    for (const transport of ['tcp', 'tls'] as const) {
      const bench = new Bench(transport);
      bench.start('INVITE');
      assert.deepEqual(timed(bench.until(100_000)), [
        [32_000, 'timeout'],
        [32_000, 'client_ended'],
      ]);
    }
  });

  test('the topmost Via names transport, sender and a branch that nobody can guess, and asks for rport', () => {
    const sent = new Bench('tls').start('INVITE');
    assert.equal(sent.headers.get('via'), `SIP/2.0/TLS us.example.com:5060;branch=z9hG4bK${'01'.repeat(16)};rport`);
    assert.equal(sent.headers.lines()[0]?.key, 'via');
  });

  test('a provisional response ends the repetitions, and each goes up', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    assert.deepEqual(words(bench.receive(answer(sent, 100))), ['response 100']);
    assert.deepEqual(words(bench.receive(answer(sent, 180))), ['response 180']);
    assert.deepEqual(words(bench.receive(answer(sent, 180))), ['response 180']);
    assert.deepEqual(bench.until(1_000_000), []);
  });

  test('a refusal is acknowledged within the transaction, each time it comes, and goes up once', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE', [
      ['Route', '<sip:a;lr>'],
      ['Route', '<sip:b;lr>'],
    ]);
    const first = bench.receive(answer(sent, 486));
    assert.deepEqual(words(first), ['ACK', 'response 486']);
    const [ack] = sentIn(first);
    assert.equal(ack?.via.branch, sent.via.branch);
    assert.deepEqual([ack?.cseq, ack?.toTag, ack?.uri], [{ number: 7, method: 'ACK' }, 'theirs', sent.uri]);
    assert.deepEqual(ack?.headers.all('route'), ['<sip:a;lr>', '<sip:b;lr>']);
    bench.until(31_000);
    assert.deepEqual(words(bench.receive(answer(sent, 486))), ['ACK']);
    assert.deepEqual(timed(bench.until(100_000)), [[32_000, 'client_ended']]);
    assert.deepEqual(bench.receive(answer(sent, 486)), []);
  });

  test('over TCP a refused transaction is gone at once', () => {
    const bench = new Bench('tcp');
    const sent = bench.start('INVITE');
    assert.deepEqual(words(bench.receive(answer(sent, 603))), ['ACK', 'response 603', 'client_ended']);
  });

  test('every 2xx goes up within 64 T1, forked ones as well, and is not acknowledged here (RFC 6026 §7.2)', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    bench.receive(answer(sent, 180));
    assert.deepEqual(words(bench.receive(answer(sent, 200))), ['response 200']);
    assert.deepEqual(words(bench.receive(answer(sent, 200))), ['response 200']);
    assert.deepEqual(words(bench.receive(answer(sent, 200, 'fork'))), ['response 200']);
    assert.deepEqual(bench.receive(answer(sent, 486)), []);
    assert.deepEqual(bench.receive(answer(sent, 180)), []);
    assert.deepEqual(timed(bench.until(100_000)), [[32_000, 'client_ended']]);
    assert.deepEqual(bench.receive(answer(sent, 200)), []);
  });

  test('a failing transport ends it while the request is being sent, and not later', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    assert.deepEqual(words(bench.handle({ type: 'transport_failed', hop: { ...hop('udp'), port: 5061 } })), []);
    assert.deepEqual(words(bench.handle({ type: 'transport_failed', hop: hop('udp') })), ['transport', 'client_ended']);
    assert.deepEqual(bench.receive(answer(sent, 200)), []);
    const other = new Bench();
    other.receive(answer(other.start('INVITE'), 180));
    assert.deepEqual(other.handle({ type: 'transport_failed', hop: hop('udp') }), []);
  });

  test('a connection that closes takes only what went over it', () => {
    const bench = new Bench('tcp');
    bench.start('INVITE');
    assert.deepEqual(bench.handle({ type: 'transport_failed', hop: { ...hop('tcp'), connection: 'c2' } }), []);
    const gone = bench.handle({ type: 'transport_failed', hop: { ...hop('tcp'), connection: null } });
    assert.deepEqual(words(gone), ['transport', 'client_ended']);
  });
});

describe('CANCEL of a client (RFC 3261 §9.1)', () => {
  test('it waits for a provisional response, and has what its INVITE had', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE', [['Route', '<sip:a;lr>']]);
    assert.deepEqual(bench.handle({ type: 'cancel', client: 'INVITE', reason: 'Q.850;cause=16' }), []);
    const out = bench.receive(answer(sent, 180));
    assert.deepEqual(words(out), ['response 180', 'CANCEL']);
    const [cancel] = sentIn(out);
    assert.deepEqual(cancel?.headers.all('via'), sent.headers.all('via'));
    assert.deepEqual([cancel?.cseq, cancel?.uri, cancel?.toTag], [{ number: 7, method: 'CANCEL' }, sent.uri, null]);
    assert.deepEqual([cancel?.headers.get('route'), cancel?.headers.get('reason')], ['<sip:a;lr>', 'Q.850;cause=16']);
  });

  test('it is repeated until it is answered, of which nobody is told', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    bench.receive(answer(sent, 180));
    const [cancel] = sentIn(bench.handle({ type: 'cancel', client: 'INVITE' }));
    assert.ok(cancel !== undefined);
    assert.deepEqual(bench.handle({ type: 'cancel', client: 'INVITE' }), []);
    assert.deepEqual(timed(bench.until(1_600)), [
      [500, 'CANCEL'],
      [1_500, 'CANCEL'],
    ]);
    assert.deepEqual(bench.receive(answer(cancel, 200)), []);
    assert.deepEqual(words(bench.receive(answer(sent, 487))), ['ACK', 'response 487']);
    assert.deepEqual(timed(bench.until(100_000)), [[33_600, 'client_ended']]);
    assert.deepEqual(bench.layer.counts, { clients: 0, servers: 0 });
  });

  test('after a final response, or for what is no INVITE, it does nothing', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    bench.start('OPTIONS');
    bench.receive(answer(sent, 200));
    for (const client of ['INVITE', 'OPTIONS', 'nobody'])
      assert.deepEqual(bench.handle({ type: 'cancel', client }), []);
    const late = new Bench();
    const invite = late.start('INVITE');
    late.handle({ type: 'cancel', client: 'INVITE' });
    assert.deepEqual(words(late.receive(answer(invite, 200))), ['response 200']);
    assert.deepEqual(words(late.receive(answer(invite, 180))), []);
  });

  test('an INVITE that a CANCEL does not end has failed after 64 T1', () => {
    const bench = new Bench('tcp');
    bench.receive(answer(bench.start('INVITE'), 180));
    bench.now = 60_000;
    bench.handle({ type: 'cancel', client: 'INVITE' });
    assert.deepEqual(timed(bench.until(200_000)), [
      [92_000, 'timeout'],
      [92_000, 'client_ended'],
    ]);
  });
});

describe('non-INVITE client transaction (RFC 3261 §17.1.2)', () => {
  test('over UDP the request is repeated after T1, 2 T1 … at most T2 apart, until timer F', () => {
    const bench = new Bench();
    bench.start('OPTIONS');
    const out = timed(bench.until(100_000));
    assert.deepEqual(
      out.map(([at]) => at),
      [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000, 32_000],
    );
    assert.deepEqual(out.slice(-2), [
      [32_000, 'timeout'],
      [32_000, 'client_ended'],
    ]);
  });

  test('after a provisional response it is repeated every T2', () => {
    const bench = new Bench();
    const sent = bench.start('BYE');
    assert.deepEqual(words(bench.receive(answer(sent, 100))), ['response 100']);
    assert.deepEqual(timed(bench.until(9_000)), [
      [500, 'BYE'],
      [4_500, 'BYE'],
      [8_500, 'BYE'],
    ]);
  });

  test('a final response goes up once, and repetitions are absorbed for T4', () => {
    const bench = new Bench();
    const sent = bench.start('REGISTER');
    assert.deepEqual(words(bench.receive(answer(sent, 401))), ['response 401']);
    assert.deepEqual(bench.receive(answer(sent, 401)), []);
    assert.deepEqual(timed(bench.until(100_000)), [[5_000, 'client_ended']]);
    const tcp = new Bench('tcp');
    assert.deepEqual(words(tcp.receive(answer(tcp.start('REGISTER'), 200))), ['response 200', 'client_ended']);
  });

  test('a failing transport ends it until it is answered', () => {
    const bench = new Bench('tcp');
    const sent = bench.start('OPTIONS');
    bench.receive(answer(sent, 100));
    const hopWithoutName = { ...hop('tcp'), connection: 'c1' };
    assert.deepEqual(words(bench.handle({ type: 'transport_failed', hop: hopWithoutName })), [
      'transport',
      'client_ended',
    ]);
    const udp = new Bench();
    udp.receive(answer(udp.start('OPTIONS'), 200));
    assert.deepEqual(udp.handle({ type: 'transport_failed', hop: hop('udp') }), []);
  });
});

describe('matching of responses (RFC 3261 §17.1.3, §18.1.2)', () => {
  test('another branch, method, call, number or a second Via match nothing', () => {
    const bench = new Bench();
    const sent = bench.start('INVITE');
    const text = new TextDecoder().decode(answer(sent, 180));
    for (const [from, to] of [
      ['01010101', '02010101'],
      ['7 INVITE', '7 OPTIONS'],
      ['7 INVITE', '8 INVITE'],
      ['call@us', 'call@them'],
      ['From:', 'Via: SIP/2.0/UDP evil\r\nFrom:'],
    ] as const) {
      assert.deepEqual(bench.receive(new TextEncoder().encode(text.replace(from, to))), []);
    }
    assert.deepEqual(words(bench.receive(new TextEncoder().encode(text))), ['response 180']);
  });

  test('a name that lives cannot be given twice, and can be afterwards', () => {
    const bench = new Bench('tcp');
    const sent = bench.start('OPTIONS');
    assert.throws(
      () => bench.start('OPTIONS'),
      (error) => error instanceof SipError && error.code === 'client_reused',
    );
    bench.receive(answer(sent, 200));
    bench.start('OPTIONS');
  });

  test('an ACK to a 2xx is sent once, as a transaction of nobody', () => {
    const bench = new Bench();
    const out = bench.handle({ type: 'ack', request: draft('ACK'), to: hop('udp'), sentBy: 'us' });
    assert.deepEqual(words(out), ['ACK']);
    assert.ok(out[0]?.type === 'transmit' && out[0].to.address === PEER);
    assert.deepEqual([bench.layer.deadline, bench.layer.counts.clients], [null, 0]);
  });

  test('a deadline that is met late makes each timer late, and nothing else', () => {
    const bench = new Bench();
    bench.start('OPTIONS');
    bench.now = 10_000;
    assert.deepEqual(words(bench.handle({ type: 'time' })), ['OPTIONS']);
    assert.equal(bench.layer.deadline, 11_000);
    bench.now = 50_000;
    assert.deepEqual(words(bench.handle({ type: 'time' })).slice(-2), ['timeout', 'client_ended']);
  });
});
