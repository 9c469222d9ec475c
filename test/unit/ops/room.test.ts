import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMetrics } from '../../../ops/metrics/metrics.ts';
import { watchRoom } from '../../../ops/room.ts';
import { handClock, keptLog } from '../destinations/world.ts';

const MIB = 1_048_576;

/** A watch over a disk of which we say how much is free. */
function watched(first: number | Error) {
  const disk = { free: first };
  const log = keptLog();
  const clock = handClock();
  const metrics = createMetrics();
  const free = async () => {
    if (disk.free instanceof Error) throw disk.free;
    return disk.free;
  };
  const watch = watchRoom({ directory: '/data', clock, log, metrics, free });
  const turn = async (now: number | Error) => {
    disk.free = now;
    clock.advance(15_000);
    await new Promise(setImmediate);
  };
  return { watch, lines: log.lines, metrics, turn };
}

describe('room in the data directory', () => {
  test('is told once when it is low and once when it is there again, and fails /readyz before the disk is full', async () => {
    const { watch, lines, metrics, turn } = watched(600 * MIB);
    assert.deepEqual(watch.check(), {});
    await watch.start();
    assert.deepEqual(watch.check(), { room: { ok: true, detail: '600 MiB free' } });
    await turn(511 * MIB);
    await turn(63.5 * MIB);
    assert.deepEqual(watch.check(), { room: { ok: false, detail: '63 MiB free' } });
    assert.match(await metrics.page(), /^sealfax_data_free_bytes 66584576$/m);
    await turn(64 * MIB);
    assert.equal(watch.check().room?.ok, true);
    await turn(512 * MIB);
    assert.deepEqual(lines, [
      'the data directory is nearly full; free some space, or faxes are refused and the database stops ' +
        '{"free":"511 MiB","alert":"room_low"}',
      'the data directory has room again {"free":"512 MiB"}',
    ]);
  });

  test('nothing is said of a file system that does not answer, and nothing is looked at after the stop', async () => {
    const { watch, lines, turn } = watched(new Error('EIO'));
    await watch.start();
    assert.deepEqual(watch.check(), {});
    await turn(1_000 * MIB);
    watch.stop();
    await turn(1);
    assert.deepEqual(watch.check(), { room: { ok: true, detail: '1000 MiB free' } });
    assert.deepEqual(lines, []);
  });
});
