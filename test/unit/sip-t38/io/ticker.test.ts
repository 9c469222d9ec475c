import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ticker, type Ticking } from '../../../../carrier-adapters/sip-t38/io/ticker.ts';
import type { Clock } from '../../../../gateway/ports/clock.ts';

/** A clock that goes on by hand and counts the timers that are set. */
class HandClock implements Clock {
  time = 0;
  timers: { readonly at: number; readonly run: () => void }[] = [];

  now = () => this.time;
  monotonic = () => this.time;

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Goes to `time` and rings what was due on the way, `late` ms late. */
  to(time: number, late = 0): void {
    for (;;) {
      const next = this.timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > time) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.time = Math.max(this.time, next.at + late);
      next.run();
    }
    this.time = Math.max(this.time, time);
  }
}

/** Wants to be woken every `every` ms. */
function beat(every: number): Ticking & { readonly rung: number[]; deadline: number | null } {
  const machine = {
    deadline: every as number | null,
    rung: [] as number[],
    time(now: number) {
      machine.rung.push(now);
      machine.deadline = now + every;
    },
  };
  return machine;
}

describe('one timer for all', () => {
  test('each machine is woken at its own deadlines', () => {
    const clock = new HandClock();
    const ticker = new Ticker(clock, () => {});
    const [fast, slow] = [beat(20), beat(70)];
    for (const machine of [fast, slow]) ticker.touch(machine);
    clock.to(140);
    assert.deepEqual(fast.rung, [20, 40, 60, 80, 100, 120, 140]);
    assert.deepEqual(slow.rung, [70, 140]);
  });

  test('there is never more than one timer, and none when nothing is wanted', () => {
    const clock = new HandClock();
    const ticker = new Ticker(clock, () => {});
    const machines = [beat(20), beat(30), beat(50)];
    for (const machine of machines) ticker.touch(machine);
    assert.equal(clock.timers.length, 1);
    clock.to(60);
    assert.equal(clock.timers.length, 1);
    for (const machine of machines) ticker.remove(machine);
    clock.to(200);
    assert.equal(clock.timers.length, 0);
  });

  test('a deadline that comes nearer is kept', () => {
    const clock = new HandClock();
    const ticker = new Ticker(clock, () => {});
    const machine = beat(1_000);
    ticker.touch(machine);
    machine.deadline = 5;
    ticker.touch(machine);
    clock.to(5);
    assert.deepEqual(machine.rung, [5]);
  });

  test('a machine that is removed by another one is not woken', () => {
    const clock = new HandClock();
    const ticker = new Ticker(clock, () => {});
    const victim = beat(20);
    const killer = {
      deadline: 20 as number | null,
      time() {
        ticker.remove(victim);
        killer.deadline = null;
      },
    };
    ticker.touch(killer);
    ticker.touch(victim);
    clock.to(20);
    assert.deepEqual(victim.rung, []);
  });

  test('what comes too late is told', () => {
    const clock = new HandClock();
    const late: number[] = [];
    const ticker = new Ticker(clock, (ms) => late.push(ms));
    ticker.touch(beat(20));
    clock.to(20, 15);
    assert.deepEqual(late, [15]);
  });

  test('after stop nothing rings', () => {
    const clock = new HandClock();
    const ticker = new Ticker(clock, () => {});
    const machine = beat(20);
    ticker.touch(machine);
    ticker.stop();
    clock.to(100);
    assert.deepEqual([machine.rung, clock.timers], [[], []]);
  });
});
