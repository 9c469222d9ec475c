import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaSource } from '../../../../carrier-adapters/sip-t38/call/source.ts';

const NAMED = { address: '192.0.2.2', port: 30_000 };
const OTHER_PORT = { address: '192.0.2.2', port: 31_000 };
const STRANGER = { address: '198.51.100.9', port: 30_000 };

const isMedia = () => true;

describe('who may send to a media port', () => {
  test('the address that the far side named; its first port stands', () => {
    const source = new MediaSource(NAMED, false);
    assert.equal(source.accepts(STRANGER, isMedia), false);
    assert.equal(source.accepts(OTHER_PORT, isMedia), true);
    assert.equal(source.accepts(NAMED, isMedia), false);
    assert.equal(source.accepts(OTHER_PORT, isMedia), true);
    assert.deepEqual(source.target, NAMED);
  });

  test('a stranger changes nothing before or after', () => {
    const source = new MediaSource(NAMED, false);
    for (let packet = 0; packet < 100; packet++) assert.equal(source.accepts(STRANGER, isMedia), false);
    assert.equal(source.accepts(NAMED, isMedia), true);
    assert.equal(source.accepts(STRANGER, isMedia), false);
    assert.deepEqual(source.target, NAMED);
  });

  test('behind NAT the first sender is taken, once, and is sent to', () => {
    const source = new MediaSource(NAMED, true);
    assert.deepEqual(source.target, NAMED);
    assert.equal(source.accepts(STRANGER, isMedia), true);
    assert.deepEqual(source.target, STRANGER);
    assert.equal(source.accepts(NAMED, isMedia), false);
    assert.deepEqual(source.target, STRANGER);
  });

  test('what cannot be media decides nothing', () => {
    const source = new MediaSource(NAMED, true);
    assert.equal(
      source.accepts(STRANGER, () => false),
      false,
    );
    assert.equal(source.accepts(NAMED, isMedia), true);
    assert.deepEqual(source.target, NAMED);
  });

  test('a far side that names no address is sent to when it has been heard', () => {
    const source = new MediaSource(null, false);
    assert.equal(source.target, null);
    assert.equal(source.accepts(STRANGER, isMedia), true);
    assert.deepEqual(source.target, STRANGER);
  });
});
