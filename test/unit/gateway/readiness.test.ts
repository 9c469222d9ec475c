import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ReadinessParts, readiness } from '../../../gateway/readiness.ts';
import { handClock } from '../destinations/world.ts';

const answers = async () => {};
const gone = () => Promise.reject(new Error('gone'));
const hangs = () => new Promise<never>(() => {});

const SILENT = { ok: false, detail: 'does not answer' };

/** A gateway with one carrier; all of it answers but for what `parts` says. */
function gateway(parts: Partial<ReadinessParts>) {
  const clock = handClock();
  const health = async () => ({ ok: true, detail: '0 calls' });
  const records = { check: answers, carriers: { conditions: gone } };
  const whole: ReadinessParts = { records, queue: { check: answers }, carriers: [{ name: 'one', health }], clock };
  return { clock, answer: readiness({ ...whole, ...parts }) };
}

describe('/readyz', () => {
  test('says of each by itself whether it answers', async () => {
    const { answer } = gateway({ queue: { check: gone } });
    assert.deepEqual(await answer, {
      database: { ok: true, detail: 'answers' },
      queue: SILENT,
      'carrier one': { ok: true, detail: '0 calls' },
    });
  });

  test('answers in three seconds where nobody does: servers that hang refuse nothing', async () => {
    const records = { check: hangs, carriers: { conditions: hangs } };
    const carriers = ['one', 'two'].map((name) => ({ name, health: hangs }));
    const { clock, answer } = gateway({ records, queue: { check: hangs }, carriers });
    clock.advance(2_999);
    assert.equal(await Promise.race([answer, 'not yet']), 'not yet');
    clock.advance(1);
    assert.deepEqual(await answer, { database: SILENT, queue: SILENT, 'carrier one': SILENT, 'carrier two': SILENT });
  });

  test('asks no carrier where this process makes no calls', async () => {
    assert.deepEqual(Object.keys(await gateway({ carriers: [] }).answer), ['database', 'queue']);
  });
});
