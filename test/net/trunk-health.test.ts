// Whether a static trunk lives, as its carrier finds out by itself: two adapters on a virtual network and clock.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSipT38 } from '../../carrier-adapters/sip-t38/adapter.ts';
import { sipT38ConfigSchema } from '../../carrier-adapters/sip-t38/config.ts';
import type { CarrierAdapter } from '../../gateway/ports/carrier-adapter.ts';
import { RecordingReception } from '../conformance/carrier-adapter.ts';
import { FAIR, randomOf } from './link.ts';
import { PacketClock, World } from './world.ts';

const HERE = '192.0.2.1';
const THERE = '192.0.2.2';
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Two stations, each the other's trunk, and the state that this side tells of itself. */
class Bench {
  readonly clock = new PacketClock();
  readonly world = new World(this.clock, { media: FAIR, sip: FAIR }, 1);
  readonly told: string[] = [];

  carrier(own: string, peer: string, probe: number): CarrierAdapter {
    const random = randomOf(7);
    const trunks = [{ name: 'peer', server: peer, peers: [peer], probe }];
    const told = (_fields: object, text: string) => void this.told.push(text);
    return createSipT38(sipT38ConfigSchema.parse({ kind: 'sip-t38', name: 'line', trunks }), {
      clock: this.world.clock,
      log: own === HERE ? { ...SILENT, info: told, warn: told } : SILENT,
      metrics: { count: () => {}, gauge: () => {}, observe: () => {} },
      network: this.world.host(own),
      random: (octets) => Uint8Array.from({ length: octets }, () => random.below(256)),
      pause: async () => {},
    });
  }

  /** Lets so many seconds go by. */
  wait(seconds: number): Promise<void> {
    return this.clock.until(
      new Promise<void>((resolve) => void this.clock.after(seconds * 1_000, resolve)),
      seconds * 2_000,
    );
  }
}

describe('a trunk that is not registered', () => {
  test('is silent after two OPTIONS without an answer, and good again with the next one', async () => {
    const bench = new Bench();
    const here = bench.carrier(HERE, THERE, 30);
    await here.start(new RecordingReception([]));
    await bench.wait(60);
    assert.equal((await here.health()).ok, true, 'one OPTIONS may be lost');
    await bench.wait(60);
    assert.deepEqual(await here.health(), { ok: false, detail: '0 calls; peer: silent' });
    const there = bench.carrier(THERE, HERE, 0);
    await there.start(new RecordingReception([]));
    await bench.wait(70);
    assert.deepEqual(await here.health(), { ok: true, detail: '0 calls; peer: answers' });
    const [ready, silent] = ['a SIP trunk is ready', 'a SIP trunk does not work; it is tried again'];
    assert.deepEqual(bench.told, [ready, silent, ready]);
    await Promise.all([here.stop(), there.stop()]);
    await bench.wait(1);
    assert.equal(bench.world.open, 0);
  });

  test('is taken for good unasked where probes are off', async () => {
    const bench = new Bench();
    const here = bench.carrier(HERE, THERE, 0);
    await here.start(new RecordingReception([]));
    await bench.wait(300);
    assert.deepEqual(await here.health(), { ok: true, detail: '0 calls; peer: resolved' });
    await here.stop();
  });
});
