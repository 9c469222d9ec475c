import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createComplaint } from '../../../gateway/queue/complaint.ts';
import { handClock, keptLog } from '../destinations/world.ts';

test('a server that is gone is told of at once, then every half a minute with the failures in between', () => {
  const log = keptLog();
  const clock = handClock();
  const complain = createComplaint(log, clock.monotonic);
  for (let failures = 0; failures < 61; failures++) {
    complain(new Error('ECONNREFUSED'));
    clock.advance(500);
  }
  clock.advance(3_600_000);
  complain(new Error('reset'));
  const text = 'the server of the job queue does not answer; trying again';
  assert.deepEqual(log.lines, [
    `${text} {"reason":"ECONNREFUSED","failures":1}`,
    `${text} {"reason":"ECONNREFUSED","failures":60}`,
    `${text} {"reason":"reset","failures":1}`,
  ]);
});
