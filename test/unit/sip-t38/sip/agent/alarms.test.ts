import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Alarm, Alarms } from '../../../../../carrier-adapters/sip-t38/sip/agent/alarms.ts';
import { seeded } from '../../../../scenarios/sip-t38/sip/world.ts';

describe('alarms', () => {
  test('they ring in order of time, then of setting, each once, and not when canceled', () => {
    const chance = seeded(11);
    const alarms = new Alarms();
    const wanted: { at: number; order: number }[] = [];
    const rung: { at: number; order: number }[] = [];
    for (let order = 0; order < 2_000; order++) {
      const at = Math.floor(chance() * 500);
      const alarm = alarms.set(at, () => rung.push({ at, order }));
      if (chance() < 0.7) alarm.cancel();
      else wanted.push({ at, order });
    }
    wanted.sort((a, b) => a.at - b.at || a.order - b.order);
    assert.equal(alarms.next, wanted[0]?.at);
    alarms.ringDue(250);
    assert.deepEqual(
      rung,
      wanted.filter(({ at }) => at <= 250),
    );
    alarms.ringDue(10_000);
    alarms.ringDue(20_000);
    assert.deepEqual(rung, wanted);
    assert.equal(alarms.next, null);
  });

  test('what is set while ringing rings as well when it is due, and may be canceled', () => {
    const alarms = new Alarms();
    const rung: string[] = [];
    let second: Alarm | null = null;
    alarms.set(10, (now) => {
      rung.push(`first at ${now}`);
      alarms.set(5, () => rung.push('late'));
      second?.cancel();
    });
    second = alarms.set(20, () => rung.push('never'));
    alarms.ringDue(30);
    assert.deepEqual(rung, ['first at 30', 'late']);
  });

  test('alarms that are set and canceled for ever take no room', () => {
    const alarms = new Alarms();
    for (let index = 0; index < 100_000; index++) alarms.set(1e9 + index, () => {}).cancel();
    assert.equal(alarms.next, null);
    assert.ok(alarms.held <= 130, `${alarms.held}`);
  });
});
