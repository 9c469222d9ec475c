import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Received, Recovery } from '../../../../carrier-adapters/sip-t38/udptl/options.ts';
import { UdptlReceiver } from '../../../../carrier-adapters/sip-t38/udptl/receiver.ts';
import { UdptlSender } from '../../../../carrier-adapters/sip-t38/udptl/sender.ts';
import { createRandom } from '../../../crash/random.ts';

const NONE: Recovery = { kind: 'none' };
const REDUNDANCY: Recovery = { kind: 'redundancy', depth: 3 };
const FEC: Recovery = { kind: 'fec', entries: 3, span: 3 };

/** Packets that tell their number, of different lengths and never zero at the end. */
function packet(n: number): Uint8Array {
  return Uint8Array.from([n >> 16, n >> 8, n, ...new Array(n % 5).fill(n & 0xff), 0xee]);
}

const numberOf = ({ ifp }: Received) => ((ifp[0] ?? 0) << 16) | ((ifp[1] ?? 0) << 8) | (ifp[2] ?? 0);

/** A packet beyond the next call of its receiver. */
const kept = (one: Received): Received => ({ ...one, ifp: one.ifp.slice() });

function flow(count: number, recovery: Recovery, maxDatagram = 1_400): Uint8Array[] {
  const sender = new UdptlSender({ recovery, maxDatagram });
  return Array.from({ length: count }, (_, n) => sender.datagram(packet(n)));
}

function pick(datagrams: readonly Uint8Array[], ...places: number[]): Uint8Array[] {
  return places.map((place) => datagrams[place] ?? new Uint8Array(0));
}

/** A flow after a network that loses, doubles and delays: 20 ms apart when sent. */
function arrivals(seed: number, recovery: Recovery): { datagram: Uint8Array; at: number }[] {
  const random = createRandom(seed);
  const copies = () => (random.below(20) === 0 ? 2 : 1);
  return flow(300, recovery)
    .filter(() => random.next() > 0.08)
    .flatMap((datagram, n) => Array.from({ length: copies() }, () => ({ datagram, at: n * 20 + random.below(200) })))
    .sort((a, b) => a.at - b.at);
}

/** Asserts that `got` is what was sent, each packet once and each missing one told; gives the number after the last. */
function inOrder(got: readonly Received[]): number {
  let next = 0;
  for (const one of got) {
    const sent = packet(next + one.lost);
    assert.deepEqual([...one.ifp.subarray(0, sent.length)], [...sent]);
    assert.ok(one.ifp.subarray(sent.length).every((octet) => octet === 0));
    next += one.lost + 1;
  }
  return next;
}

/** Numbers and losses of all that `receiver` delivers, one datagram each `ms`. */
function run(receiver: UdptlReceiver, datagrams: readonly Uint8Array[], ms = 20): [number, number][] {
  return datagrams.flatMap((datagram, i) =>
    receiver.handle(datagram, i * ms).map((one): [number, number] => [numberOf(one), one.lost]),
  );
}

