import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDcs } from '../../../carrier-adapters/sip-t38/t30/frames/dcs.ts';
import { infoOf, nameOf } from '../../../carrier-adapters/sip-t38/t30/frames/describe.ts';
import { parseCapabilities } from '../../../carrier-adapters/sip-t38/t30/frames/dis.ts';
import { encodeSignal, type HeardFrame, parseFrame } from '../../../carrier-adapters/sip-t38/t30/frames/frame.ts';
import { parseIdentification } from '../../../carrier-adapters/sip-t38/t30/frames/station-id.ts';
import { ladderOf } from '../../../carrier-adapters/sip-t38/t30/negotiation/ladder.ts';
import { decodeIfp } from '../../../carrier-adapters/sip-t38/t38/ifp.ts';
import { UdptlReceiver } from '../../../carrier-adapters/sip-t38/udptl/receiver.ts';
import type { Packet } from '../pcap.ts';
import { CALLS, NO_CAPTURES, udptlOf } from './captures.ts';

/** Frames of the control channel, as octets, in the order of a flow. */
function controlFrames(packets: readonly Packet[]): Uint8Array[] {
  const receiver = new UdptlReceiver();
  const frames: Uint8Array[] = [];
  let octets: number[] = [];
  for (const packet of packets) {
    for (const { ifp } of receiver.handle(packet.payload, packet.time * 1_000)) {
      const read = decodeIfp(ifp, '1998');
      if (read?.kind !== 'data' || read.dataType !== 'v21') continue;
      for (const { type, data } of read.fields) {
        if (data !== null) octets.push(...data);
        if (type.startsWith('hdlc-fcs-OK')) frames.push(Uint8Array.from(octets));
        if (type !== 'hdlc-data') octets = [];
      }
    }
  }
  return frames;
}

function parsed(frames: readonly Uint8Array[]): HeardFrame[] {
  return frames.map((octets) => parseFrame(octets) ?? assert.fail('no frame of T.30'));
}

const find = (frames: readonly HeardFrame[], fcf: string) => frames.find((one) => one.fcf === fcf) ?? assert.fail(fcf);

describe('control frames of recorded calls', { skip: NO_CAPTURES }, () => {
  for (const name of Object.values(CALLS)) {
    test(`${name}: every frame is one of T.30, and is written as it was read`, () => {
      const [sender, receiver] = udptlOf(name);
      for (const [packets, x] of [
        [sender, true],
        [receiver, false],
      ] as const) {
        for (const octets of controlFrames(packets)) {
          const { fcf, fif, final } = parsed([octets])[0] ?? assert.fail();
          const frames = final
            ? [{ fcf, fif }]
            : [
                { fcf, fif },
                { fcf, fif },
              ];
          assert.deepEqual(encodeSignal(frames, x)[0], octets);
        }
      }
    });
  }

  test('a call with error correction', () => {
    const [sender, receiver] = udptlOf(CALLS.redundancy);
    const says = parsed(controlFrames(sender));
    const answers = parsed(controlFrames(receiver));
    assert.deepEqual(says.map(nameOf), ['TSI', 'DCS', 'PPS-EOP', 'DCN']);
    assert.deepEqual(answers.map(nameOf), ['CSI', 'DIS', 'CFR', 'MCF']);
    assert.equal(infoOf(find(says, 'DCS')), 'V.17 14400 ECM 256 MMR 204×196 1728 unlimited');
    assert.equal(parseIdentification(find(answers, 'CSI').fif), '5550100');
    const { modems } = parseCapabilities(find(answers, 'DIS').fif);
    const fastest = ladderOf(modems, { modulations: ['V.27ter', 'V.29', 'V.17'], maxRate: 14_400 })[0];
    const dcs = parseDcs(find(says, 'DCS').fif);
    assert.deepEqual(typeof dcs === 'string' ? dcs : dcs.modem, fastest);
  });

  test('a call without error correction', () => {
    const [sender, receiver] = udptlOf(CALLS.none);
    assert.deepEqual(parsed(controlFrames(sender)).map(nameOf), ['TSI', 'DCS', 'EOP', 'DCN']);
    assert.deepEqual(parsed(controlFrames(receiver)).map(nameOf), ['CSI', 'DIS', 'CFR', 'MCF']);
    assert.equal(parseCapabilities(find(parsed(controlFrames(receiver)), 'DIS').fif).ecm, false);
  });
});
