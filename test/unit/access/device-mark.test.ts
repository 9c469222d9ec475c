import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceMark } from '../../../gateway/access/login.ts';
import type { UserId } from '../../../gateway/fax/ids.ts';

test('the mark of a device is one for each user, key and name, and tells none of them', () => {
  const [anna, ben] = ['usr_anna' as UserId, 'usr_ben' as UserId];
  const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const mark = deviceMark(key, anna, 'laptop of Anna');
  assert.match(mark ?? '', /^[A-Za-z0-9_-]{22}$/);
  assert.equal(deviceMark(key, anna, 'laptop of Anna'), mark);
  const others = [
    deviceMark(key, ben, 'laptop of Anna'),
    deviceMark(other, anna, 'laptop of Anna'),
    deviceMark(key, anna, 'x'),
  ];
  assert.equal(new Set([mark, ...others]).size, 4);
  assert.equal(deviceMark(key, anna, ''), undefined);
});
