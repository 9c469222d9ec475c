import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../../crash/random.ts';
import { goodDatagrams, hostile, Victim } from '../../fuzz/sip-t38/packets.ts';

/** A million by default; a longer run is SEALFAX_FUZZ_PACKETS=100000000. */
const PACKETS = Number(process.env.SEALFAX_FUZZ_PACKETS ?? 1_000_000);
const SEED = Number(process.env.SEALFAX_FUZZ_SEED ?? 38);
/** Octets that a terminal may hold more than at a tenth of the run: what a garbage collector leaves to chance. */
const GROWTH = 4_000_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heap(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe('hostile UDPTL and IFP packets', () => {
  const flows = goodDatagrams();

  test(`${PACKETS} of them: nothing throws, what comes of one is bounded, and nothing grows`, () => {
    const random = createRandom(SEED);
    const victims = (['1998', '2002'] as const).map((syntax) => new Victim(syntax));
    let most = 0;
    let heard = 0;
    let early = 0;
    for (let n = 0; n < PACKETS; n++) {
      const flow = flows[(n >> 12) % flows.length] ?? [];
      const outputs = victims[n & 1]?.hear(hostile(flow, n, random), random.below(40)) ?? [];
      most = Math.max(most, outputs.length);
      heard += outputs.length;
      if (n === Math.floor(PACKETS / 10)) early = heap();
    }
    const grown = heap() - early;
    // A packet of 4 KiB has at most as many fields as half octets, and sets at most 32 others free.
    assert.ok(most < 20_000, `${most} outputs of one datagram`);
    assert.ok(heard > PACKETS / 100, `only ${heard} outputs: the generator has lost its way`);
    assert.ok(grown < GROWTH, `${grown} octets more`);
  });

  test('after two thousand of them a good call is heard whole', () => {
    for (const [index, flow] of flows.entries()) {
      const random = createRandom(SEED + index);
      const victim = new Victim(index % 2 === 0 ? '1998' : '2002');
      for (let n = 0; n < 2_000; n++) victim.hear(hostile(flow, n, random), 20);
      // Three datagrams that go on from each other are believed again; the good call comes after a preamble of its own.
      const outputs = [...flow.slice(-30), ...flow].flatMap((datagram) => victim.hear(datagram, 30));
      const frames = outputs.filter(
        (output) => output.type === 'line' && output.event.type === 'frame' && output.event.good,
      );
      assert.ok(frames.length >= 6, `${frames.length} frames of flow ${index}`);
    }
  });
});
