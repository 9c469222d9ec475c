import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildDatagram, parseDatagram } from '../../../../carrier-adapters/sip-t38/udptl/datagram.ts';
import type { Recovery } from '../../../../carrier-adapters/sip-t38/udptl/options.ts';
import { UdptlReceiver } from '../../../../carrier-adapters/sip-t38/udptl/receiver.ts';
import { UdptlSender } from '../../../../carrier-adapters/sip-t38/udptl/sender.ts';
import { CALLS, NO_CAPTURES, udptlOf } from '../../../vectors/sip-t38/captures.ts';

const RECOVERIES: Readonly<Record<keyof typeof CALLS, Recovery>> = {
  redundancy: { kind: 'redundancy', depth: 3 },
  fec: { kind: 'fec', entries: 3, span: 3 },
  none: { kind: 'none' },
};

function primaryOf(datagram: Uint8Array): Uint8Array {
  const parsed = parseDatagram(datagram);
  assert.ok(parsed !== null);
  return parsed.primary;
}

describe('UDPTL of the lab', { skip: NO_CAPTURES }, () => {
  for (const kind of ['redundancy', 'fec', 'none'] as const) {
    test(`every datagram with ${kind} is read and built again octet by octet`, () => {
      for (const { payload } of udptlOf(CALLS[kind]).flat()) {
        const parsed = parseDatagram(payload);
        assert.ok(parsed !== null);
        assert.deepEqual(Buffer.from(buildDatagram(parsed)), Buffer.from(payload));
      }
    });

    test(`our sender makes the same datagrams of the same packets with ${kind}`, () => {
      for (const flow of udptlOf(CALLS[kind])) {
        const sender = new UdptlSender({ recovery: RECOVERIES[kind], maxDatagram: 1_400 });
        for (const { payload } of flow) {
          const datagram = sender.datagram(Uint8Array.from(primaryOf(payload)));
          assert.deepEqual(Buffer.from(datagram), Buffer.from(payload));
        }
      }
    });

    test(`every packet with ${kind} is delivered in order`, () => {
      for (const flow of udptlOf(CALLS[kind])) {
        const receiver = new UdptlReceiver();
        const got = flow.flatMap(({ payload, time }) =>
          receiver.handle(payload, time * 1_000).map(({ ifp }) => Buffer.from(ifp)),
        );
        assert.deepEqual(
          got,
          flow.map(({ payload }) => Buffer.from(primaryOf(payload))),
        );
        assert.equal(receiver.counts.lost + receiver.counts.malformed + receiver.counts.late, 0);
      }
    });
  }

  test('one packet in three can be lost with redundancy of three, and one in four with parity of three by three', () => {
    for (const [kind, every] of [
      ['redundancy', 3],
      ['fec', 4],
    ] as const) {
      for (const flow of udptlOf(CALLS[kind])) {
        const receiver = new UdptlReceiver();
        const kept = flow.filter((_, i) => i % every !== 1 || i > flow.length - 4);
        const got = kept.flatMap(({ payload, time }) =>
          receiver.handle(payload, time * 1_000).map(({ ifp }) => Buffer.from(ifp)),
        );
        assert.equal(receiver.counts.lost, 0, kind);
        assert.equal(receiver.counts.recovered, flow.length - kept.length);
        flow.forEach(({ payload }, i) => {
          const packet = primaryOf(payload);
          assert.deepEqual(got[i]?.subarray(0, packet.length), Buffer.from(packet));
        });
      }
    }
  });
});