describe('a UDPTL receiver', () => {
  test('delivers each packet once and in order when datagrams are swapped and doubled', () => {
    const receiver = new UdptlReceiver();
    assert.deepEqual(run(receiver, pick(flow(5, NONE), 0, 2, 2, 1, 1, 4, 3, 0)), [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
    assert.equal(receiver.counts.late, 3);
    assert.equal(receiver.counts.lost, 0);
  });

  test('waits 250 ms for a missing packet, then goes on and tells the loss', () => {
    const receiver = new UdptlReceiver();
    const datagrams = flow(5, NONE);
    assert.deepEqual(run(receiver, pick(datagrams, 0)), [[0, 0]]);
    assert.equal(receiver.deadline, null);
    assert.deepEqual(run(receiver, pick(datagrams, 3)), []);
    assert.equal(receiver.deadline, 250);
    assert.deepEqual(receiver.handle(null, 249), []);
    assert.deepEqual(
      receiver.handle(null, 250).map((one) => [numberOf(one), one.lost]),
      [[3, 2]],
    );
    assert.equal(receiver.deadline, null);
    assert.deepEqual(receiver.handle(datagrams[2] ?? null, 251), []);
    assert.equal(receiver.counts.lost, 2);
    assert.equal(receiver.counts.late, 1);
  });

  test('holds back at most 31 packets', () => {
    const receiver = new UdptlReceiver();
    const datagrams = flow(40, NONE);
    const got = run(receiver, [...datagrams.slice(0, 1), ...datagrams.slice(2)], 0);
    assert.deepEqual(got.slice(0, 2), [
      [0, 0],
      [2, 1],
    ]);
    assert.equal(got.length, 39);
  });

  test('a session that begins with lost packets has them back from redundancy', () => {
    const receiver = new UdptlReceiver();
    assert.deepEqual(run(receiver, pick(flow(4, REDUNDANCY), 3)), [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    assert.equal(receiver.counts.recovered, 3);
  });

  test('three packets in a row can be lost with redundancy of three and with parity of three by three', () => {
    for (const recovery of [REDUNDANCY, FEC]) {
      const datagrams = flow(40, recovery);
      const got = run(new UdptlReceiver(), [...datagrams.slice(0, 20), ...datagrams.slice(23)]);
      assert.deepEqual(
        got.map(([n]) => n),
        [...Array(40).keys()],
      );
    }
  });

  test('parity that came before another missing packet did is used when that has come', () => {
    const datagrams = flow(30, { kind: 'fec', entries: 1, span: 3 });
    // 12 covers 9, 10 and 11: 10 is out of order and 11 is lost.
    const order = [...Array(10).keys(), 12, 10, 13, 14];
    const receiver = new UdptlReceiver();
    const got = run(receiver, pick(datagrams, ...order));
    assert.deepEqual(
      got.map(([n]) => n),
      [...Array(15).keys()],
    );
    assert.equal(receiver.counts.recovered, 1);
  });

  test('sequence numbers wrap around', () => {
    const datagrams = flow(65_600, REDUNDANCY).filter((_, n) => n % 7 !== 3);
    const receiver = new UdptlReceiver();
    const got = run(receiver, datagrams);
    assert.equal(got.length, 65_600);
    assert.ok(got.every(([n, lost], i) => n === i && lost === 0));
  });

  test('after a long silence of the network the loss is told once', () => {
    const datagrams = flow(500, NONE);
    const receiver = new UdptlReceiver();
    const got = run(receiver, [...datagrams.slice(0, 10), ...datagrams.slice(400)], 0);
    assert.equal(receiver.handle(null, 250).length + got.length, 110);
    assert.equal(receiver.counts.lost, 390);
  });

  test('one datagram with a far number changes nothing, three in a row are a new session', () => {
    const datagrams = flow(5_000, NONE);
    const receiver = new UdptlReceiver();
    assert.deepEqual(run(receiver, pick(datagrams, 0, 4_000, 1, 3_000, 2)), [
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    assert.deepEqual(run(receiver, pick(datagrams, 4_000, 4_001, 4_002, 4_003)), [
      [4_002, 32],
      [4_003, 0],
    ]);
  });

  test('a datagram of more than 4,096 octets is not read', () => {
    const receiver = new UdptlReceiver();
    const datagram = new UdptlSender({ recovery: NONE, maxDatagram: 9_000 }).datagram(new Uint8Array(4_097));
    assert.deepEqual(receiver.handle(datagram, 0), []);
    assert.equal(receiver.counts.malformed, 1);
  });

  test('on a bad network packets come once, in order, and are what was sent; every other one is told as lost', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const recovery: Recovery = [NONE, REDUNDANCY, FEC][seed % 3] ?? NONE;
      const receiver = new UdptlReceiver();
      const got: Received[] = arrivals(seed, recovery).flatMap(({ datagram, at }) => [
        ...receiver.handle(datagram, at).map(kept),
      ]);
      got.push(...receiver.handle(null, 1e6).map(kept));
      const next = inOrder(got);
      assert.equal(receiver.counts.delivered, got.length);
      assert.equal(receiver.counts.delivered + receiver.counts.lost, next);
      if (recovery === REDUNDANCY) assert.equal(receiver.counts.lost, 0);
    }
  });
});

describe('a UDPTL sender', () => {
  test('never exceeds the datagram of the far end, and leaves out the farthest packets first', () => {
    for (const recovery of [NONE, REDUNDANCY, FEC]) {
      for (const maxDatagram of [48, 72, 100, 300]) {
        const sender = new UdptlSender({ recovery, maxDatagram });
        for (let n = 0; n < 30; n++) {
          const longest = maxDatagram - 6;
          const datagram = sender.datagram(new Uint8Array(1 + ((n * 13) % longest)));
          assert.ok(datagram.length <= maxDatagram);
        }
      }
    }
  });

  test('packets of maxIfp octets go with all their recovery data', () => {
    for (const [recovery, parts] of [
      [NONE, 0],
      [REDUNDANCY, 3],
      [FEC, 3],
    ] as const) {
      const sender = new UdptlSender({ recovery, maxDatagram: 1_400 });
      let last = new Uint8Array(0);
      for (let n = 0; n < 12; n++) last = sender.datagram(new Uint8Array(sender.maxIfp)) as Uint8Array<ArrayBuffer>;
      assert.ok(last.length > sender.maxIfp * (parts + 1));
    }
  });

  test('a packet that cannot fit, and counts that make no sense, are faults of ours', () => {
    assert.throws(() => new UdptlSender({ recovery: NONE, maxDatagram: 100 }).datagram(new Uint8Array(96)), RangeError);
    assert.throws(() => new UdptlSender({ recovery: { kind: 'redundancy', depth: 0 }, maxDatagram: 100 }), RangeError);
    assert.throws(
      () => new UdptlSender({ recovery: { kind: 'fec', entries: 9, span: 9 }, maxDatagram: 100 }),
      RangeError,
    );
  });
});
