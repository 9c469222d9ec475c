import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { T30Error } from '../../../../../carrier-adapters/sip-t38/t30/errors.ts';
import { ANSWERER_TRANSITIONS } from '../../../../../carrier-adapters/sip-t38/t30/phases/answerer/call.ts';
import { Call } from '../../../../../carrier-adapters/sip-t38/t30/phases/call.ts';
import { CALLER_TRANSITIONS } from '../../../../../carrier-adapters/sip-t38/t30/phases/caller/call.ts';

type State = 'here' | 'there' | 'nowhere';
const call = () => new Call<State>('here', { here: ['there'], there: ['here'], nowhere: [] }, true);

const illegal = (error: unknown) => error instanceof T30Error && error.code === 'illegal_transition';

describe('transitions', () => {
  test('a state may be followed by those of the table, and by the end', () => {
    const it = call();
    it.goto('there');
    assert.equal(it.state, 'there');
    it.disconnect('canceled');
    assert.equal(it.state, 'disconnect');
    it.end(it.outcome);
    assert.equal(it.state, 'over');
  });

  test('any other is our own fault', () => {
    assert.throws(() => call().goto('nowhere'), illegal);
    const leaving = call();
    leaving.disconnect('ok');
    assert.throws(() => leaving.goto('here'), illegal);
    const over = call();
    over.end('ok');
    assert.throws(() => over.goto('over'), illegal);
  });

  test('what was waited for in one state is not waited for in the next', () => {
    const it = call();
    it.alarms.set('limit', 5);
    it.ear.await(3);
    it.alarms.set('call', 9);
    it.goto('there');
    assert.equal(it.alarms.next, 9);
  });

  test('every state of a caller and of an answerer can be come to from the first one', () => {
    for (const table of [CALLER_TRANSITIONS, ANSWERER_TRANSITIONS] as Readonly<Record<string, readonly string[]>>[]) {
      const reached = new Set(['identification']);
      for (const state of reached) for (const next of table[state] ?? []) reached.add(next);
      assert.deepEqual([...reached].sort(), Object.keys(table).sort());
    }
  });
});

describe('transmissions', () => {
  test('the last one that has left says so', () => {
    const it = call();
    it.transmit({ do: 'tone', tone: 'ced' });
    it.say({ fcf: 'DIS', fif: new Uint8Array(3) });
    assert.equal(it.left(), false);
    assert.equal(it.sending, true);
    assert.equal(it.left(), true);
    assert.equal(it.left(), false);
  });

  test('CNG is none: it ends when anything else is asked for', () => {
    const it = call();
    it.transmit({ do: 'tone', tone: 'cng' });
    assert.equal(it.sending, false);
  });

  test('what is stopped does not leave, and is stopped once', () => {
    const it = call();
    it.transmit({ do: 'tone', tone: 'ced' });
    it.hush();
    it.hush();
    assert.equal(it.sending, false);
    assert.deepEqual(
      it.drain().map((output) => (output.type === 'line' ? output.command.do : '')),
      ['tone', 'stop'],
    );
  });

  test('while something is sent no answer is waited for', () => {
    const it = call();
    it.ear.await(100);
    it.say({ fcf: 'DCN', fif: new Uint8Array() });
    assert.equal(it.alarms.next, null);
  });
});
