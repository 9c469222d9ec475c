import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCollection, scheduleCollection, wipe } from '../../../crypto/index.ts';
import { noteDroppedKey } from '../../../crypto/wipe.ts';

describe('collection after secrets were dropped', () => {
  test('runs when something was wiped or a key dropped since the last one, and only then', () => {
    wipe(new Uint8Array(1));
    assert.equal(runCollection(), true);
    assert.equal(runCollection(), false);
    noteDroppedKey();
    assert.equal(runCollection(), true);
  });

  test('is asked for once, within a second, and finds nothing left to do afterwards', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    wipe(new Uint8Array(1));
    scheduleCollection();
    scheduleCollection();
    t.mock.timers.tick(1_000);
    assert.equal(runCollection(), false, 'the scheduled one has run');
  });

  test('really collects: what nobody holds is gone', () => {
    let held: object | undefined = { secret: 1 };
    const weak = new WeakRef(held);
    held = undefined;
    return new Promise<void>((done) => {
      // A WeakRef keeps its target until the present turn has ended.
      setImmediate(() => {
        wipe();
        runCollection();
        assert.equal(weak.deref(), undefined);
        done();
      });
    });
  });

  test('leaves no global gc behind for other code', () => {
    wipe();
    runCollection();
    assert.equal(Reflect.get(globalThis, 'gc'), undefined);
  });

  test('wipe zeroes every buffer it is given', () => {
    const [a, b] = [new Uint8Array(5).fill(1), new Uint8Array(100).fill(2)];
    wipe(a, b);
    assert.ok([...a, ...b].every((octet) => octet === 0));
  });
});
