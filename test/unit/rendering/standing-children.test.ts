import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { STANDING_LIFE, StandingChildren } from '../../../gateway/rendering/standing-children.ts';

/** A child that is only told of. */
class Child {
  alive = true;
  readonly number: number;
  #ended: (() => void)[] = [];

  constructor(number: number) {
    this.number = number;
  }

  hold(): void {}

  kill(): void {
    this.alive = false;
    for (const tell of this.#ended.splice(0)) tell();
  }

  onEnd(then: () => void): void {
    this.#ended.push(then);
  }
}

function nursery(children: number, ready: (child: Child) => boolean = () => true, ahead?: Promise<void>) {
  const started: Child[] = [];
  const start = () => {
    const child = new Child(started.length + 1);
    started.push(child);
    return child;
  };
  const standing = new StandingChildren({
    start,
    ready: async (child) => ready(child),
    rest: async () => true,
    children,
    ...(ahead === undefined ? {} : { ahead }),
  });
  return { standing, started, numberOf: () => standing.run(async (child) => child.number) };
}

describe('children that live on', () => {
  test('none is started before it is told to be, but for a job; then as many as were wanted', async () => {
    const told = Promise.withResolvers<void>();
    const { standing, started, numberOf } = nursery(2, undefined, told.promise);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(started.length, 0);
    assert.equal(await numberOf(), 1);
    told.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(started.length, 2);
    await standing.close();
  });

  test('one child takes one job after the other', async () => {
    const { standing, numberOf } = nursery(1);
    assert.deepEqual([await numberOf(), await numberOf(), await numberOf()], [1, 1, 1]);
    await standing.close();
  });

  test('no child has two jobs at once, and jobs that wait come in their order', async () => {
    const { standing } = nursery(1);
    const log: string[] = [];
    const job = (name: string) =>
      standing.run(async () => {
        log.push(`${name} begins`);
        await Promise.resolve();
        log.push(`${name} ends`);
      });
    await Promise.all([job('a'), job('b'), job('c')]);
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    await standing.close();
  });

  test('several children work side by side, no more than their number', async () => {
    const { standing, started } = nursery(2);
    let most = 0;
    let now = 0;
    const job = () =>
      standing.run(async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
      });
    await Promise.all(Array.from({ length: 9 }, job));
    assert.equal(most, 2);
    assert.equal(started.length, 2);
    await standing.close();
  });

  test('a job that throws ends its child and answers undefined; the next has a new one', async () => {
    const { standing, started, numberOf } = nursery(1);
    assert.equal(await numberOf(), 1);
    assert.equal(await standing.run(() => Promise.reject(new Error('trap'))), undefined);
    assert.equal(started[0]?.alive, false);
    assert.equal(await numberOf(), 2);
    await standing.close();
  });

  test('a child that has died in between is replaced before the next job', async () => {
    const { standing, started, numberOf } = nursery(1);
    assert.equal(await numberOf(), 1);
    started[0]?.kill();
    assert.equal(await numberOf(), 2);
    await standing.close();
  });

  test(`a child is replaced after ${STANDING_LIFE.jobs} jobs`, async () => {
    const { standing, started, numberOf } = nursery(1);
    for (let n = 0; n < STANDING_LIFE.jobs; n++) assert.equal(await numberOf(), 1);
    assert.equal(await numberOf(), 2);
    assert.equal(started[0]?.alive, false);
    await standing.close();
  });

  test('where no child can start, jobs are refused at once and no further start is tried', async () => {
    const { standing, started, numberOf } = nursery(1, () => false);
    assert.equal(await numberOf(), undefined);
    const tried = started.length;
    for (let n = 0; n < 50; n++) assert.equal(await numberOf(), undefined);
    assert.equal(started.length, tried);
    assert.ok(started.every(({ alive }) => !alive));
    await standing.close();
  });

  test('closing ends every child, refuses whoever waits, and starts none afterwards', async () => {
    const { standing, started, numberOf } = nursery(1);
    await numberOf();
    const { promise, resolve } = Promise.withResolvers<void>();
    const working = standing.run(() => promise);
    const waiting = numberOf();
    await standing.close();
    resolve();
    await working;
    assert.equal(await waiting, undefined);
    assert.equal(await numberOf(), undefined);
    assert.ok(started.every(({ alive }) => !alive));
  });
});
