import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Trunks } from '../../../carrier-adapters/sip-t38/trunks.ts';

describe('the order in which trunks are tried', () => {
  test('is that of the settings, without those that do not work', () => {
    const trunks = new Trunks(['a', 'b', 'c']);
    assert.deepEqual(trunks.inOrder(0), ['a', 'b', 'c']);
    trunks.note({ trunk: 'a', state: 'register_failed' });
    assert.deepEqual(trunks.inOrder(0), ['b', 'c']);
    trunks.note({ trunk: 'a', state: 'registered' });
    assert.deepEqual(trunks.inOrder(0), ['a', 'b', 'c']);
  });

  test('is the first one alone when none works', () => {
    const trunks = new Trunks(['a', 'b'], true);
    for (const trunk of trunks.names) trunks.note({ trunk, state: 'unresolvable' });
    assert.deepEqual(trunks.inOrder(0), ['a']);
    assert.deepEqual(trunks.inOrder(0), ['a']);
  });

  test('turns by one with each call where they are used in turn', () => {
    const trunks = new Trunks(['a', 'b', 'c'], true);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => trunks.inOrder(0)[0]),
      ['a', 'b', 'c', 'a'],
    );
  });

  test('has a trunk that failed a call last for a minute, or until it takes one', () => {
    const trunks = new Trunks(['a', 'b']);
    trunks.failed('a', 1_000);
    assert.deepEqual(trunks.inOrder(60_999), ['b', 'a']);
    assert.deepEqual(trunks.inOrder(61_000), ['a', 'b']);
    trunks.failed('a', 61_000);
    trunks.worked('a');
    assert.deepEqual(trunks.inOrder(61_001), ['a', 'b']);
  });
});
