import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cablesIn, chanceOf, WAY, type Weather } from '../../../carrier-adapters/loopback/lines/cable.ts';
import { PacketClock } from '../../net/world.ts';

const FAIR: Weather = { seed: 1, loss: 0, reorder: 0, jitter: 0 };

interface Arrival {
  readonly packet: number;
  readonly after: number;
}

/** What arrives of `count` packets that are sent 30 ms apart, in the order in which it does. */
async function sent(weather: Weather, count: number): Promise<Arrival[]> {
  const clock = new PacketClock();
  const arrivals: Arrival[] = [];
  const send = cablesIn(
    weather,
    clock,
  )((packet) => {
    const number = new DataView(packet.buffer).getUint32(0);
    arrivals.push({ packet: number, after: clock.monotonic() - 30 * number });
  });
  const work = async () => {
    for (let number = 0; number < count; number++) {
      const packet = new Uint8Array(4);
      new DataView(packet.buffer).setUint32(0, number);
      send(packet);
      packet.fill(0xff);
      await new Promise<void>((resolve) => void clock.after(30, resolve));
    }
    await new Promise<void>((resolve) => void clock.after(5_000, resolve));
  };
  await clock.until(work(), 60 * count + 10_000);
  return arrivals;
}

describe('cables', () => {
  test('in fair weather everything arrives after the same time, as it was when it was sent', async () => {
    const arrivals = await sent(FAIR, 50);
    assert.deepEqual(
      arrivals,
      Array.from({ length: 50 }, (_, packet) => ({ packet, after: WAY })),
    );
  });

  test('packets are lost, held back and delayed in the shares that are asked for', async () => {
    const count = 2_000;
    const arrivals = await sent({ seed: 5, loss: 0.2, reorder: 0.1, jitter: 25 }, count);
    const lost = 1 - arrivals.length / count;
    assert.ok(lost > 0.17 && lost < 0.23, `${lost} are lost`);
    const late = arrivals.filter(({ after }) => after > WAY + 25).length / arrivals.length;
    assert.ok(late > 0.05 && late < 0.1, `${late} are later than jitter makes them`);
    const order = arrivals.map(({ packet }) => packet);
    assert.notDeepEqual(
      order,
      order.toSorted((one, other) => one - other),
    );
  });

  test('the same seed does the same, another one something else; two cables have nothing in common', async () => {
    const weather = { seed: 9, loss: 0.3, reorder: 0.1, jitter: 10 };
    assert.deepEqual(await sent(weather, 60), await sent(weather, 60));
    assert.notDeepEqual(await sent(weather, 60), await sent({ ...weather, seed: 10 }, 60));
    const clock = new PacketClock();
    const lay = cablesIn({ ...FAIR, loss: 0.5 }, clock);
    const heard: number[][] = [[], []];
    const [one, other] = heard.map((list) => lay(([packet]) => void list.push(packet ?? -1)));
    for (let packet = 0; packet < 100; packet++) {
      one?.(Uint8Array.of(packet));
      other?.(Uint8Array.of(packet));
    }
    await clock.until(new Promise<void>((resolve) => void clock.after(1_000, resolve)), 2_000);
    assert.notDeepEqual(heard[0], heard[1]);
  });

  test('a packet is zeroed when it has been heard', async () => {
    const clock = new PacketClock();
    const kept: Uint8Array[] = [];
    cablesIn(FAIR, clock)((packet) => void kept.push(packet))(Uint8Array.of(1, 2, 3));
    await clock.until(new Promise<void>((resolve) => void clock.after(100, resolve)), 200);
    assert.deepEqual(kept, [new Uint8Array(3)]);
  });

  test('chance is spread evenly', () => {
    const chance = chanceOf(0);
    const tenths = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) {
      const tenth = Math.floor(chance() * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    assert.ok(Math.min(...tenths) > 900 && Math.max(...tenths) < 1_100, tenths.join(' '));
  });
});
