import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Alarms } from '../../../../../carrier-adapters/sip-t38/t30/phases/alarms.ts';

describe('alarms', () => {
  test('the earliest one is next, and is taken once', () => {
    const alarms = new Alarms();
    assert.equal(alarms.next, null);
    alarms.set('limit', 300);
    alarms.set('answer', 100);
    assert.equal(alarms.next, 100);
    assert.equal(alarms.take(99), null);
    assert.equal(alarms.take(350), 'answer');
    assert.equal(alarms.take(350), 'limit');
    assert.equal(alarms.take(350), null);
  });

  test('one that is set again is put off, one that is cleared does not come', () => {
    const alarms = new Alarms();
    alarms.set('answer', 100);
    alarms.set('answer', 200);
    assert.equal(alarms.next, 200);
    assert.equal(alarms.dueAt('answer'), 200);
    alarms.clear('answer');
    assert.equal(alarms.dueAt('answer'), null);
    assert.equal(alarms.take(1_000), null);
  });

  test('all can be cleared', () => {
    const alarms = new Alarms();
    alarms.set('call', 1);
    alarms.set('turn', 2);
    alarms.clearAll();
    assert.equal(alarms.next, null);
  });
});
